"""The notifier's schema, a file a step."""
