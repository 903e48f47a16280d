"""TLS as a service listens with it; whoever speaks clear text to it is told so, in clear text.

OpenSSL knows an HTTP request by its first word, and hangs up without one: the client would be left to guess.
"""

import ssl
from typing import Any, Final

from services.runtime.problems import Kind
from services.runtime.tls import Certificate
from services.runtime.wire import written

HTTP_REQUEST: Final = "HTTP_REQUEST"
"""OpenSSL's reason."""

TLS_REQUIRED: Final = Kind(
    "tls-required",
    "This port speaks TLS and nothing else",
    400,
    "Ask for the same address with https:// in front. What was sent went in clear: if a token was among it, "
    "change that.",
)


class _Handshake(ssl.SSLObject):
    """One connection's. `outgoing` is what is written to it."""

    outgoing: ssl.MemoryBIO

    def do_handshake(self) -> None:
        """Go on with it; raises what OpenSSL does."""
        try:
            super().do_handshake()
        except ssl.SSLError as error:
            if error.reason != HTTP_REQUEST:
                raise
            self.outgoing.write(written(TLS_REQUIRED, "http"))
            # What waits is sent only for a handshake that goes on. This one ends when the client hangs up,
            # sends more, or has had its time.
            raise ssl.SSLWantReadError from error


class Listening(ssl.SSLContext):
    """The context of a server: TLS 1.2 or newer."""

    sslobject_class = _Handshake

    def wrap_bio(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *more: Any, **named: Any) -> Any:
        """Begin with a connection."""
        made: Any = super().wrap_bio(incoming, outgoing, *more, **named)
        made.outgoing = outgoing
        return made


def listening(certificate: Certificate) -> ssl.SSLContext:
    """The context that shows a certificate, which was found to be usable."""
    made = Listening(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate.chain, certificate.key)
    return made
