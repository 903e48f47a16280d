"""What a ledger process is told by its environment."""

from typing import Annotated

from msgspec import Meta

from services.runtime.identity.settings import Guarded
from services.runtime.serving import Port


class Settings(Guarded, frozen=True, kw_only=True):
    """The ledger's settings, each from the environment name of the same spelling."""

    database_url: Annotated[str, Meta(description="Postgres, as the role caseledger_ledger")]
    nats_url: Annotated[str, Meta(description="the NATS server, whose JetStream holds the stream of events")]
    port: Port = 8400
    keys_database_url: Annotated[
        str | None,
        Meta(description="Postgres for the wrapped data keys, as the same role; this one if not set"),
    ] = None
    key_encryption_key: Annotated[
        str | None,
        Meta(description="the keys that data keys are wrapped with, `<id> <base64 of 32 bytes>` a line"),
    ] = None
    key_encryption_key_file: Annotated[
        str | None, Meta(description="a file that holds them, instead of `CASELEDGER_KEY_ENCRYPTION_KEY`")
    ] = None
    key_encryption_service_url: Annotated[
        str | None,
        Meta(
            description="a key service that wraps, as Vault's Transit engine does: …/v1/transit/encrypt/<key>"
        ),
    ] = None
    key_encryption_service_token_file: Annotated[
        str | None, Meta(description="the file of the token that this key service is asked with")
    ] = None
    signing_key: Annotated[
        str | None,
        Meta(description="the keys that sign the evidence, one a line; without, nothing is signed"),
    ] = None
    signing_key_file: Annotated[
        str | None, Meta(description="a file that holds them, instead of `CASELEDGER_SIGNING_KEY`")
    ] = None
    signing_service_url: Annotated[
        str | None,
        Meta(description="a key service that signs, as Vault's Transit engine does: …/v1/transit/sign/<key>"),
    ] = None
    signing_service_token_file: Annotated[
        str | None, Meta(description="the file of the token that the key service is asked with")
    ] = None
    witnesses: Annotated[
        str | None,
        Meta(
            description="who cosigns the checkpoints: pairs of a verifier key and a URL, with spaces between"
        ),
    ] = None
    timestamp_url: Annotated[
        str | None, Meta(description="a time-stamp authority (RFC 3161) that stamps a checkpoint an hour")
    ] = None
    timestamp_certificate: Annotated[
        str | None, Meta(description="the file (PEM) of the certificates that the authority is known by")
    ] = None
    auditors_address: Annotated[
        str | None, Meta(description="whom the newest checkpoint is mailed to, once a London day")
    ] = None
    smtp_url: Annotated[
        str | None,
        Meta(description="the mail server for that: smtp://[user:password@]host:port, or smtps://"),
    ] = None
    mail_from: Annotated[str, Meta(description="whom that mail comes from")] = "caseledger@localhost"
