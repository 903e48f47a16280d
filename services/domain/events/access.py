"""Access: the keys with which client systems post and read, issued and revoked in the office's stream."""

from datetime import datetime
from typing import Annotated, ClassVar

from msgspec import Meta, field

from services.domain.events.shape import END, Actor, Event
from services.domain.principal import Role

KeyId = Annotated[
    str,
    Meta(pattern=r"^[a-z0-9]{4,32}" + END, description="The part of a key by which it is known; no secret."),
]
TypeName = Annotated[str, Meta(pattern=r"^[A-Z][A-Za-z0-9]{0,63}" + END)]


class ApiKeyIssued(Event, frozen=True, kw_only=True):
    """A key was issued to a client system. What is kept of it is a hash of 256 random bits."""

    TYPE: ClassVar[str] = "ApiKeyIssued"

    key_id: KeyId
    sha256: Annotated[
        str, Meta(pattern=r"^[0-9a-f]{64}" + END, description="SHA-256 of the whole key, in hexadecimal.")
    ]
    client: Annotated[Actor, Meta(description="The client system: the `actor` of what it posts.")]
    roles: Annotated[tuple[Role, ...], Meta(max_length=16, description="What it may be.")]
    source: (
        Annotated[
            str,
            Meta(
                pattern=r"^[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+" + END,
                max_length=200,
                description="The only `source` that its events may carry; without it, any.",
            ),
        ]
        | None
    ) = None
    types: (
        Annotated[
            tuple[TypeName, ...],
            Meta(max_length=500, description="The only types that it may post."),
        ]
        | None
    ) = None
    expires_at: (
        Annotated[datetime, Meta(tz=True, description="The instant from which it counts no more.")] | None
    ) = None
    replaces: Annotated[
        KeyId | None, Meta(description="The key whose place it takes, once that one is revoked.")
    ] = None


class ApiKeyRevoked(Event, frozen=True, kw_only=True):
    """A key counts no more, from an instant on."""

    TYPE: ClassVar[str] = "ApiKeyRevoked"

    key_id: KeyId
    from_: (
        Annotated[
            datetime,
            Meta(tz=True, description="From when on, if not from its recording: so that two keys overlap."),
        ]
        | None
    ) = field(default=None, name="from")


AccessEvent = ApiKeyIssued | ApiKeyRevoked
