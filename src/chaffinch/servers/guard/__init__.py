"""Guards mailboxes, wherever they lie: judges new mail, moves junk, learns from what people do."""
