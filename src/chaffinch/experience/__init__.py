"""E: items, the flags people gave them, the verdicts on them, models and launches."""
