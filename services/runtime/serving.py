"""What every service is told of how it serves: where it listens, what one client may take, what it logs."""

from typing import Annotated

from msgspec import Meta, Struct

from services.runtime.logs import Format, Level
from services.runtime.share import RateLimit, StreamLimit
from services.runtime.tls import TlsCertificate, TlsKey

Port = Annotated[int, Meta(description="the port to listen on; 0 takes a free one", ge=0, le=65535)]


class Serving(Struct, frozen=True, kw_only=True):
    """The settings of every service, less whom it answers and its `port`."""

    host: Annotated[str, Meta(description="the address to listen on")] = "127.0.0.1"
    tls_certificate: TlsCertificate = None
    tls_key: TlsKey = None
    rate_limit: RateLimit = 1000
    stream_limit: StreamLimit = 16
    clock: Annotated[str, Meta(description="`system`, or an instant at which a test clock stands")] = "system"
    log_format: Annotated[
        Format | None, Meta(description="json or console; by default what suits stderr")
    ] = None
    log_level: Annotated[Level, Meta(description="the least important line that is logged")] = "info"
