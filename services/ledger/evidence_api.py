"""The evidence on HTTP: the checkpoint, the keys, the tiles, and proofs made from them."""

from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter, PathParameter, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from services.evidence import proofs, tiles
from services.evidence.errors import BadTile
from services.evidence.keyring import Keyring
from services.evidence.merkle import Node
from services.evidence.note import b64
from services.ledger.reading import MOST, ON_AWAY
from services.ledger.tree import Sealed, Tree
from services.runtime import problems
from services.runtime.problems import NOT_FOUND, UNAVAILABLE, Problem

TEXT: Final = "text/plain"
BYTES: Final = "application/octet-stream"
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


class Evidence:
    """What the evidence's routes answer from; `keyring` is None where the ledger signs nothing."""

    def __init__(self, tree: Tree, keyring: Keyring | None) -> None:
        self._tree = tree
        self._keyring = keyring

    async def checkpoint(self) -> Response[str]:
        """The last checkpoint, a signed note."""
        return Response((await self._last()).note, media_type=TEXT, headers=FOR_NOW)

    def key(self) -> Response[str]:
        """The verifier keys, one a line."""
        if self._keyring is None:
            raise Problem(NOT_FOUND, "This ledger has no signing key, so it signs nothing.")
        return Response(
            "".join(f"{key}\n" for key in self._keyring.verifiers), media_type=TEXT, headers=FOR_NOW
        )

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
        read = await self._tree.reader(proofs.nodes_in(proofs.consistency_spans(first, whole)), whole)
        return Consistency(first, whole, [b64(step) for step in proofs.consistency(first, whole, read)])

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

    @get("/v1/checkpoint", responses=text, exception_handlers=ON_AWAY)
    async def read_checkpoint() -> Response[str]:
        """Give the last checkpoint: a signed note (C2SP tlog-checkpoint)."""
        return await evidence.checkpoint()

    @get("/v1/key", responses=text, sync_to_thread=False)
    def read_key() -> Response[str]:
        """Give the verifier keys, one a line (C2SP signed-note)."""
        return evidence.key()

    @get("/v1/tile/{tile:path}", responses=octets, exception_handlers=ON_AWAY)
    async def read_tile(tile: TilePath) -> Response[Any]:
        """Give a tile of the sealed tree: `tile/<L>/<N>[.p/<W>]` (C2SP tlog-tiles)."""
        return await evidence.tile(f"tile{tile}")

    @get("/v1/proof/inclusion", responses=faults, exception_handlers=ON_AWAY)
    async def prove_inclusion(position: Position, size: Size = None) -> Inclusion:
        """Prove that an event is in the tree (RFC 6962, 2.1.1)."""
        return await evidence.inclusion(position, size)

    @get("/v1/proof/consistency", responses=faults, exception_handlers=ON_AWAY)
    async def prove_consistency(first: From, second: To = None) -> Consistency:
        """Prove that one tree begins another (RFC 6962, 2.1.2)."""
        return await evidence.consistency(first, second)

    return [read_checkpoint, read_key, read_tile, prove_inclusion, prove_consistency]
