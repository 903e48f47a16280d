"""What settings say of the share that one client may take of a service; `limits` keeps to it."""

from typing import Annotated

from msgspec import Meta

RateLimit = Annotated[
    int, Meta(ge=0, description="requests a second that one client may send, 0 for any number")
]
StreamLimit = Annotated[
    int, Meta(ge=1, description="replays and live tails that one client may have at once")
]
