"""One statement a file, its binds and its failures on top."""
