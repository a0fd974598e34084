"""Constructs hostile files, one module per format. `FILES` maps the name of a file to the function that returns it."""
