"""The command `caseledger`: one module a command."""
