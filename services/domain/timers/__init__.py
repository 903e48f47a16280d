"""Timers: what starts, meets and ends them, from the facts of one case, family by family."""
