"""TLS: the authorities whose certificates are trusted, and the certificate that a service shows."""

import ssl
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from services.runtime.settings import SettingsError

TlsCertificate = Annotated[
    str | None,
    Meta(description="the file (PEM) of the certificate to listen with, its issuers after it; else no TLS"),
]
TlsKey = Annotated[str | None, Meta(description="the file (PEM) of that certificate's private key")]

CLEAR: Final = "without TLS, whoever is between could read the keys, and the token that is sent"
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
    import httpx  # noqa: PLC0415 - slow to import where nobody is asked

    return httpx.create_ssl_context(trust_env=True)


def authorities_for(*urls: str) -> ssl.SSLContext:
    """As `authorities`, for a client of these URLs and no others: trusts nobody if none of them is https."""
    return authorities() if any(url.lower().startswith("https:") for url in urls) else _nobody()


@cache
def _nobody() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def refuse_clear(environment: str, **urls: str | None) -> None:
    """In production, refuse `http://` where a secret is sent, by setting; raises `SettingsError`.

    What is on the same machine, such as an agent that speaks TLS for others, may be asked in clear.
    """
    clear = [
        name
        for name, url in urls.items()
        if url and environment == "production" and url.lower().startswith("http:") and not _is_here(url)
    ]
    if clear:
        raise SettingsError(
            [f"CASELEDGER_{name} cannot be used: {CLEAR}; production wants https://." for name in clear]
        )


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
