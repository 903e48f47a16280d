"""Open what is sealed in a stream's documents, for one answer: nowhere else is anything personal in clear.

Whether the key still exists is asked of the database each time, and whether the ledger has the case erased:
a backup of the keys that was restored opens nothing. That somebody looks is recorded after everything could
be opened and before any of it is shown.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import structlog
from msgspec import Struct, json

from services.domain.event import whole
from services.ledger.answers import ERASED, RETRY_AFTER
from services.ledger.datakey import DataKey, Unopenable, bound
from services.ledger.datakeys import DataKeys, Destroyed
from services.ledger.viewer import Viewer
from services.ledger.wrapping import CannotUnwrap, KeyAway
from services.runtime.problems import INTERNAL_ERROR, UNAVAILABLE, Problem

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

NO_KEY: Final = "The key of the case cannot be had; nothing was opened."
CHANGED: Final = "What is sealed in version {version} does not open: `caseledger verify` says what changed."


RecordLook = Callable[[Viewer, str, frozenset[str], tuple[int, ...]], Awaitable[object]]
"""Who looks, at which stream, at which fields, such as `ContactReceived.summary`, of which versions. When it
returns, that is on disk; raises `Problem` if not."""

ErasedAt = Callable[[str], Awaitable[datetime | None]]
"""Since when a stream is erased by what the ledger recorded, whatever the keys say."""


class _Sealed(Struct):
    id: str
    source: str
    type: str
    caseversion: int
    sealed: str | None = None


_documents = json.Decoder(_Sealed)
_personal = json.Decoder(dict[str, object])


class Unsealing:
    """Opens a stream's documents; `record_look` is told of each opening before its answer goes out."""

    def __init__(self, keys: DataKeys, erased_at: ErasedAt, record_look: RecordLook) -> None:
        self._keys = keys
        self._erased_at = erased_at
        self._record_look = record_look

    async def open(self, stream: str, documents: Sequence[str], viewer: Viewer) -> list[str]:
        """The documents whole, none of them with `sealed`; raises `Problem` if one cannot be opened."""
        key = await self._key_of(stream)
        sealed = [_documents.decode(document) for document in documents]
        opened = [_open(stream, each, key) if each.sealed else None for each in sealed]
        shown = [(each, part) for each, part in zip(sealed, opened, strict=True) if part is not None]
        if shown:
            fields = frozenset(
                f"{each.type}.{name}" for each, part in shown for name in _personal.decode(part)
            )
            versions = tuple(each.caseversion for each, _ in shown)
            await self._record_look(viewer, stream, fields, versions)
        both = zip(documents, opened, strict=True)
        return [document if part is None else whole(document, part).decode() for document, part in both]

    async def _key_of(self, stream: str) -> DataKey | None:
        try:
            key = await self._keys.find(stream)
        except (KeyAway, CannotUnwrap) as error:
            log.warning("keys.away", reason=str(error))
            raise Problem(UNAVAILABLE, NO_KEY, headers=RETRY_AFTER) from None
        at = key.at if isinstance(key, Destroyed) else await self._erased_at(stream)
        if at is not None:
            raise Problem(ERASED, erased_at=at)
        return key if isinstance(key, DataKey) else None


def _open(stream: str, each: _Sealed, key: DataKey | None) -> bytes:
    if key is None:
        log.error("keys.missing", stream=stream)
        raise Problem(UNAVAILABLE, NO_KEY, headers=RETRY_AFTER)
    try:
        return key.open(each.sealed or "", bound(stream, each.source, each.id, each.type))
    except Unopenable:
        log.error("event.unopenable", stream=stream)  # noqa: TRY400 - what it is bound to is no defect in a line
        raise Problem(INTERNAL_ERROR, CHANGED.format(version=each.caseversion)) from None
