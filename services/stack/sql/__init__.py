"""The stack's statements, one a file."""
