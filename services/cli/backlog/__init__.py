"""A backlog: the history that an authority brings along, in a file, to be recorded in one go."""
