"""What a projector process is told by its environment."""

from typing import Annotated

from msgspec import Meta

from services.runtime.identity.settings import Asking
from services.runtime.logs import Format, Level
from services.runtime.share import RateLimit, StreamLimit
from services.runtime.tls import TlsCertificate, TlsKey


class Settings(Asking, frozen=True, kw_only=True):
    """The projector's settings, each from the environment name of the same spelling."""

    database_url: Annotated[str, Meta(description="Postgres, as the role caseledger_projector")]
    nats_url: Annotated[str, Meta(description="the NATS server, whose JetStream holds the stream of events")]
    ledger_url: Annotated[str, Meta(description="the ledger, asked for what the stream cannot give")]
    host: Annotated[str, Meta(description="the address to listen on")] = "127.0.0.1"
    port: Annotated[int, Meta(description="the port to listen on; 0 takes a free one", ge=0, le=65535)] = 8401
    tls_certificate: TlsCertificate = None
    tls_key: TlsKey = None
    rate_limit: RateLimit = 1000
    stream_limit: StreamLimit = 16
    clock: Annotated[str, Meta(description="`system`, or an instant at which a test clock stands")] = "system"
    log_format: Annotated[
        Format | None, Meta(description="json or console; by default what suits stderr")
    ] = None
    log_level: Annotated[Level, Meta(description="the least important line that is logged")] = "info"
