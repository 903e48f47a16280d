"""The schema `keys`: its migrations, in order; it may live in a database of its own."""
