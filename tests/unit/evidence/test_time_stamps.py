"""A time stamp holds for one checkpoint, by one authority, in answer to one question; else it is refused."""

import pytest
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from services.evidence import checkpoint, merkle, note, timestamp
from services.evidence.errors import BadKey
from services.evidence.keys import Algorithm, Signer
from services.evidence.timestamp import BadStamp
from services.evidence.treehead import TreeHead
from tests.support.time_authority import TimeAuthority

LEDGER = Signer("ledger.example/children", Algorithm.ED25519, bytes(32))
WITNESS = Signer("witness.example/w1", Algorithm.COSIGNATURE, b"w" * 32)
SIGNED = checkpoint.sign(TreeHead("ledger.example/children", 1, merkle.leaf_hash(b"{}")), [LEDGER], 1)
STAMPED = timestamp.stamped_part(SIGNED)
TRUSTED, STRANGER = TimeAuthority(), TimeAuthority("somebody else's")
AUTHORITY = timestamp.read_authority(TRUSTED.certificates)


def test_a_checkpoint_is_stamped_whatever_cosignatures_it_gets_afterwards() -> None:
    asked = timestamp.query(STAMPED)
    reply = TRUSTED.answer(asked.body)
    cosigned = note.parse(SIGNED.and_signed([WITNESS.sign(SIGNED.text, 2)]).encode())
    assert timestamp.check(reply, timestamp.stamped_part(cosigned), AUTHORITY, asked.nonce) == TRUSTED.now


def test_what_is_not_just_that_stamp_is_refused() -> None:
    asked = timestamp.query(STAMPED)
    reply = TRUSTED.answer(asked.body)
    with pytest.raises(BadStamp, match="Mismatch"):
        timestamp.check(reply, STAMPED.replace(b"children", b"childrem"), AUTHORITY)
    with pytest.raises(BadStamp, match="Nonce"):
        timestamp.check(reply, STAMPED, AUTHORITY, asked.nonce + 1)
    with pytest.raises(BadStamp, match="does not hold"):
        timestamp.check(STRANGER.answer(asked.body), STAMPED, AUTHORITY)
    with pytest.raises(BadStamp):
        timestamp.check(b"nothing", STAMPED, AUTHORITY)
    later = TRUSTED.now.strftime("%Y%m%d").encode()
    with pytest.raises(BadStamp, match="does not hold"):
        timestamp.check(reply.replace(later, b"20100601"), STAMPED, AUTHORITY)


def test_a_stamp_over_another_hash_than_sha_256_is_refused() -> None:
    asked = TimestampRequestBuilder().data(STAMPED).hash_algorithm(HashAlgorithm.SHA512).build()
    with pytest.raises(BadStamp, match="of something else"):
        timestamp.check(TRUSTED.answer(asked.as_bytes()), STAMPED, AUTHORITY)


def test_an_authority_is_known_by_its_root() -> None:
    for wrong in (b"", b"no certificate"):
        with pytest.raises(BadKey):
            timestamp.read_authority(wrong)
