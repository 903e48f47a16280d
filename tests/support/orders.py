"""Facts in either order of recording: what contradicts each other is refused whichever comes last."""

from tests.support.casework import Post, given


def contradicting(rule: str, *posts: Post) -> None:
    """Whichever is posted last is refused: the rule looks at what the facts say, not at their order."""
    for last, post in enumerate(posts):
        given(*posts[:last], *posts[last + 1 :]).when(post).then_refused(rule)


def agreeing(*posts: Post) -> None:
    """They are admitted, in this order and in the reverse."""
    given(*posts)
    given(*reversed(posts))
