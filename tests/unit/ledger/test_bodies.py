"""Reading what is posted: any bytes give events or a problem, and nothing else."""

import contextlib
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.erasure import BY_THE_LEDGER
from services.ledger import posting
from services.runtime.problems import Problem
from tests.support.law import for_each
from tests.support.samples import SAMPLES

BODIES = st.one_of(
    st.binary(max_size=200),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["id", "source", "type", "data", "time", "subject"]), inner, max_size=6
            )
        ),
    ).map(msgspec.json.encode),
)


@given(BODIES)
def test_any_bytes_are_events_or_a_problem(body: bytes) -> None:
    for read in (
        lambda: posting.read_plain(body, "case-1", None),
        lambda: posting.read_cloudevent(body, "case-1"),
        lambda: posting.read_batch(body, "case-1"),
        lambda: posting.read_many(body, lines=True),
        lambda: posting.read_many(body, lines=False),
    ):
        with contextlib.suppress(_ByTheClient):
            _told(read)


class _ByTheClient(Exception):
    """A problem whose status says that the request is at fault."""


def _told(read: Callable[[], object]) -> None:
    try:
        read()
    except Problem as problem:
        if problem.status in {400, 413}:
            raise _ByTheClient from None
        raise


@for_each(sorted(SAMPLES.keys() - BY_THE_LEDGER))
def test_every_type_is_read_with_all_its_fields(name: str) -> None:
    body = msgspec.json.encode({"type": name, "data": SAMPLES[name], "subject": "case-1"})
    (submission,) = posting.read_many(body, lines=True)
    assert name == submission.event.TYPE


@pytest.mark.parametrize("name", sorted(BY_THE_LEDGER))
def test_what_comes_of_an_erasure_is_posted_by_nobody(name: str) -> None:
    body = msgspec.json.encode({"type": name, "data": SAMPLES[name], "subject": "case-1"})
    with pytest.raises(Problem) as caught:
        posting.read_many(body, lines=True)
    assert "/erasure" in str(caught.value.document())


def test_one_key_gives_one_id_in_one_case() -> None:
    body = msgspec.json.encode({"type": "ContactReceived", "data": {"contact_id": "c"}})
    ids = [posting.read_plain(body, stream, key).id for stream in "ab" for key in ("k", "k", "l")]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 4


def test_without_a_key_every_post_is_another_event() -> None:
    body = msgspec.json.encode({"type": "ContactReceived", "data": {"contact_id": "c"}})
    assert posting.read_plain(body, "a", None).id != posting.read_plain(body, "a", None).id
