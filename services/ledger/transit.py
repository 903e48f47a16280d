"""Key-encryption keys that a service holds: HashiCorp Vault's Transit engine, or what speaks as it does.

They never leave it. The service is asked only for streams whose data key is not in memory, for many at once;
while it is away, what needs no such key goes on.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Final

import httpx
import msgspec
from msgspec import Struct

from services.ledger.datakey import KEY_BYTES, DataKey
from services.ledger.wrapping import CannotUnwrap, HeldHere, KeyAway, Wrapped
from services.runtime import answered
from services.runtime.answered import TooLong

PATIENCE: Final = 5.0  # seconds for a whole answer
MOST_BYTES: Final = 1_000_000  # of an answer
AT_ONCE: Final = 250  # keys a request
PLACE: Final = re.compile(r"(?P<mount>https?://.+)/encrypt/(?P<key>[A-Za-z0-9._-]+)")
CIPHERTEXT: Final = re.compile(r"vault:(?P<version>v[0-9]+):[A-Za-z0-9+/]+=*")


class Held(Struct, frozen=True):
    """Where a service encrypts with the key of that name, and with what token it is asked."""

    mount: str
    key: str
    token: str

    def __repr__(self) -> str:
        return f"Held({self.mount!r}, {self.key!r})"


class _Result(Struct):
    ciphertext: str = ""
    plaintext: str = ""
    error: str = ""


class _Data(Struct):
    batch_results: list[_Result]


class _Answer(Struct):
    data: _Data


_answer = msgspec.json.Decoder(_Answer)


class HeldElsewhere:
    """Keys of a key service; `former` unwraps what was wrapped before it was used. See `KeyEncryption`."""

    def __init__(self, held: Held, http: httpx.AsyncClient, former: HeldHere | None = None) -> None:
        self._held = held
        self._http = http
        self._former = former

    async def wrap(self, keys: Mapping[str, DataKey]) -> list[Wrapped]:
        """Have them wrapped with the newest version of the key."""
        asked = [{"plaintext": _text(key.raw)} | _bound(stream) for stream, key in keys.items()]
        results = await self._ask("encrypt", asked)
        return [self._wrapped(stream, each) for stream, each in zip(keys, results, strict=True)]

    async def unwrap(self, wrapped: Sequence[Wrapped]) -> dict[str, DataKey]:
        """Have each unwrapped with the version that wrapped it."""
        own = [each for each in wrapped if each.kek_id.startswith(f"{self._held.key}:")]
        asked = [{"ciphertext": each.wrapped.decode("ascii")} | _bound(each.stream) for each in own]
        results = await self._ask("decrypt", asked)
        found = {each.stream: _key(each, result) for each, result in zip(own, results, strict=True)}
        return found | await self._unwrap_former([each for each in wrapped if each.stream not in found])

    async def _unwrap_former(self, wrapped: Sequence[Wrapped]) -> dict[str, DataKey]:
        if wrapped and self._former is None:
            raise CannotUnwrap(f"the key service does not hold `{wrapped[0].kek_id}`")
        return await self._former.unwrap(wrapped) if self._former else {}

    def _wrapped(self, stream: str, result: _Result) -> Wrapped:
        found = CIPHERTEXT.fullmatch(result.ciphertext)
        if found is None:
            raise KeyAway("the key service answers with no ciphertext")
        return Wrapped(stream, f"{self._held.key}:{found['version']}", result.ciphertext.encode())

    async def _ask(self, what: str, asked: Sequence[dict[str, str]]) -> list[_Result]:
        """The results, in the order in which they were asked for."""
        results: list[_Result] = []
        for first in range(0, len(asked), AT_ONCE):
            results += await self._post(what, asked[first : first + AT_ONCE])
        return results

    async def _post(self, what: str, items: Sequence[dict[str, str]]) -> list[_Result]:
        try:
            status, body = await answered.post(
                self._http,
                f"{self._held.mount}/{what}/{self._held.key}",
                content=msgspec.json.encode({"batch_input": items}),
                headers={"Content-Type": "application/json", "X-Vault-Token": self._held.token},
                patience=PATIENCE,
                most=MOST_BYTES,
            )
            if status not in {httpx.codes.OK, httpx.codes.BAD_REQUEST}:
                raise KeyAway(f"the key service answers {status}")
            results = _answer.decode(body).data.batch_results  # of some of them it may say what is wrong
        except (httpx.HTTPError, TimeoutError) as error:
            raise KeyAway(f"the key service is not reached ({type(error).__name__})") from None
        except (msgspec.MsgspecError, RecursionError, TooLong):
            raise KeyAway("the key service answers with something else than keys") from None
        if len(results) != len(items):
            raise KeyAway("the key service answers of other keys than it was asked for")
        return results


def read(url: str, token: str) -> Held | None:
    """Where a key is held, by the URL at which it encrypts; None if that is no such URL."""
    found = PLACE.fullmatch(url.rstrip("/"))
    return Held(found["mount"], found["key"], token) if found else None


def _key(each: Wrapped, result: _Result) -> DataKey:
    try:
        raw = b64decode(result.plaintext, validate=True)
    except ValueError:
        raw = b""
    if result.error or len(raw) != KEY_BYTES:
        raise CannotUnwrap(f"the key service does not unwrap what `{each.kek_id}` wrapped")
    return DataKey(raw)


def _bound(stream: str) -> dict[str, str]:
    return {"associated_data": _text(stream.encode())}


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
