"""Who asks, and whether they may: bearer tokens, the principals behind them, a permission for every route."""
