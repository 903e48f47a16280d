"""The case ledger: three services and what they stand on."""
