"""A ledger's keys are read whole or not at all, and never shown."""

import pytest

from services.evidence import checkpoint, keyring, merkle
from services.evidence.errors import BadKey, BadSignature, BadTreeHead
from services.evidence.keys import Algorithm, Signer
from services.evidence.treehead import TreeHead
from services.ledger.settings import Settings
from services.ledger.signing import keys_of
from services.runtime.settings import SettingsError

ORIGIN = "ledger.example/keys"
OWN = Signer(ORIGIN, Algorithm.ED25519, b"1" * 32)
SECOND = Signer(ORIGIN, Algorithm.ML_DSA_44, b"1" * 32)
FORMER = Signer(ORIGIN, Algorithm.ED25519, b"0" * 32)
OTHER = Signer("ledger.example/other", Algorithm.ED25519, b"1" * 32)
WITNESS = Signer(ORIGIN, Algorithm.COSIGNATURE, b"1" * 32)
HEAD = TreeHead(ORIGIN, 1, merkle.root_of([bytes(32)]))


async def test_keys_are_read_in_any_order_and_sign_together() -> None:
    ring = keyring.parse(f"# ours\n\n{SECOND.written()}\n  {OWN.written()}\n{FORMER.verifier}\n")
    assert (ring.origin, ring.own.verifier) == (ORIGIN, OWN.verifier)
    assert (ring.verifiers, ring.former) == ((OWN.verifier, SECOND.verifier), (FORMER.verifier,))
    made = await ring.sign(HEAD, 7)
    assert ring.read(made.encode()).signed_by == {OWN.verifier: 0, SECOND.verifier: 7}


def test_what_a_former_key_signed_still_counts_and_what_a_stranger_signed_does_not() -> None:
    ring = keyring.parse(f"{OWN.written()}\n{FORMER.verifier}")
    assert ring.read(checkpoint.sign(HEAD, [FORMER], 0).encode()).head == HEAD
    with pytest.raises(BadSignature, match="no key of this ledger"):
        ring.read(checkpoint.sign(HEAD, [SECOND], 0).encode())
    other = TreeHead("ledger.example/other", 1, HEAD.root)
    with pytest.raises(BadTreeHead, match=r"of ledger\.example/other"):
        ring.read(checkpoint.sign(other, [OTHER], 0).encode())


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            "# none",
            "nonsense",
            str(OWN.verifier),
            SECOND.written(),
            f"{OWN.written()}\n{FORMER.written()}",
        ),
        *(f"{OWN.written()}\n{OTHER.verifier}", f"{OWN.written()}\n{WITNESS.written()}", OWN.written()[:-3]),
    ],
)
def test_keys_that_do_not_go_together_are_refused_and_not_shown(written: str) -> None:
    with pytest.raises(BadKey) as refusal:
        keyring.parse(written)
    assert OWN.written()[-20:] not in str(refusal.value)
    if written:
        with pytest.raises(SettingsError, match="signing key cannot be used"):
            keys_of(Settings(database_url="x", nats_url="y", signing_key=written))


def held(written: str) -> Settings:
    """Settings that name a key service, whose token is anything."""
    return Settings(
        database_url="x",
        nats_url="y",
        signing_key=written,
        signing_service_url="http://v",
        signing_service_token_file=__file__,
    )


def test_a_file_that_is_not_there_is_named_as_a_fault() -> None:
    for settings, why in [
        (Settings(database_url="x", nats_url="y", signing_key_file="/nowhere/key"), "cannot be read"),
        (Settings(database_url="x", nats_url="y", signing_key_file="a", signing_key="b"), "not both"),
        (Settings(database_url="x", nats_url="y", signing_service_url="http://v"), "TOKEN_FILE is missing"),
        (held(OWN.written()), "this is no verifier key"),
        (held(f"{OWN.verifier}\n{OTHER.verifier}"), "give the verifier key"),
        (held(""), "give the verifier key"),
    ]:
        with pytest.raises(SettingsError, match=why):
            keys_of(settings)
    assert keys_of(Settings(database_url="x", nats_url="y")) is None
