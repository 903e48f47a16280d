"""One sentence for each event, by family; each names roles, codes, accounts and dates, and nobody."""
