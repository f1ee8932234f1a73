"""Rules for other programs, and what cannot be said in their languages."""
