"""The ledger's schema, in the order in which it came to be."""
