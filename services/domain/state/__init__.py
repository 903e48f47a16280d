"""What the facts of a case come to: each family's objects, worked out from all of its facts at once."""
