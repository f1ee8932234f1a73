"""Readers turn raw bytes into content; all hostile input stops here."""
