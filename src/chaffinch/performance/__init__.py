"""Performance P: what was measured, how sure we are of it, and how to see it."""
