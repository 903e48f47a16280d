"""What the environment says of who may ask a service, and of the token with which it asks others."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from msgspec import Meta

from services.runtime.clock import Clock, SystemClock
from services.runtime.identity import credentials_file, link
from services.runtime.identity.authentication import OFF, Authentication, Bearers
from services.runtime.identity.bearer import token_of
from services.runtime.identity.credentials_file import BadCredentials
from services.runtime.identity.link import Links
from services.runtime.identity.registry import Registry
from services.runtime.serving import Serving
from services.runtime.settings import SettingsError, reason_of

if TYPE_CHECKING:  # loaded only where one is named
    from services.runtime.identity.oidc import Provider

NOBODY_MAY: Final = (
    "CASELEDGER_CREDENTIALS_FILE is missing: nobody could ask this service anything. Name the file of its "
    "credentials (docs/how-to/give-access.md says how to make one), or, for a trial without any "
    "authentication, set CASELEDGER_AUTHENTICATION=off."
)

CLEAR: Final = "without TLS, whoever is between could give out keys of their own; production wants https://"

UNARMED: Final = (
    "CASELEDGER_TOKEN_FILE is missing: the ledger answers nobody without a token. Name the file of this "
    "service's own (docs/how-to/give-access.md says how to make one)."
)


class Guarded(Serving, frozen=True, kw_only=True):
    """The settings of every service: whom it answers."""

    authentication: Annotated[
        Literal["required", "off"],
        Meta(description="`off` lets whoever reaches the port do everything; production refuses that"),
    ] = "required"
    credentials_file: Annotated[
        str | None, Meta(description="the file of the fixed credentials: keys, their clients and roles")
    ] = None
    oidc_issuer: Annotated[
        str | None,
        Meta(description="an OpenID Connect provider whose tokens count, as they name it in `iss`"),
    ] = None
    oidc_audience: Annotated[
        str | None,
        Meta(description="for whom its tokens must be made: this ledger's name there, their `aud`"),
    ] = None
    oidc_algorithms: Annotated[
        str, Meta(description="the algorithms that its tokens may be signed with, with commas between")
    ] = "RS256,ES256,EdDSA"
    oidc_jwks_url: Annotated[
        str | None, Meta(description="where its keys are; without, its configuration is asked for that")
    ] = None
    oidc_account_claim: Annotated[str, Meta(description="the claim that says who somebody is")] = "sub"
    oidc_roles_claim: Annotated[
        str, Meta(description="the claim with somebody's roles; with dots, one within another")
    ] = "roles"
    oidc_teams_claim: Annotated[str, Meta(description="the claim with somebody's teams")] = "teams"
    environment: Annotated[
        Literal["development", "production"],
        Meta(description="production refuses a test clock, much without TLS, and to authenticate nobody"),
    ] = "development"


class Asking(Guarded, frozen=True, kw_only=True):
    """The settings of a service that asks other services."""

    token: Annotated[str | None, Meta(description="the bearer token with which other services are asked")] = (
        None
    )
    token_file: Annotated[
        str | None, Meta(description="a file that holds it, instead of `CASELEDGER_TOKEN`")
    ] = None
    link_key_file: Annotated[
        str | None,
        Meta(description="the file of the key that notifier and projector share: links then open their page"),
    ] = None


def authentication_of(given: Guarded, clock: Clock) -> Authentication:
    """How a service authenticates. Raises `SettingsError` if it would let in everybody, or nobody."""
    if given.authentication == "off":
        if given.environment == "production":
            raise SettingsError(
                ["CASELEDGER_AUTHENTICATION cannot be used: production authenticates who asks. Unset it."]
            )
        return OFF
    provider = _provider_of(given)
    if given.credentials_file is None:
        raise SettingsError([NOBODY_MAY])
    try:
        fixed = credentials_file.read(Path(given.credentials_file))
    except (OSError, UnicodeDecodeError, BadCredentials) as error:
        raise SettingsError([f"CASELEDGER_CREDENTIALS_FILE cannot be used: {reason_of(error)}."]) from None
    if not fixed:
        raise SettingsError(["CASELEDGER_CREDENTIALS_FILE cannot be used: no credential is in it."])
    return Bearers(Registry(fixed, clock), provider)


def _provider_of(given: Guarded) -> "Provider | None":
    if given.oidc_issuer is None:
        return None
    from services.runtime.identity import claims, oidc  # noqa: PLC0415 - slow to import where none is named

    if given.oidc_audience is None:
        raise SettingsError(
            ["CASELEDGER_OIDC_AUDIENCE is missing: say for whom tokens are made; others' do not count."]
        )
    urls = {"OIDC_ISSUER": given.oidc_issuer, "OIDC_JWKS_URL": given.oidc_jwks_url or given.oidc_issuer}
    if given.environment == "production":
        for name, url in urls.items():
            if not url.lower().startswith("https://"):
                raise SettingsError([f"CASELEDGER_{name} cannot be used: {CLEAR}."])
    algorithms = tuple(name.strip() for name in given.oidc_algorithms.split(","))
    if barred := set(algorithms) - oidc.ASYMMETRIC:
        said = f"{min(barred)!r} is none of {', '.join(sorted(oidc.ASYMMETRIC))}"
        raise SettingsError([f"CASELEDGER_OIDC_ALGORITHMS cannot be used: {said}."])
    return oidc.Provider(
        claims.Trust(
            issuer=given.oidc_issuer,
            audience=given.oidc_audience,
            algorithms=algorithms,
            jwks_url=given.oidc_jwks_url,
            account=given.oidc_account_claim,
            roles=given.oidc_roles_claim,
            teams=given.oidc_teams_claim,
        )
    )


def check(given: Guarded) -> None:
    """Raises `SettingsError` where a service could not be asked by anybody, or could not ask others."""
    authentication_of(given, SystemClock())
    if not isinstance(given, Asking) or given.authentication == "off":
        return
    links_of(given)
    if not token_of(given.token, given.token_file):
        raise SettingsError([UNARMED])


def links_of(given: Asking) -> Links | None:
    """What signs and opens links; none without a key. Raises `SettingsError`."""
    try:
        return link.links_of(given.link_key_file)
    except (OSError, ValueError) as error:
        raise SettingsError([f"CASELEDGER_LINK_KEY_FILE cannot be used: {reason_of(error)}."]) from None
