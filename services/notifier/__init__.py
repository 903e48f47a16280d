"""The notifier: climbs the ladder through the ledger, and tells whoever is due to be told."""
