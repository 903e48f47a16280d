"""Settings: every fault is named, and nothing is guessed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest

from services.runtime.settings import NAMES, SettingsError, describe, load


class Example(msgspec.Struct, frozen=True, kw_only=True):
    database_url: Annotated[str, msgspec.Meta(description="The service's own role on Postgres.")]
    port: int = 8400
    log_format: Literal["json", "console"] | None = None
    nats_url: str = "nats://127.0.0.1:4222"


class Odd(msgspec.Struct, frozen=True, kw_only=True):
    dry_run: bool = False
    since: datetime | None = None
    data: Path = Path("usual")


def faults_of(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(Example, environ)
    return caught.value.faults


def test_a_field_is_read_from_its_name_in_capitals() -> None:
    settings = load(Example, {"CASELEDGER_DATABASE_URL": "postgresql://x/y", "CASELEDGER_PORT": "9000"})
    assert settings == Example(database_url="postgresql://x/y", port=9000)


def test_a_path_is_put_after_a_url_with_or_without_a_slash_at_its_end() -> None:
    class Asking(msgspec.Struct, frozen=True, kw_only=True):
        ledger_url: str
        oidc_issuer: str  # to be compared with what a token says, to the letter

    said = {"CASELEDGER_LEDGER_URL": "http://host:8400/", "CASELEDGER_OIDC_ISSUER": "https://login.host/"}
    assert load(Asking, said) == Asking(ledger_url="http://host:8400", oidc_issuer="https://login.host/")


def test_text_becomes_what_the_field_is() -> None:
    said = {"DRY_RUN": "true", "SINCE": "2018-03-29T12:00:00Z", "DATA": "elsewhere/data"}
    settings = load(Odd, {f"CASELEDGER_{name}": value for name, value in said.items()})
    assert settings == Odd(
        dry_run=True, since=datetime(2018, 3, 29, 12, tzinfo=UTC), data=Path("elsewhere/data")
    )


def test_a_value_that_does_not_fit_is_told_in_words_what_to_be() -> None:
    environ = {"CASELEDGER_DATABASE_URL": "postgresql://x/y", "CASELEDGER_PORT": "many"}
    assert faults_of(environ) == ["CASELEDGER_PORT cannot be used: it must be a whole number."]
    with pytest.raises(SettingsError) as caught:
        load(Odd, {"CASELEDGER_DRY_RUN": "perhaps", "CASELEDGER_SINCE": "March"})
    assert caught.value.faults == [
        "CASELEDGER_DRY_RUN cannot be used: it must be true or false.",
        "CASELEDGER_SINCE cannot be used: it must be an instant such as 2018-03-31T09:00:00Z.",
    ]


def test_a_missing_name_is_said_with_its_purpose() -> None:
    assert faults_of({}) == [
        "CASELEDGER_DATABASE_URL is missing: set it (The service's own role on Postgres)."
    ]


def test_an_empty_value_counts_as_absent() -> None:
    assert "CASELEDGER_DATABASE_URL is missing" in faults_of({"CASELEDGER_DATABASE_URL": ""})[0]


def test_an_unknown_name_suggests_the_nearest() -> None:
    environ = {"CASELEDGER_DATABASE_URL": "postgresql://x/y", "CASELEDGER_DATABSE_URL": "typo"}
    assert faults_of(environ) == [
        "CASELEDGER_DATABSE_URL is not a name of this product; did you mean CASELEDGER_DATABASE_URL?"
    ]


def test_names_of_other_services_are_passed_over() -> None:
    own = {"CASELEDGER_PORT", "CASELEDGER_LOG_FORMAT", "CASELEDGER_DATABASE_URL", "CASELEDGER_NATS_URL"}
    environ = dict.fromkeys(NAMES - own, "something")
    assert load(Example, {**environ, "CASELEDGER_DATABASE_URL": "postgresql://x/y"}).port == 8400


def test_names_that_are_not_ours_are_passed_over() -> None:
    assert load(Odd, {"PATH": "/bin", "caseledger_port": "x"}) == Odd()


def test_all_faults_are_said_at_once() -> None:
    environ = {"CASELEDGER_PORT": "many", "CASELEDGER_LOG_FORMAT": "xml", "CASELEDGER_COLOUR": "red"}
    faults = faults_of(environ)
    assert [fault.split()[0] for fault in faults] == [
        "CASELEDGER_COLOUR",
        "CASELEDGER_DATABASE_URL",
        "CASELEDGER_PORT",
        "CASELEDGER_LOG_FORMAT",
    ]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:secret@db:5432/x",
        "postgres://db/x",
        "postgresql://a:5432,b:5433/x",
        "postgresql:///x?host=/run/postgresql",
    ],
)
def test_a_url_that_can_be_reached_is_taken(url: str) -> None:
    assert load(Example, {"CASELEDGER_DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize(
    "url",
    [
        "postgres:/secret",
        "db.example",
        "http://db/secret",
        "postgresql:///secret",
        "postgresql://db:secret/x",
    ],
)
def test_a_url_that_nothing_answers_at_is_a_fault_and_shows_what_one_looks_like(url: str) -> None:
    (fault,) = faults_of({"CASELEDGER_DATABASE_URL": url})
    assert fault.startswith("CASELEDGER_DATABASE_URL cannot be used: write it as postgresql://")
    assert "secret" not in fault


def test_a_choice_that_there_is_not_names_those_that_there_are() -> None:
    environ = {"CASELEDGER_DATABASE_URL": "postgresql://x/y", "CASELEDGER_LOG_FORMAT": "xml"}
    assert faults_of(environ) == ["CASELEDGER_LOG_FORMAT cannot be used: it must be one of json, console."]


def test_a_fault_does_not_repeat_the_value_which_may_be_a_secret() -> None:
    environ = {"CASELEDGER_DATABASE_URL": "x", "CASELEDGER_PORT": "hunter2"}
    assert "hunter2" not in "".join(faults_of(environ))


def test_what_is_read_can_be_described() -> None:
    first, second, *_ = describe(Example)
    assert first == (
        "CASELEDGER_DATABASE_URL",
        True,
        "",
        "The service's own role on Postgres.",
    )
    assert second == ("CASELEDGER_PORT", False, "8400", "")
