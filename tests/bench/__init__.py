"""Measures what the project promises about speed and memory: `python -m tests.bench`, run by `make bench`."""
