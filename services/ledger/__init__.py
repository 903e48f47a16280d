"""The ledger: admits events, keeps them in one order without holes, and publishes them."""
