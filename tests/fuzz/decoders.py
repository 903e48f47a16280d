"""Every decoder that is given what others wrote: what it may answer, and what it may refuse it with.

A decoder is fed bytes. It returns, and what it returned keeps its laws; or it raises one of its refusals.
Whatever else it does is a defect.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.cli.backlog import lines
from services.cli.evidence import checking
from services.domain import event, personal
from services.domain.errors import UnknownEventType
from services.domain.event import CaseVersion
from services.evidence import (
    archive,
    bundle,
    keyring,
    keys,
    note,
    receipt,
    tiles,
    timestamp,
    treehead,
    witnessing,
)
from services.evidence.errors import EvidenceError
from services.evidence.receipt import Entry, Promise
from services.ledger import conditions, posting, wrapping
from services.ledger.datakey import NONCE_BYTES, VERSION, DataKey, Unopenable, bound
from services.ledger.wrapping import BadKeyEncryptionKey
from services.projector import cursor
from services.projector.cursor import NotACursor
from services.runtime import client, instants, settings
from services.runtime.identity import authentication, credentials_file, token
from services.runtime.identity.credentials_file import BadCredentials
from services.runtime.problems import Problem
from services.runtime.settings import SettingsError
from services.stack.settings import Settings
from tests.fuzz import people
from tests.support import bundles, trees
from tests.support.samples import SAMPLES
from tests.support.time_authority import TimeAuthority

NOON: Final = datetime(2018, 3, 29, 12, tzinfo=UTC)
AUTHORITY: Final = TimeAuthority()
TRUSTED: Final = timestamp.read_authority(AUTHORITY.certificates)
STAMPED: Final = b"stamped"
PROMISE: Final = receipt.promise([[Entry(7, bytes(32))], [Entry(8, bytes(32))]], trees.LEDGER)[1]
TOKEN: Final = f"cl_front-door_{'A' * 43}"
BOUND: Final = bound("case-1", "/fuzz", "id-1", "ContactReceived")
KEY: Final = DataKey(bytes(32))
NONCE: Final = bytes(NONCE_BYTES)
SEALED: Final = b64encode(VERSION + NONCE + AESGCM(bytes(32)).encrypt(NONCE, b"{}", BOUND))
CREDENTIAL: Final = f"front-door {token.digest_of(TOKEN)} front-door recorder,caseworker /front-door"
CHECKPOINT: Final = trees.ask(0, trees.head(9)).partition(b"\n\n")[2]


class Decoder(NamedTuple):
    """`decode` is fed what is made of `seeds`; `refusals` are what it may raise."""

    name: str
    seeds: tuple[bytes, ...]
    decode: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]


def _posted() -> Iterator[bytes]:
    for name, data in SAMPLES.items():
        said = {"specversion": "1.0", "id": f"id-{name}", "source": "/fuzz", "type": name, "data": data}
        yield msgspec.json.encode(said | {"subject": "case-1", "time": "2018-03-29T11:00:00.5+01:00"})


POSTED: Final = tuple(_posted())
STORED: Final = tuple(bundles.stored(nth, nth + 1) for nth in range(3))


class Refused(Exception):
    """None of several ways to read it takes it."""


def _one_takes(*ways: Callable[[], object]) -> None:
    """Try each way, even after one has taken it. A problem is to say what the client has to mend."""
    taken = 0
    for way in ways:
        try:
            way()
            taken += 1
        except NotACursor:
            pass
        except Problem as problem:
            if problem.status not in {400, 413} or problem.members.get("faults") == []:
                raise AssertionError(f"{problem.slug} {problem.members}") from problem
    if not taken:
        raise Refused


def _post(body: bytes) -> None:
    """As each content type reads it; what is taken is stored, and read back as what was meant."""
    _one_takes(
        lambda: _keep([posting.read_plain(body, "case-1", "key")]),
        lambda: _keep([posting.read_cloudevent(body, "case-1")]),
        lambda: _keep(posting.read_batch(body, "case-1")),
        lambda: _keep(posting.read_many(body, lines=True)),
        lambda: _keep(posting.read_many(body, lines=False)),
    )


def _keep(submissions: list[event.Submission]) -> None:
    for said in submissions:
        document = event.compose(event.write(said, said.event, (), CaseVersion(1), NOON))
        kept = event.decode(document)
        meant = (personal.clear(said.event), said.id, said.source, said.stream)
        if (kept.event, kept.id, kept.source, kept.stream) != meant:
            raise AssertionError("what was read back is not what was posted")
        if personal.join(*personal.split(said.event)) != said.event:
            raise AssertionError("what was taken out does not go back")
        if event.compose(kept) != document:
            raise AssertionError("what was read back is stored otherwise")


def _headers(raw: bytes) -> None:
    text = raw.decode("latin-1")
    _one_takes(
        lambda: conditions.condition_of(text, None),
        lambda: conditions.condition_of(None, text),
        lambda: conditions.idempotency_key_of(text),
        lambda: conditions.last_event_id_of(text),
        lambda: instants.read_instant("recorded_until", text),
    )


def _cursor(raw: bytes) -> None:
    text = raw.decode("latin-1")
    kinds = (cursor.PositionKey, cursor.DueKey, cursor.EventKey, cursor.EntryKey)
    _one_takes(*(partial(_same_key, text, kind) for kind in kinds))


def _same_key(text: str, kind: Any) -> None:
    key = cursor.read(text, kind)
    if cursor.read(cursor.write(key), kind) != key:
        raise AssertionError("the cursor of a key names another")


def _note(raw: bytes) -> None:
    parsed = note.parse(raw)
    if parsed.encode() != raw:
        raise AssertionError("a note is written otherwise than it was read")
    treehead.parse(parsed.text)
    keyring.read_signed(raw, trees.ORIGIN, [trees.LEDGER.verifier])


def _receipt(raw: bytes) -> None:
    receipt.check([Entry(8, bytes(32))], msgspec.json.decode(raw, type=Promise), trees.LEDGER.verifier)


def _keys(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    with suppress(EvidenceError):
        keyring.parse(text)
    keys.read_verifier(text)


def _bundle(raw: bytes) -> None:
    with suppress(EvidenceError):
        bundle.read(raw)
    checking.check(raw, (bundles.LEDGER.verifier,))


MEMBERS: Final = archive.read(bundles.made())


def _member(raw: bytes) -> None:
    """A bundle of which one member is another: its archive is in order, and its inside is not."""
    name, _, content = raw.partition(b"\n")
    _bundle(archive.write(MEMBERS | {name.decode("latin-1"): content}))


def _tile(raw: bytes) -> None:
    path, _, content = raw.partition(b"\n")
    tile = tiles.parse_path(path.decode("latin-1"))
    if tiles.parse_path(tile.path) != tile:
        raise AssertionError("a tile has two paths")
    tiles.decode(tile, content)


def _token(raw: bytes) -> None:
    given = authentication._token_in([(b"authorization", raw)])
    token.digest_of(given)
    if (key_id := token.key_id_of(given)) and f"cl_{key_id}_" != given[: len(key_id) + 4]:
        raise AssertionError("the id is not the token's")


def _credentials(raw: bytes) -> None:
    found = list(credentials_file._credentials(raw.decode("utf-8", "replace").splitlines()))
    again = list(credentials_file._credentials(credentials_file.lines(found).splitlines()))
    if again != found:
        raise AssertionError("credentials are written otherwise than they were read")


def _settings(raw: bytes) -> None:
    given = dict(line.partition("=")[::2] for line in raw.decode("utf-8", "replace").splitlines())
    settings.load(Settings, given)


DECODERS: Final = (
    Decoder("posted bodies", (*POSTED, b"[" + b",".join(POSTED[:3]) + b"]"), _post, (Refused,)),
    Decoder(
        "stored documents",
        STORED,
        lambda raw: event.compose(event.decode(raw)),
        (UnknownEventType, msgspec.DecodeError, UnicodeDecodeError),
    ),
    Decoder("documents on the stream", STORED, client.position_of, (ValueError,)),
    Decoder(
        "headers and instants",
        (b'"7", "8"', b"*", b"42", b"2018-03-29T11:00:00.25+01:00"),
        _headers,
        (Refused,),
    ),
    Decoder(
        "cursors",
        tuple(cursor.write(key).encode() for key in (7, ("2018-03-29", "case-1", "k"), ("case-1", 7))),
        _cursor,
        (Refused,),
    ),
    Decoder("checkpoints", (CHECKPOINT, bundles.parts().checkpoint), _note, (EvidenceError,)),
    Decoder("receipts", (msgspec.json.encode(PROMISE),), _receipt, (EvidenceError, ValueError)),
    Decoder(
        "requests to a witness",
        (trees.ask(3, trees.head(9), trees.proof(3, 9)),),
        witnessing.read,
        (EvidenceError,),
    ),
    Decoder(
        "keys",
        (
            str(trees.LEDGER.verifier).encode(),
            trees.LEDGER.written().encode(),
            str(bundles.WITNESS.verifier).encode(),
        ),
        _keys,
        (EvidenceError,),
    ),
    Decoder(
        "tiles",
        (b"tile/0/000\n" + bytes(32 * 256), b"tile/1/x001/234.p/7\n" + bytes(224)),
        _tile,
        (EvidenceError,),
    ),
    Decoder(
        "time stamps",
        (AUTHORITY.answer(timestamp.query(STAMPED).body),),
        lambda raw: timestamp.check(raw, STAMPED, TRUSTED),
        (EvidenceError,),
    ),
    Decoder("bundles", (bundles.made(),), _bundle, (EvidenceError,)),
    Decoder(
        "members of a bundle",
        tuple(name.encode() + b"\n" + content for name, content in MEMBERS.items()),
        _member,
        (EvidenceError,),
    ),
    Decoder("tokens", (b"Bearer " + TOKEN.encode(), b"bearer x"), _token, (Problem,)),
    Decoder(
        "tokens of people", (b"Bearer " + people.SENT.encode(),), people.as_sent, (Problem, people.Refused)
    ),
    Decoder("claims of people", (people.CLAIMS,), people.as_claimed, (people.Refused,)),
    Decoder("heads of people's tokens", (people.HEADER,), people.as_headed, (people.Refused,)),
    Decoder("published keys", (people.PUBLISHED,), people.as_published, (msgspec.DecodeError, ValueError)),
    Decoder(
        "credentials",
        (f"{CREDENTIAL}\n# nobody\n".encode(),),
        _credentials,
        (BadCredentials,),
    ),
    Decoder("sealed texts", (SEALED,), lambda raw: KEY.open(raw.decode("latin-1"), BOUND), (Unopenable,)),
    Decoder(
        "keys for keys",
        (b"2026-11 " + b64encode(bytes(32)) + b"\n2025-11 " + b64encode(bytes([1] * 32)),),
        lambda raw: wrapping.parse(raw.decode("utf-8", "replace")),
        (BadKeyEncryptionKey,),
    ),
    Decoder(
        "lines of a backlog", (*POSTED, b'{"line":7,"text":"{}","problem":{}}'), lines.read, (lines.Unusable,)
    ),
    Decoder(
        "settings",
        (b"CASELEDGER_CLOCK=system\nCASELEDGER_RATE_LIMIT=9\nCASELEDGER_NATS_URL=nats://u:p@host:4222",),
        _settings,
        (SettingsError,),
    ),
)


def feed(decoder: Decoder, raw: bytes) -> bool:
    """Whether the decoder took it; raises what is a defect."""
    try:
        decoder.decode(raw)
    except decoder.refusals:
        return False
    return True
