"""A key service that signs for the ledger: HashiCorp Vault's Transit engine, or what speaks as it does.

The key never leaves the service. Every signature is checked before it is used, so that a key that was changed
over there is noticed here, and not by an auditor.
"""

import re
from base64 import b64encode
from typing import Final

import httpx
import msgspec
from msgspec import Struct

from services.evidence import keyring, note, treehead
from services.evidence.checkpoint import Checkpoint
from services.evidence.errors import EvidenceError
from services.evidence.keys import Verifier
from services.evidence.note import Note, Signature
from services.evidence.treehead import TreeHead
from services.ledger.giving import KeyAway
from services.runtime import answered
from services.runtime.answered import TooLong

PATIENCE: Final = 5.0  # seconds for a whole answer
MOST_BYTES: Final = 100_000  # of an answer
SIGNED: Final = re.compile(r"vault:v[0-9]+:(?P<signature>[A-Za-z0-9+/]+=*)")


class Held(Struct, frozen=True):
    """A key that a service holds: where it signs, with what token it is asked, and its verifier key.

    `former` are the verifier keys of those that signed before.
    """

    url: str
    token: str
    key: Verifier
    former: tuple[Verifier, ...] = ()

    @property
    def origin(self) -> str:
        """The name of the ledger in everything that is signed for it."""
        return self.key.name


class _Data(Struct):
    signature: str


class _Answer(Struct):
    data: _Data


_answer = msgspec.json.Decoder(_Answer)


class KeyService:
    """The keys of a ledger, held by a service. See `signing.Keys`."""

    def __init__(self, held: Held, http: httpx.AsyncClient) -> None:
        self._held = held
        self._http = http

    @property
    def origin(self) -> str:
        """The name of the ledger in everything that is signed for it."""
        return self._held.origin

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """What an auditor is given."""
        return (self._held.key,)

    def read(self, raw: bytes) -> Checkpoint:
        """Read a checkpoint that this ledger signed, now or formerly."""
        return keyring.read_signed(raw, self.origin, [self._held.key, *self._held.former])

    async def sign(self, head: TreeHead, time: int) -> Note:  # noqa: ARG002 - an Ed25519 signature names no time
        """Have a tree head of this ledger signed; raises `KeyAway`."""
        treehead.parse(head.text)  # nothing is signed that could not be read
        return Note(head.text, (await self.sign_text(head.text),))

    async def sign_text(self, text: str) -> Signature:
        """Have a text signed with the Ed25519 key; raises `KeyAway`."""
        key = self._held.key
        try:
            found = SIGNED.fullmatch(_answer.decode(await self._ask(text)).data.signature)
            if found is None:
                raise KeyAway("the key service answers with no signature")
            made = Signature(key.name, key.key_id, note.decode_base64(found["signature"]))
            key.check(text, made)
        except (httpx.HTTPError, TimeoutError) as error:
            raise KeyAway(f"the key service is not reached ({type(error).__name__})") from None
        except (msgspec.MsgspecError, RecursionError, TooLong):
            raise KeyAway("the key service answers with no signature") from None
        except EvidenceError:
            raise KeyAway("the key service signs with another key than the one that was given") from None
        return made

    async def _ask(self, text: str) -> bytes:
        status, body = await answered.post(
            self._http,
            self._held.url,
            content=msgspec.json.encode({"input": b64encode(text.encode()).decode()}),
            headers={"Content-Type": "application/json", "X-Vault-Token": self._held.token},
            patience=PATIENCE,
            most=MOST_BYTES,
        )
        if not httpx.codes.is_success(status):
            raise KeyAway(f"the key service answers {status}")
        return body
