"""Plumbing that every service stands on and that knows nothing of cases."""
