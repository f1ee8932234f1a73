"""Speech from free synthesisers, to train on: what is said, how, and by which voices."""
