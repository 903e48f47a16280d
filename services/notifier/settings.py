"""What a notifier process is told by its environment."""

from typing import Annotated

from msgspec import Meta

from services.runtime.identity.settings import Asking
from services.runtime.serving import Port


class Settings(Asking, frozen=True, kw_only=True):
    """The notifier's settings, each from the environment name of the same spelling."""

    database_url: Annotated[str, Meta(description="Postgres, as the role caseledger_notifier")]
    nats_url: Annotated[str, Meta(description="the NATS server, whose JetStream holds the stream of events")]
    ledger_url: Annotated[str, Meta(description="the ledger, to which escalations and outcomes are appended")]
    public_url: Annotated[str, Meta(description="where the link in a message points: the projector")] = (
        "http://127.0.0.1:8401"
    )
    projector_url: Annotated[
        str | None, Meta(description="the projector, whose due board digests are made of; without it none")
    ] = None
    smtp_url: Annotated[
        str | None, Meta(description="smtp://[user:password@]host:port, or smtps://; without it no e-mail")
    ] = None
    mail_from: Annotated[str, Meta(description="whom e-mail comes from")] = "caseledger@localhost"
    webhook_secret: Annotated[
        str | None, Meta(description="whsec_… to sign webhooks with; without it none are sent")
    ] = None
    port: Port = 8402
