"""Which anchors outside this ledger its settings name: witnesses, a time-stamp authority, the auditors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import httpx
from msgspec import Struct

from services.evidence import timestamp
from services.evidence.errors import BadKey
from services.evidence.keyring import Keyring
from services.evidence.timestamp import Authority
from services.ledger import witnesses
from services.ledger.anchorage import Anchorage
from services.ledger.auditing import Auditing, Letter
from services.ledger.keyservice import Held
from services.ledger.sealer import Sealer
from services.ledger.settings import Settings
from services.ledger.stamping import Stamping
from services.ledger.tree import Tree
from services.ledger.witnesses import Witness, Witnesses
from services.runtime.clock import Clock
from services.runtime.health import Health
from services.runtime.mail import MailNotTaken, MailServer
from services.runtime.settings import SettingsError


class Anchor(Protocol):
    """Hands checkpoints to somebody outside. Nothing ever waits for it, and it mends by itself."""

    async def run(self) -> None:
        """Until cancelled."""

    async def check(self) -> Health:
        """How it is: always ok, with a warning if somebody has to look."""


class Anchors(Struct, frozen=True):
    """What the settings name, found to be usable."""

    witnesses: list[Witness]
    authority: Authority | None
    letter: Letter | None


def read(settings: Settings, keys: Keyring | Held | None) -> Anchors:
    """Read what the settings name; raises `SettingsError`."""
    named = settings.witnesses, settings.timestamp_url, settings.auditors_address
    if keys is None:
        if any(named):
            raise SettingsError(
                ["A ledger without a signing key has no checkpoints: set CASELEDGER_SIGNING_KEY."]
            )
        return Anchors([], None, None)
    return Anchors(
        witnesses.parse(settings.witnesses or "", keys.origin),
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
    http: httpx.AsyncClient,
    clock: Clock,
) -> Mapping[str, Anchor]:
    """The anchors at work, by the names of their checks."""
    made: dict[str, Anchor] = {}
    if found.witnesses:
        made["witnesses"] = Witnesses(
            witnesses=found.witnesses,
            http=http,
            tree=tree,
            anchorage=anchorage,
            sealed=sealer.sealed,
            clock=clock,
        )
    if found.authority and settings.timestamp_url:
        made["timestamps"] = Stamping(
            url=settings.timestamp_url,
            authority=found.authority,
            http=http,
            tree=tree,
            anchorage=anchorage,
            leads=sealer.leads,
            sealed=sealer.sealed,
            clock=clock,
        )
    if found.letter and settings.smtp_url:
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


def _authority(settings: Settings) -> Authority | None:
    if not settings.timestamp_url:
        return None
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


def _letter(settings: Settings, origin: str) -> Letter | None:
    if not settings.auditors_address:
        return None
    if not settings.smtp_url:
        raise SettingsError(["CASELEDGER_SMTP_URL is missing: the auditors are sent the checkpoints by it."])
    try:
        return Letter(origin=origin, sender=settings.mail_from, address=settings.auditors_address)
    except MailNotTaken:
        raise SettingsError(["CASELEDGER_AUDITORS_ADDRESS must be one address, name@domain."]) from None
