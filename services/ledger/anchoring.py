"""Which anchors outside this ledger its settings name: witnesses, a time-stamp authority, the auditors."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from services.evidence.errors import BadKey
from services.evidence.keyring import Keyring
from services.ledger.anchorage import Anchorage
from services.ledger.outside import Client
from services.ledger.sealer import Sealer
from services.ledger.settings import Settings
from services.ledger.tree import Tree
from services.runtime.clock import Clock
from services.runtime.health import Health
from services.runtime.settings import SettingsError

if TYPE_CHECKING:  # each is slow to import, and loaded only where it is named
    from services.evidence.timestamp import Authority
    from services.ledger.auditing import Letter
    from services.ledger.keyservice import Held
    from services.ledger.witnesses import Witness


class Anchor(Protocol):
    """Hands checkpoints to somebody outside. Nothing ever waits for it, and it mends by itself."""

    async def run(self) -> None:
        """Until cancelled."""

    async def check(self) -> Health:
        """How it is: always ok, with a warning if somebody has to look."""


class Anchors(Struct, frozen=True):
    """What the settings name, found to be usable."""

    witnesses: "list[Witness]"
    authority: "Authority | None"
    letter: "Letter | None"


def read(settings: Settings, keys: "Keyring | Held | None") -> Anchors:
    """Read what the settings name; raises `SettingsError`."""
    named = settings.witnesses, settings.timestamp_url, settings.auditors_address
    if keys is None:
        if any(named):
            raise SettingsError(
                ["A ledger without a signing key has no checkpoints: set CASELEDGER_SIGNING_KEY."]
            )
        return Anchors([], None, None)
    return Anchors(
        _witnesses(settings, keys.origin),
        _authority(settings),
        _letter(settings, keys.origin),
    )


def anchors(  # noqa: PLR0913 - what they work with, by keyword
    found: Anchors,
    settings: Settings,
    *,
    sealer: Sealer,
    tree: Tree,
    anchorage: Anchorage,
    client: Client,
    clock: Clock,
) -> Mapping[str, Anchor]:
    """The anchors at work, by the names of their checks."""
    made: dict[str, Anchor] = {}
    if found.witnesses:
        from services.ledger.witnesses import Witnesses  # noqa: PLC0415 - named

        made["witnesses"] = Witnesses(
            witnesses=found.witnesses,
            http=client(),
            tree=tree,
            anchorage=anchorage,
            sealed=sealer.sealed,
            clock=clock,
        )
    if found.authority and settings.timestamp_url:
        from services.ledger.stamping import Stamping  # noqa: PLC0415 - named

        made["timestamps"] = Stamping(
            url=settings.timestamp_url,
            authority=found.authority,
            http=client(),
            tree=tree,
            anchorage=anchorage,
            leads=sealer.leads,
            sealed=sealer.sealed,
            clock=clock,
        )
    if found.letter and settings.smtp_url:
        from services.ledger.auditing import Auditing  # noqa: PLC0415 - named
        from services.runtime.mail import MailServer  # noqa: PLC0415 - named

        made["auditors"] = Auditing(
            letter=found.letter,
            server=MailServer(settings.smtp_url),
            tree=tree,
            anchorage=anchorage,
            leads=sealer.leads,
            sealed=sealer.sealed,
            clock=clock,
        )
    return made


def _witnesses(settings: Settings, origin: str) -> "list[Witness]":
    if not settings.witnesses:
        return []
    from services.ledger import witnesses  # noqa: PLC0415 - named

    return witnesses.parse(settings.witnesses, origin)


def _authority(settings: Settings) -> "Authority | None":
    if not settings.timestamp_url:
        return None
    from services.evidence import timestamp  # noqa: PLC0415 - named

    if not settings.timestamp_certificate:
        raise SettingsError(
            ["CASELEDGER_TIMESTAMP_CERTIFICATE is missing: name the authority's certificates, a file (PEM)."]
        )
    try:
        return timestamp.read_authority(Path(settings.timestamp_certificate).read_bytes())
    except OSError as error:
        path = settings.timestamp_certificate
        raise SettingsError(
            [f"CASELEDGER_TIMESTAMP_CERTIFICATE names {path}, which cannot be read: {error.strerror}."]
        ) from None
    except BadKey as error:
        raise SettingsError([f"CASELEDGER_TIMESTAMP_CERTIFICATE cannot be used: {error}."]) from None


def _letter(settings: Settings, origin: str) -> "Letter | None":
    if not settings.auditors_address:
        return None
    from services.ledger.auditing import Letter  # noqa: PLC0415 - named
    from services.runtime.mail import MailNotTaken  # noqa: PLC0415 - named

    if not settings.smtp_url:
        raise SettingsError(["CASELEDGER_SMTP_URL is missing: the auditors are sent the checkpoints by it."])
    try:
        return Letter(origin=origin, sender=settings.mail_from, address=settings.auditors_address)
    except MailNotTaken:
        raise SettingsError(["CASELEDGER_AUDITORS_ADDRESS must be one address, name@domain."]) from None
