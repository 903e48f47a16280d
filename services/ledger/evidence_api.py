"""The evidence on HTTP: the checkpoint, the keys, the tiles, and proofs made from them."""

from datetime import datetime
from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter, PathParameter, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from services.domain.policy import Action
from services.evidence import proofs, tiles
from services.evidence.errors import BadTile
from services.evidence.merkle import Node
from services.evidence.note import b64
from services.ledger.anchorage import Anchorage
from services.ledger.reading import MOST, ON_AWAY
from services.ledger.signing import Keys
from services.ledger.tree import Sealed, Tree
from services.runtime import problems
from services.runtime.problems import NOT_FOUND, UNAVAILABLE, Problem

TEXT: Final = "text/plain"
BYTES: Final = "application/octet-stream"
TIMESTAMP: Final = "application/timestamp-reply"
FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
FOR_NOW: Final = {"Cache-Control": "no-cache"}

TilePath = Annotated[str, PathParameter(description="`<L>/<N>`, and `.p/<W>` for a partial tile.")]
Position = Annotated[int, Parameter(ge=1, le=MOST, description="The position of an event.")]
Size = Annotated[
    int | None, Parameter(ge=1, le=MOST, description="Of the tree: how many events; by default all sealed.")
]
From = Annotated[int, QueryParameter(name="from", ge=0, le=MOST, description="The size of the earlier tree.")]
To = Annotated[
    int | None, QueryParameter(name="to", ge=1, le=MOST, description="Of the later; by default the last.")
]

CheckpointSize = Annotated[int, PathParameter(ge=1, le=MOST, description="How many events it is of.")]
Witnesses = Annotated[
    int, QueryParameter(ge=0, le=64, description="The last that so many witnesses have cosigned.")
]
After = Annotated[int, QueryParameter(ge=0, le=MOST, description="Only those of more events.")]
MOST_LISTED: Final = 1_000


class Inclusion(Struct):
    """The audit path of an event in the tree of `size` events; hashes in base64."""

    position: int
    size: int
    leaf: str
    path: list[str]


class Consistency(Struct):
    """The proof that one tree begins another; hashes in base64."""

    first: int
    second: int
    proof: list[str]


class TimeStamp(Struct):
    """A checkpoint that was time-stamped, and the time that the authority named."""

    size: int
    time: datetime


class TimeStamps(Struct):
    """Time-stamped checkpoints in order, at most 1,000."""

    timestamps: list[TimeStamp]


class Evidence:
    """What the evidence's routes answer from; `keys` is None where the ledger signs nothing."""

    def __init__(self, tree: Tree, anchorage: Anchorage, keys: Keys | None) -> None:
        self._tree = tree
        self._anchorage = anchorage
        self._keys = keys

    async def checkpoint(self, witnesses: int) -> Response[str]:
        """The last checkpoint, a signed note; the last that so many witnesses have cosigned."""
        found = await self._anchorage.cosigned_by(witnesses) if witnesses else await self._last()
        if found is None:
            raise Problem(NOT_FOUND, f"No checkpoint is cosigned by {witnesses} witnesses yet.")
        return await self._whole(found)

    async def checkpoint_of(self, size: int) -> Response[str]:
        """The checkpoint of just this size."""
        found = await self._tree.checkpoint(size)
        if found is None:
            raise Problem(NOT_FOUND, f"There is no checkpoint of just {size} events.")
        return await self._whole(found)

    async def stamp(self, size: int) -> Response[bytes]:
        """The time stamp of a checkpoint."""
        found = await self._anchorage.stamp(size)
        if found is None:
            raise Problem(NOT_FOUND, f"The checkpoint of {size} events has no time stamp.")
        return Response(found, media_type=TIMESTAMP, headers=FOR_EVER)

    async def stamps(self, after: int) -> TimeStamps:
        """Which checkpoints have one."""
        found = await self._anchorage.stamps(after, MOST_LISTED)
        return TimeStamps([TimeStamp(each.size, each.time) for each in found])

    def key(self) -> Response[str]:
        """The verifier keys, one a line."""
        if self._keys is None:
            raise Problem(NOT_FOUND, "This ledger has no signing key, so it signs nothing.")
        return Response("".join(f"{key}\n" for key in self._keys.verifiers), media_type=TEXT, headers=FOR_NOW)

    async def tile(self, path: str) -> Response[bytes]:
        """A tile of the sealed tree."""
        try:
            tile = tiles.parse_path(path)
        except BadTile as error:
            raise Problem(NOT_FOUND, str(error)) from None
        if not tiles.stands(tile, (await self._last()).size):
            raise Problem(NOT_FOUND, "The sealed tree has no such tile.")
        found = await self._tree.tiles([tile])
        return Response(
            tiles.encode(tiles.decode(tile, found.get(tile, b""))), media_type=BYTES, headers=FOR_EVER
        )

    async def inclusion(self, position: int, size: int | None) -> Inclusion:
        """The proof that an event is in the tree."""
        whole = await self._size(size)
        if position > whole:
            raise Problem(NOT_FOUND, f"The tree of {whole} events has none at position {position}.")
        index = position - 1
        nodes = [Node(0, index), *proofs.nodes_in(proofs.inclusion_spans(index, whole))]
        read = await self._tree.reader(nodes, whole)
        path = proofs.inclusion(index, whole, read)
        return Inclusion(position, whole, b64(read([Node(0, index)])[0]), [b64(step) for step in path])

    async def consistency(self, first: int, second: int | None) -> Consistency:
        """The proof that one tree begins another."""
        whole = await self._size(second)
        if first > whole:
            raise Problem(NOT_FOUND, f"A tree of {first} events cannot begin one of {whole}.")
        return Consistency(first, whole, [b64(step) for step in await self._tree.consistency(first, whole)])

    async def _whole(self, sealed: Sealed) -> Response[str]:
        return Response(await self._anchorage.whole(sealed), media_type=TEXT, headers=FOR_NOW)

    async def _last(self) -> Sealed:
        last = await self._tree.last()
        if last is None:
            raise Problem(NOT_FOUND, "Nothing is sealed yet.")
        return last

    async def _size(self, size: int | None) -> int:
        sealed = (await self._last()).size
        if size is not None and size > sealed:
            raise Problem(NOT_FOUND, f"The sealed tree has {sealed} events; there is none of {size} yet.")
        return sealed if size is None else size


