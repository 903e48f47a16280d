"""What the environment says to a whole stack; most of it is handed on to its services as it is."""

from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from services.runtime import logs
from services.runtime.share import RateLimit, StreamLimit
from services.runtime.tls import TlsCertificate, TlsKey
from services.stack.layout import DATA
from services.stack.ports import LOOPBACK

REAL_CLOCK: Final = "system"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment says to the stack."""

    database_url: Annotated[str | None, Meta(description="the owner's URL of a Postgres database to use")] = (
        None
    )
    nats_url: Annotated[str | None, Meta(description="a NATS server with JetStream to use")] = None
    smtp_url: Annotated[str | None, Meta(description="an SMTP server to use, smtp://host:port")] = None
    host: Annotated[str, Meta(description="the address that the services bind to")] = LOOPBACK
    clock: Annotated[str, Meta(description="system, or an RFC 3339 instant for a test clock")] = REAL_CLOCK
    tls_certificate: TlsCertificate = None
    tls_key: TlsKey = None
    rate_limit: RateLimit = 1000
    stream_limit: StreamLimit = 16
    environment: Literal["development", "production"] = "development"
    authentication: Literal["required", "off"] = "required"
    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    oidc_algorithms: str | None = None
    oidc_jwks_url: str | None = None
    oidc_account_claim: str | None = None
    oidc_roles_claim: str | None = None
    oidc_teams_claim: str | None = None
    credentials_file: Annotated[
        Path | None, Meta(description="credentials to let in beside those that the stack makes for itself")
    ] = None
    log_format: logs.Format | None = None
    log_level: logs.Level = "info"
    mail_from: str | None = None
    webhook_secret: str | None = None
    keys_database_url: str | None = None
    key_encryption_key: str | None = None
    key_encryption_key_file: str | None = None
    key_encryption_service_url: str | None = None
    key_encryption_service_token_file: str | None = None
    signing_key: str | None = None
    signing_key_file: str | None = None
    signing_service_url: str | None = None
    signing_service_token_file: str | None = None
    witnesses: str | None = None
    timestamp_url: str | None = None
    timestamp_certificate: str | None = None
    auditors_address: str | None = None
    public_url: Annotated[str | None, Meta(description="where links in messages point")] = None
    data: Annotated[Path, Meta(description="the stack's data directory")] = DATA
