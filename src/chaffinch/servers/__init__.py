"""In the mail's way: doors that translate what mail programs speak to the predictor."""