def routes(evidence: Evidence) -> list[ControllerRouterHandler]:
    """The routes of the evidence."""
    faults = problems.responses(NOT_FOUND, UNAVAILABLE)
    text = {**faults, 200: ResponseSpec(str, media_type=TEXT, generate_examples=False)}
    octets = {**faults, 200: ResponseSpec(bytes, media_type=BYTES, generate_examples=False)}

    stamps = {**faults, 200: ResponseSpec(bytes, media_type=TIMESTAMP, generate_examples=False)}

    @get("/v1/checkpoint", opt={"action": Action.READ_EVIDENCE}, responses=text, exception_handlers=ON_AWAY)
    async def read_checkpoint(witnesses: Witnesses = 0) -> Response[str]:
        """Give the last checkpoint: a signed note (C2SP tlog-checkpoint), with its cosignatures."""
        return await evidence.checkpoint(witnesses)

    @get(
        "/v1/checkpoints/{size:int}",
        opt={"action": Action.READ_EVIDENCE},
        responses=text,
        exception_handlers=ON_AWAY,
    )
    async def read_checkpoint_of_size(size: CheckpointSize) -> Response[str]:
        """Give the checkpoint of just this size, with its cosignatures."""
        return await evidence.checkpoint_of(size)

    @get("/v1/timestamps", opt={"action": Action.READ_EVIDENCE}, responses=faults, exception_handlers=ON_AWAY)
    async def list_timestamps(after: After = 0) -> TimeStamps:
        """List the checkpoints that were time-stamped, in order."""
        return await evidence.stamps(after)

    @get(
        "/v1/timestamps/{size:int}",
        opt={"action": Action.READ_EVIDENCE},
        responses=stamps,
        exception_handlers=ON_AWAY,
    )
    async def read_timestamp(size: CheckpointSize) -> Response[bytes]:
        """Give the time stamp of a checkpoint: a TimeStampResp in DER (RFC 3161)."""
        return await evidence.stamp(size)

    @get("/v1/key", opt={"action": Action.READ_EVIDENCE}, responses=text, sync_to_thread=False)
    def read_key() -> Response[str]:
        """Give the verifier keys, one a line (C2SP signed-note)."""
        return evidence.key()

    @get(
        "/v1/tile/{tile:path}",
        opt={"action": Action.READ_EVIDENCE},
        responses=octets,
        exception_handlers=ON_AWAY,
    )
    async def read_tile(tile: TilePath) -> Response[Any]:
        """Give a tile of the sealed tree: `tile/<L>/<N>[.p/<W>]` (C2SP tlog-tiles)."""
        return await evidence.tile(f"tile{tile}")

    @get(
        "/v1/proof/inclusion",
        opt={"action": Action.READ_EVIDENCE},
        responses=faults,
        exception_handlers=ON_AWAY,
    )
    async def prove_inclusion(position: Position, size: Size = None) -> Inclusion:
        """Prove that an event is in the tree (RFC 6962, 2.1.1)."""
        return await evidence.inclusion(position, size)

    @get(
        "/v1/proof/consistency",
        opt={"action": Action.READ_EVIDENCE},
        responses=faults,
        exception_handlers=ON_AWAY,
    )
    async def prove_consistency(first: From, second: To = None) -> Consistency:
        """Prove that one tree begins another (RFC 6962, 2.1.2)."""
        return await evidence.consistency(first, second)

    return [
        read_checkpoint,
        read_checkpoint_of_size,
        list_timestamps,
        read_timestamp,
        read_key,
        read_tile,
        prove_inclusion,
        prove_consistency,
    ]
