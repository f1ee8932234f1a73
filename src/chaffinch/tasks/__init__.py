"""The tasks: each a reader, features, hand-written rules and a ladder of models."""
