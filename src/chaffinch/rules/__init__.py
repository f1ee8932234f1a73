"""The traditional approach: rules that people write, test, weigh and share."""
