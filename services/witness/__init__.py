"""A witness: another team's word that a ledger has only grown. It shares no server with any ledger."""
