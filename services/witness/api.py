"""The witness on HTTP: `POST /add-checkpoint`, as C2SP tlog-witness has it, and its verifier keys."""

from typing import Any, Final

import structlog
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ControllerRouterHandler

from services.domain.policy import Action
from services.evidence import witnessing
from services.evidence.errors import EvidenceError
from services.evidence.witnessing import Forked, Inconsistent, Malformed, NotSigned, OtherSize, UnknownOrigin
from services.runtime import problems
from services.runtime.clock import Clock
from services.runtime.problems import INVALID_REQUEST, NOT_FOUND, Kind, Problem
from services.witness.directory import Directory

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

TEXT: Final = "text/plain"
SIZE: Final = "text/x.tlog.size"
CONFLICT: Final = 409

CHECKPOINT_NOT_SIGNED: Final = Kind(
    "checkpoint-not-signed",
    "No known key signed the checkpoint",
    403,
    "Give the witness the verifier keys with which the ledger signs now.",
)
INCONSISTENT_TREE: Final = Kind(
    "inconsistent-tree",
    "The tree did not grow from the one that was cosigned last",
    422,
    "Prove it from the size that the witness cosigned last. If that fails too, the ledger was changed.",
)
KINDS: Final[dict[type[EvidenceError], Kind]] = {
    Malformed: INVALID_REQUEST,
    UnknownOrigin: NOT_FOUND,
    NotSigned: CHECKPOINT_NOT_SIGNED,
    Inconsistent: INCONSISTENT_TREE,
}


def routes(directory: Directory, clock: Clock) -> list[ControllerRouterHandler]:
    """The routes of a witness."""
    answers = {
        **problems.responses(*KINDS.values()),
        200: ResponseSpec(str, media_type=TEXT, generate_examples=False, description="The cosignatures"),
        CONFLICT: ResponseSpec(
            str, media_type=SIZE, generate_examples=False, description="The size that was cosigned last"
        ),
    }

    @post("/add-checkpoint", opt={"action": Action.PUBLIC}, status_code=200, responses=answers)
    async def add_checkpoint(request: Request[Any, Any, Any]) -> Response[str]:
        """Cosign a checkpoint that grew from the last one (C2SP tlog-witness)."""
        return _cosign(await request.body(), directory, clock)

    @get("/v1/key", opt={"action": Action.PUBLIC}, sync_to_thread=False)
    def read_key() -> Response[str]:
        """Give the witness's verifier keys, one a line (C2SP signed-note)."""
        return Response("".join(f"{each.verifier}\n" for each in directory.signers), media_type=TEXT)

    return [add_checkpoint, read_key]


def _cosign(body: bytes, directory: Directory, clock: Clock) -> Response[str]:
    """Judge, keep, answer. Nothing is awaited in it: no other request comes between."""
    try:
        asked = witnessing.read(body)
        witnessing.judge(asked, directory.ledgers, directory.last(asked.head.origin))
    except EvidenceError as error:
        return _refuse(error, body, directory)
    time = int(clock.now().timestamp())
    made = [signer.sign(asked.note.text, time) for signer in directory.signers]
    directory.keep(asked.head, asked.note.and_signed(made))
    # A crash here leaves a cosignature that nobody has: the ledger is told the size, and asks for it again.
    log.info("witness.cosigned", origin=asked.head.origin, size=asked.head.size)
    return Response("".join(each.line for each in made), media_type=TEXT)


def _refuse(error: EvidenceError, body: bytes, directory: Directory) -> Response[str]:
    if not isinstance(error, OtherSize):
        log.warning("witness.refused", reason=type(error).__name__)
        raise Problem(KINDS[type(error)], str(error)) from None
    if isinstance(error, Forked):
        asked = witnessing.read(body)
        log.error("witness.forked", origin=asked.head.origin, size=error.size)
        directory.keep_fork(asked.head, asked.note)
    return Response(f"{error.size}\n", status_code=CONFLICT, media_type=SIZE)
