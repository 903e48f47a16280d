"""All that is true of casework: pure functions and frozen values, without I/O, clock or environment."""
