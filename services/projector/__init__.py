"""The projector: keeps read models of the ledger, each a pure function of one case's history."""
