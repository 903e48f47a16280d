"""The ledger's statements, one a file."""
