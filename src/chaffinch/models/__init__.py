"""The ladder's models: learners for the request path, and scikit-learn estimators round them."""
