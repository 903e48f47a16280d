"""Ask the witnesses to cosign: behind the sealing, which never waits for them, and again if they are away.

A witness that has cosigned another past than this ledger's says so to an operator, loudly; it stops nothing.
An outsider's word must not be able to end the sealing, and this ledger's own is what it contradicts.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import httpx
import structlog
from msgspec import Struct

from services.evidence import keys, note, witnessing
from services.evidence.errors import EvidenceError
from services.evidence.keys import TIMED, Verifier
from services.ledger.absence import AWAY
from services.ledger.anchorage import Anchorage
from services.ledger.tree import Sealed, Tree
from services.runtime import answered
from services.runtime.answered import Answered, TooLong
from services.runtime.clock import Clock
from services.runtime.health import Health
from services.runtime.logs import named
from services.runtime.moment import Watermark
from services.runtime.settings import SettingsError

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

ASK_EVERY: Final = 5.0  # seconds between two questions to a witness, at least
RETRY: Final = 30.0  # seconds before one that was away, or refused, is asked again
PATIENCE: Final = 10.0  # seconds for a whole answer
MOST_BYTES: Final = 100_000  # of an answer
ROUNDS: Final = 3  # in which a witness and the ledger find the size that both know
MOST_DIGITS: Final = 19  # of a size
CONFLICT: Final = 409
INCONSISTENT: Final = 422
UNKNOWN: Final = (403, 404)


class Witness(Struct, frozen=True):
    """Where a witness is asked, and the key that its cosignatures are checked with."""

    key: Verifier
    url: str


class Unusable(Exception):
    """A witness answers what is of no use; `args[0]` completes a sentence about it."""


class Contradicts(Unusable):
    """A witness has cosigned what this ledger is not."""


class _State(Struct, frozen=True):
    """What is known of a witness, for an operator."""

    said: str = "is not asked yet"
    well: bool = True


class Witnesses:
    """One task for each witness. A process that does not seal has nothing to ask."""

    def __init__(  # noqa: PLR0913 - whom it asks, about what, by keyword
        self,
        *,
        witnesses: Sequence[Witness],
        http: httpx.AsyncClient,
        tree: Tree,
        anchorage: Anchorage,
        sealed: Watermark,
        clock: Clock,
    ) -> None:
        self._http = http
        self._tree = tree
        self._anchorage = anchorage
        self._sealed = sealed
        self._clock = clock
        self._states = {witness: _State() for witness in witnesses}

    async def run(self) -> None:
        """Ask until cancelled."""
        async with asyncio.TaskGroup() as asking:
            for witness in self._states:
                asking.create_task(self._follow(witness), name=f"witness {witness.key.name}")

    async def check(self) -> Health:
        """What each witness says; one that does not cosign is a warning, for nothing waits for it."""
        said = (f"{witness.key.name} {state.said}" for witness, state in self._states.items())
        well = all(state.well for state in self._states.values())
        return Health(ok=True, detail="; ".join(said), warning=not well)

    async def _follow(self, witness: Witness) -> None:
        wanted = 1  # at first whatever is sealed: also of what is not new, a witness may know otherwise
        while True:
            await self._sealed.wait_for(wanted)
            state, size = await self._state_after(witness)
            self._states[witness] = state
            wanted = max(wanted, size + 1) if state.well else wanted
            await asyncio.sleep(ASK_EVERY if state.well else RETRY)

    async def _state_after(self, witness: Witness) -> tuple[_State, int]:
        """Ask once, whatever comes of it: how the witness is, and what it has cosigned now."""
        name = witness.key.name
        try:
            size = await self._ask(witness)
        except Contradicts as error:
            log.error("witness.contradicts", name=name, reason=str(error))  # noqa: TRY400 - no defect of ours
            return _State(f"CONTRADICTS this ledger: it {error}", well=False), 0
        except Unusable as error:
            log.warning("witness.unusable", name=name, reason=str(error), retry_in=RETRY)
            return _State(f"{error}; it is asked again", well=False), 0
        except (httpx.HTTPError, *AWAY) as error:
            log.warning("witness.away", name=name, error=named(error), retry_in=RETRY)
            return _State(f"is not reached ({named(error)}); it is asked again", well=False), 0
        except Exception as error:  # whatever an outsider brings about, it does not end the ledger
            log.exception("witness.failed", name=name)
            return _State(f"could not be asked ({named(error)}); it is asked again", well=False), 0
        return _State(f"has cosigned {size} events"), size

    async def _ask(self, witness: Witness) -> int:
        """Have the last checkpoint cosigned; gives its size."""
        old = await self._anchorage.last_cosigned(witness.key)
        for _ in range(ROUNDS):
            sealed = await self._last()
            if old > sealed.size:
                raise Contradicts(f"has cosigned {old} events, and the tree has {sealed.size}")
            status, said = await self._post(witness.url, old, sealed)
            if status == httpx.codes.OK:
                await self._keep(witness.key, sealed, said)
                return sealed.size
            old = _size_after(status, said, old, sealed.size)
        raise Unusable("names another size each time")

    async def _last(self) -> Sealed:
        last = await self._tree.last()
        if last is None:
            raise Unusable("is not asked: nothing is sealed")
        return last

    async def _post(self, url: str, old: int, sealed: Sealed) -> Answered:
        body = witnessing.write(old, await self._tree.consistency(old, sealed.size), sealed.note.encode())
        try:
            return await answered.post(
                self._http, url, content=body, headers={}, patience=PATIENCE, most=MOST_BYTES
            )
        except TooLong:
            raise Unusable("answers without end") from None

    async def _keep(self, key: Verifier, sealed: Sealed, said: bytes) -> None:
        text = note.parse(sealed.note.encode()).text
        try:
            made = [each for each in note.parse_lines(said.decode()) if key.made(each)]
            for each in made:
                key.check(text, each)
        except (EvidenceError, UnicodeDecodeError) as error:
            raise Unusable(f"answers with what is no cosignature: {error}") from None
        if not made:
            raise Unusable(f"cosigns with another key than {key.name}+{key.key_id.hex()}")
        await self._anchorage.put_cosignature(sealed.size, key, made[0].line, self._clock.now())


def parse(written: str, origin: str) -> list[Witness]:
    """Read pairs of a verifier key and a URL, with white space between; raises `SettingsError`."""
    words = written.split()
    if len(words) % 2:
        raise SettingsError(
            ["CASELEDGER_WITNESSES cannot be used: write pairs, <verifier key> <url>; one has no other half."]
        )
    try:
        found = [
            Witness(keys.read_verifier(key), url.rstrip("/") + "/add-checkpoint")
            for key, url in zip(words[::2], words[1::2], strict=True)
        ]
    except EvidenceError as error:
        raise SettingsError(
            [f"CASELEDGER_WITNESSES cannot be used ({error}): write pairs, <verifier key> <url>."]
        ) from None
    for witness in found:
        if witness.key.algorithm not in TIMED or witness.key.name == origin:
            raise SettingsError([f"CASELEDGER_WITNESSES: the key of {witness.key.name} is no witness's."])
        if not _can_be_asked(witness.url):
            raise SettingsError([f"CASELEDGER_WITNESSES: give {witness.key.name} an http or https URL."])
    return found


def _can_be_asked(url: str) -> bool:
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parts.scheme in ("http", "https") and bool(parts.host)


def _size_after(status: int, said: bytes, old: int, size: int) -> int:
    """From which size to ask again, after an answer that is no cosignature; else raises why not."""
    if status == CONFLICT:
        known = said.strip()
        if not known.isdigit() or len(known) > MOST_DIGITS:
            raise Unusable("answers 409 without a size")
        if int(known) != old:
            return int(known)
        if old == size:
            raise Contradicts(f"has cosigned another tree of {size} events")
        raise Unusable("answers 409 with the size that it was given")
    if status == INCONSISTENT:
        raise Contradicts(f"has cosigned {old} events that do not begin the tree of {size}")
    if status in UNKNOWN:
        raise Unusable(
            f"does not know this ledger's keys (it answers {status}); give it those of GET /v1/key"
        )
    raise Unusable(f"answers {status}")
