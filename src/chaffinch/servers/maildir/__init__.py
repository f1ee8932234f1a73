"""Guards a Maildir on this machine: judges, moves junk, learns from moves."""
