"""One module per format; no format imports another."""
