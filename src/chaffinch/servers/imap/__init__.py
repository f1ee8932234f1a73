"""Guards mailboxes on IMAP servers that belong to others: judges, moves junk, learns from moves."""
