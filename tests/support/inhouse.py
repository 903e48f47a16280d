"""The three services within this process, on servers that tests share: a product that starts in no time.

They are told what a stack tells its own, and answer over HTTP as those do; what is not here is the stack,
which starts processes and watches over them. Nobody can be killed: that is what `Product` is for.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.ledger import service as ledger_service
from services.ledger.settings import Settings as LedgerSettings
from services.notifier import service as notifier_service
from services.notifier.settings import Settings as NotifierSettings
from services.projector import service as projector_service
from services.projector.settings import Settings as ProjectorSettings
from services.runtime import settings
from services.stack.layout import Target
from services.stack.mail import Mail
from services.stack.service import LEDGER, NOTIFIER, PROJECTOR
from services.stack.signing import key_file
from tests.support import tokens
from tests.support.backing import Database
from tests.support.secrets import KEY_ENCRYPTION_KEY


@asynccontextmanager
async def team(
    directory: Path, database: Database, bus: str, mail: Mail, clock: str
) -> AsyncIterator[Target]:
    """All three while the body runs, over a `migrated_database`; tokens and mail are found in `directory`."""
    layout = tokens.provide(directory)
    layout.maildir.symlink_to(mail.maildir)

    def told(service: str, **own: str) -> dict[str, str]:
        given = {
            "DATABASE_URL": database.as_role(f"caseledger_{service}"),
            "NATS_URL": bus,
            "CLOCK": clock,
            "CREDENTIALS_FILE": str(layout.credentials),
            "PORT": "0",
            **own,
        }
        return {f"CASELEDGER_{name}": value for name, value in given.items()}

    def asking(service: str, **own: str) -> dict[str, str]:
        files = {"TOKEN_FILE": str(layout.token_of(service)), "LINK_KEY_FILE": str(layout.link_key)}
        return told(service, **files, **own)

    keys = {"KEY_ENCRYPTION_KEY": KEY_ENCRYPTION_KEY, "SIGNING_KEY_FILE": str(key_file(layout.signing_key))}
    async with (
        ledger_service.serve(settings.load(LedgerSettings, told(LEDGER, **keys))) as ledger,
        projector_service.serve(
            settings.load(ProjectorSettings, asking(PROJECTOR, LEDGER_URL=ledger))
        ) as projector,
        notifier_service.serve(
            settings.load(
                NotifierSettings,
                asking(
                    NOTIFIER,
                    LEDGER_URL=ledger,
                    PROJECTOR_URL=projector,
                    PUBLIC_URL=projector,
                    SMTP_URL=mail.url,
                ),
            )
        ) as notifier,
    ):
        yield Target(
            ledger=ledger,
            projector=projector,
            notifier=notifier,
            database=database.url,
            nats=bus,
            smtp=mail.url,
            maildir=str(layout.maildir),
            token=tokens.TOKEN,
        )
