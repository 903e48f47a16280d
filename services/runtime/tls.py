"""TLS: the authorities whose certificates are trusted, and the certificate that a service shows."""

import ssl
from functools import cache
from pathlib import Path
from typing import Annotated

import httpx
from msgspec import Meta, Struct

from services.runtime.settings import SettingsError

TlsCertificate = Annotated[
    str | None,
    Meta(description="the file (PEM) of the certificate to listen with, its issuers after it; else no TLS"),
]
TlsKey = Annotated[str | None, Meta(description="the file (PEM) of that certificate's private key")]

_BOTH = "CASELEDGER_TLS_CERTIFICATE and CASELEDGER_TLS_KEY"


class Certificate(Struct, frozen=True):
    """The files of a certificate chain and of its key: the server reads them when it starts."""

    chain: str
    key: str


def certificate_of(chain: str | None, key: str | None) -> Certificate | None:
    """What the settings say to listen with; raises `SettingsError` for files that cannot be used."""
    if chain is None and key is None:
        return None
    if chain is None or key is None:
        raise SettingsError([f"{_BOTH} are set together or not at all."])
    for name, path in (("CERTIFICATE", chain), ("KEY", key)):
        if not Path(path).is_file():
            raise SettingsError([f"CASELEDGER_TLS_{name} cannot be used: there is no file {path}."])
    try:
        # What has no passphrase asks for none: a question on a terminal that nobody sits at.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key, password="")
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(
            [f"{_BOTH} cannot be used: PEM, the key that of the first certificate, and without a passphrase."]
        ) from error
    return Certificate(chain, key)


@cache
def authorities() -> ssl.SSLContext:
    """What every HTTP client is given as `verify`, made once a process: that takes 30 ms, a request one.

    Those that come with the installation; or, where `SSL_CERT_FILE` or `SSL_CERT_DIR` is set, as for every
    program that uses OpenSSL, those there and no others.
    """
    return httpx.create_ssl_context(trust_env=True)
