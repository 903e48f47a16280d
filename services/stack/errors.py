"""What can go wrong with the stack, said so that the reader knows what to do next."""


class StackError(Exception):
    """The stack cannot start, or cannot go on; the message says what to do."""
