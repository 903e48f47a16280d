"""Make a bundle with its pages, and check one: the pages are made again and compared."""

from collections.abc import Sequence

from services.cli import version
from services.cli.evidence import chronology, readme
from services.domain.errors import CaseworkError
from services.evidence import bundle
from services.evidence.bundle import CHRONOLOGY, README, Parts, Proven
from services.evidence.errors import BadBundle
from services.evidence.keys import Verifier
from services.evidence.timestamp import Authority


class OtherWriter(BadBundle):
    """The parts are proven. Another version made the pages, and this one would have made others."""

    def __init__(self, proven: Proven, member: str, what: str) -> None:
        super().__init__(member, what)
        self.proven = proven


def make(parts: Parts) -> bytes:
    """The bundle of these parts. Raises `BadBundle` if they do not prove what a bundle is to prove."""
    return bundle.write(parts, _pages(bundle.prove(parts)))


def check(raw: bytes, given: Sequence[Verifier], authority: Authority | None = None) -> Proven:
    """What a bundle proves; `given` keys, got from elsewhere, must all have signed its checkpoint.

    An `authority` that is trusted must have stamped it. Raises `OtherWriter` where only the pages cannot be
    compared, and `EvidenceError` for all that is wrong.
    """
    proven, pages = bundle.read(raw)
    bundle.check_keys(proven, given)
    if authority is not None:
        bundle.check_stamp(proven, authority)
    by = proven.parts.writer
    try:
        made = _pages(proven)
    except (CaseworkError, ValueError, OverflowError, RecursionError) as error:
        if by == version.named():
            raise BadBundle("", f"an event of it is none: {error}") from None
        raise OtherWriter(
            proven, "", f"{by} made it, and {version.named()} cannot read all its events: {error}"
        ) from None
    for name, page in made.items():
        if page != pages[name]:
            if by == version.named():
                raise BadBundle(name, "it is not the page that the documents make")
            raise OtherWriter(
                proven, name, f"it is not the page that {version.named()} makes; it says that {by} made it"
            )
    return proven


def _pages(proven: Proven) -> dict[str, bytes]:
    return {README: readme.render(proven), CHRONOLOGY: chronology.render(proven)}
