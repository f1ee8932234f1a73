"""The learning path: study → train → evaluate → launch → adapt, one verb a file."""
