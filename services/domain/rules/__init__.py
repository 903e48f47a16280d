"""The rules of facts: what cannot be true beside the other facts of its case, and what deserves a flag."""
