"""What a witness is told by its environment."""

from msgspec import Struct

from services.runtime.tls import TlsCertificate, TlsKey


class Settings(Struct, frozen=True, kw_only=True):
    """A witness's settings, each from the environment name of the same spelling."""

    tls_certificate: TlsCertificate = None
    tls_key: TlsKey = None
