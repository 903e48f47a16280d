"""The notifier's statements, one a file."""
