"""What each service of a stack is told by its environment, and nothing of the product's from our own."""

import sys
from typing import NamedTuple

from services.stack import credentials, databases, keeping, signing
from services.stack.child import outside
from services.stack.layout import Layout, Target
from services.stack.nats import Nats
from services.stack.passwords import Passwords
from services.stack.service import LEDGER
from services.stack.settings import Settings

Told = dict[str, str | None]
"""Settings by their names; what is empty is not said."""


class Around(NamedTuple):
    """What is around the services. `nats` is None where it is not ours; `digests` says to send them."""

    layout: Layout
    urls: Target
    passwords: Passwords
    nats: Nats | None
    clock: str
    digests: bool


def of_service(name: str, given: Settings, around: Around) -> dict[str, str]:
    """Everything that a service reads."""
    own = _of_every(name, given, around) | _handed_on(given)
    if name in credentials.OF_SERVICES:
        own |= {
            "TOKEN_FILE": str(around.layout.token_of(name)),
            "LINK_KEY_FILE": str(around.layout.link_key),
        }
    if name == LEDGER:
        own |= _of_ledger(given, around.layout)
    return outside() | {f"CASELEDGER_{key}": value for key, value in own.items() if value}


def _of_every(name: str, given: Settings, around: Around) -> Told:
    """Where everything is, and the time."""
    urls, role = around.urls, databases.role_of(name)
    return {
        "DATABASE_URL": databases.login_as(urls.database, role, around.passwords.postgres[name])
        if given.database_url is None
        else databases.take_role(urls.database, role),
        "NATS_URL": around.nats.url_of(name) if around.nats else urls.nats,
        "LEDGER_URL": urls.ledger,
        "PROJECTOR_URL": urls.projector if around.digests else None,
        "NOTIFIER_URL": urls.notifier,
        "PUBLIC_URL": given.public_url or urls.projector,
        "SMTP_URL": urls.smtp,
        "CLOCK": around.clock,
        "CREDENTIALS_FILE": str(around.layout.credentials),
        "LOG_FORMAT": given.log_format or ("console" if sys.stderr.isatty() else "json"),
    }


def _handed_on(given: Settings) -> Told:
    return {
        "TLS_CERTIFICATE": given.tls_certificate,
        "TLS_KEY": given.tls_key,
        "RATE_LIMIT": str(given.rate_limit),
        "STREAM_LIMIT": str(given.stream_limit),
        "ENVIRONMENT": given.environment,
        "AUTHENTICATION": given.authentication,
        "OIDC_ISSUER": given.oidc_issuer,
        "OIDC_AUDIENCE": given.oidc_audience,
        "OIDC_ALGORITHMS": given.oidc_algorithms,
        "OIDC_JWKS_URL": given.oidc_jwks_url,
        "OIDC_ACCOUNT_CLAIM": given.oidc_account_claim,
        "OIDC_ROLES_CLAIM": given.oidc_roles_claim,
        "OIDC_TEAMS_CLAIM": given.oidc_teams_claim,
        "LOG_LEVEL": given.log_level,
        "MAIL_FROM": given.mail_from,
        "WEBHOOK_SECRET": given.webhook_secret,
    }


def _of_ledger(given: Settings, layout: Layout) -> Told:
    role = databases.role_of(LEDGER)
    return {
        "KEYS_DATABASE_URL": given.keys_database_url and databases.take_role(given.keys_database_url, role),
        "KEY_ENCRYPTION_KEY": given.key_encryption_key,
        "KEY_ENCRYPTION_KEY_FILE": keeping.file_of(given, layout.key_encryption_key),
        "KEY_ENCRYPTION_SERVICE_URL": given.key_encryption_service_url,
        "KEY_ENCRYPTION_SERVICE_TOKEN_FILE": given.key_encryption_service_token_file,
        "SIGNING_KEY": given.signing_key,
        "SIGNING_KEY_FILE": signing.file_of(given, layout.signing_key),
        "SIGNING_SERVICE_URL": given.signing_service_url,
        "SIGNING_SERVICE_TOKEN_FILE": given.signing_service_token_file,
        "WITNESSES": given.witnesses,
        "TIMESTAMP_URL": given.timestamp_url,
        "TIMESTAMP_CERTIFICATE": given.timestamp_certificate,
        "AUDITORS_ADDRESS": given.auditors_address,
    }
