"""What a projector process is told by its environment."""

from typing import Annotated

from msgspec import Meta

from services.runtime.identity.settings import Asking
from services.runtime.serving import Port


class Settings(Asking, frozen=True, kw_only=True):
    """The projector's settings, each from the environment name of the same spelling."""

    database_url: Annotated[str, Meta(description="Postgres, as the role caseledger_projector")]
    nats_url: Annotated[str, Meta(description="the NATS server, whose JetStream holds the stream of events")]
    ledger_url: Annotated[str, Meta(description="the ledger, asked for what the stream cannot give")]
    port: Port = 8401
