"""TLS to the services, Postgres, NATS and mail: by an authority that is trusted, or not at all."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
import structlog
from aiosmtpd.smtp import SMTP, Session

from services.evidence.keys import Algorithm
from services.runtime import nats, tls, web
from services.runtime.client import LedgerAway, LedgerClient
from services.runtime.follow import Follower
from services.runtime.identity.bearer import bearer
from services.runtime.logs import named
from services.runtime.mail import MailNotTaken, MailServer
from services.runtime.settings import SettingsError, load
from services.runtime.tls import certificate_of
from services.stack import signing
from services.stack.nats import Nats
from services.witness import directory
from services.witness import service as witness
from services.witness.settings import Settings as WitnessSettings
from tests.integration.deploy.following import first
from tests.integration.ledger import ledgers
from tests.support.backing import Database
from tests.support.certificates import TestAuthority
from tests.support.open_app import open_app
from tests.support.until import until

PLAIN = {"type": "ContactReceived", "data": {"contact_id": "contact-1"}}


class TlsNats(Nats):
    """The embedded server, to be reached with TLS only."""

    def __init__(self, store: Path, chain: Path, key: Path) -> None:
        super().__init__(store, fsync=False)
        self._tls = f'tls {{ cert_file: "{chain}", key_file: "{key}" }}\n'

    @property
    def url(self) -> str:
        return f"tls://127.0.0.1:{self.port}"

    def _configured(self) -> str:
        return super()._configured() + self._tls


@pytest.fixture
def authority(tmp_path: Path) -> TestAuthority:
    return TestAuthority(tmp_path)


@pytest.fixture
def trusted(authority: TestAuthority, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestAuthority]:
    """An authority that this process trusts, as an operator has it trust one."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    tls.authorities.cache_clear()
    yield authority
    tls.authorities.cache_clear()


def context_of(chain: Path, key: Path) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(chain, key)
    return made


@asynccontextmanager
async def postgres_behind_tls(url: str, context: ssl.SSLContext) -> AsyncIterator[str]:
    """What is said to Postgres, by its own way of beginning TLS; the embedded server is built without."""
    there = urlsplit(url)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(8) == bytes.fromhex("0000000804d2162f"), "asked for no TLS"
        writer.write(b"S")
        try:
            await writer.start_tls(context)
            other_reader, other = await asyncio.open_connection(there.hostname, there.port)
        except OSError:
            return
        await asyncio.gather(_copy(reader, other), _copy(other_reader, writer), return_exceptions=True)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield there._replace(netloc=f"{there.username}@127.0.0.1:{port}", query="").geturl()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


async def test_a_ledger_that_speaks_tls_with_everything_takes_events_and_gives_them(
    trusted: TestAuthority, tmp_path: Path, migrated_database: Database
) -> None:
    chain, key = trusted.certify()
    async with (
        TlsNats(tmp_path / "nats", chain, key) as broker,
        postgres_behind_tls(migrated_database.url, context_of(chain, key)) as database,
        ledgers.ledger(
            f"{database}?sslmode=verify-full&sslrootcert={trusted.file}",
            broker.url,
            tls_certificate=str(chain),
            tls_key=str(key),
        ) as ledger,
        LedgerClient(str(ledger.http.base_url), source="/test") as client,
        nats.connection(broker.url, name="probe") as follower,
    ):
        assert ledger.http.base_url.scheme == "https"
        await client.append("case-1", PLAIN)
        await until(lambda: is_published(client, 1))
        assert await first(Follower(follower, client), 1) == ([1], "stream")
        assert "max-age" in (await ledger.http.get("/livez")).headers["strict-transport-security"]
        await _refuses_what_is_less(str(ledger.http.base_url), trusted)


async def is_published(client: LedgerClient, position: int) -> bool:
    return (await client.head()).published >= position


async def _refuses_what_is_less(url: str, trusted: TestAuthority) -> None:
    async with httpx.AsyncClient(trust_env=False) as plain:
        refused = await plain.get(url.replace("https:", "http:"), headers=bearer("cl_secret"))
        assert refused.json()["type"] == "urn:caseledger:problem:tls-required"
    old = ssl.create_default_context(cafile=trusted.file)
    with pytest.warns(DeprecationWarning, match="deprecated"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    async with httpx.AsyncClient(trust_env=False, verify=old) as outdated:
        with pytest.raises(httpx.ConnectError):
            await outdated.get(url)
    tls.authorities.cache_clear()
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.delenv("SSL_CERT_FILE")
        async with LedgerClient(url, source="/test", patience=0.1) as stranger:
            with pytest.raises(LedgerAway) as away:
                await stranger.head()
    assert named(away.value) == "LedgerAway certificate 20"  # OpenSSL's code for an issuer that is not known


async def test_a_database_that_a_stranger_certified_is_not_spoken_to(
    authority: TestAuthority, tmp_path: Path, database: Database
) -> None:
    stranger = TestAuthority(tmp_path, "stranger")
    async with postgres_behind_tls(database.url, context_of(*stranger.certify())) as url:
        with pytest.raises((ssl.SSLError, OSError)):
            await asyncpg.connect(f"{url}?sslmode=verify-full&sslrootcert={authority.file}", timeout=5)


async def test_a_broker_that_would_go_on_in_clear_is_told_no_password(
    own_nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nats, "FIRST", 0.2)
    heard: list[bytes] = []

    async def overhear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", own_nats.port)
        writer.write(await there.readline())  # the server's first word, which asks for no TLS
        while data := await reader.read(4096):
            heard.append(data)
        back.close()
        writer.close()

    server = await asyncio.start_server(overhear, "127.0.0.1", 0)
    async with server:
        url = f"tls://user:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with structlog.testing.capture_logs() as lines:
            async with nats.connection(url, name="probe") as client:
                assert not client.is_connected
    assert b"".join(heard) == b""
    assert {line["error"] for line in lines if line["event"] == "nats.trouble"} == {"NotEncrypted"}


async def test_a_witness_speaks_tls_by_the_settings_of_the_services(
    trusted: TestAuthority, tmp_path: Path
) -> None:
    chain, key = trusted.certify()
    names = {"CASELEDGER_TLS_CERTIFICATE": str(chain), "CASELEDGER_TLS_KEY": str(key)}
    given = load(WitnessSettings, names)
    certificate = certificate_of(given.tls_certificate, given.tls_key)
    directory.prepare(tmp_path / "w")
    signing.write(tmp_path / "w" / directory.KEY, [signing.make("witness.example/w1", Algorithm.COSIGNATURE)])
    (tmp_path / "w" / "ledgers.keys").touch()
    async with (
        witness.serve(tmp_path / "w", "127.0.0.1", 0, certificate) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, verify=tls.authorities()) as http,
    ):
        assert url.startswith("https://")
        assert (await http.get("/readyz")).json()["ready"]
        assert "witness.example/w1" in (await http.get("/v1/key")).text


class Keeper:
    """Takes every message, and keeps on which session it came."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []

    async def handle_DATA(self, _server: object, session: Session, _envelope: object) -> str:  # noqa: N802 - aiosmtpd's
        self.sessions.append(session)
        return "250 OK"


@asynccontextmanager
async def mail_server(
    keeper: Keeper, *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Where a mail server listens, which speaks TLS from the beginning or once it is told to."""
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(keeper, enable_SMTPUTF8=True, tls_context=starttls), "127.0.0.1", 0, ssl=tls
    )
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


def a_message() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "a@council.example", "b@council.example"
    return message


async def test_mail_goes_over_tls_or_not_at_all(trusted: TestAuthority, tmp_path: Path) -> None:
    message, keeper = a_message(), Keeper()
    async with mail_server(keeper, tls=context_of(*trusted.certify())) as at:
        await MailServer(f"smtps://{at}").send(message)
    stranger = context_of(*TestAuthority(tmp_path, "stranger").certify())
    for context in (stranger, None):
        async with mail_server(keeper, tls=context) as at:
            with pytest.raises(MailNotTaken):
                await MailServer(f"smtps://{at}").send(message)
    assert len(keeper.sessions) == 1


async def test_a_password_is_not_said_where_everybody_hears_it() -> None:
    keeper = Keeper()
    async with mail_server(keeper) as at:
        for refused in (f"smtp://user:secret@{at}", f"smtp+starttls://{at}"):
            with pytest.raises(MailNotTaken):
                await MailServer(refused).send(a_message())
        assert keeper.sessions == []
        await MailServer(f"smtp://{at}").send(a_message())
    assert len(keeper.sessions) == 1


async def test_mail_goes_over_to_tls_where_it_was_told_to(trusted: TestAuthority) -> None:
    keeper = Keeper()
    async with mail_server(keeper, starttls=context_of(*trusted.certify())) as at:
        for scheme in ("smtp", "smtp+starttls"):
            await MailServer(f"{scheme}://{at}").send(a_message())
    assert len(keeper.sessions) == 2
    assert all(session.ssl for session in keeper.sessions)


def test_in_production_a_key_service_is_asked_over_tls_or_on_the_same_machine() -> None:
    for url in ("http://vault:8200/v1/transit/encrypt/k", "HTTP://10.0.0.7/v1/transit/encrypt/k"):
        with pytest.raises(SettingsError, match="CASELEDGER_SIGNING_SERVICE_URL cannot be used"):
            tls.refuse_clear("production", SIGNING_SERVICE_URL=url)
        tls.refuse_clear("development", SIGNING_SERVICE_URL=url)
    tls.refuse_clear("production", SIGNING_SERVICE_URL=None)
    for url in ("https://vault/v1", "http://127.0.0.1:8200/v1", "http://[::1]/v1", "http://localhost/v1"):
        tls.refuse_clear("production", SIGNING_SERVICE_URL=url)


async def test_a_handshake_that_does_not_go_on_is_given_up(
    trusted: TestAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "HEAD_SECONDS", 0.05)
    certificate = certificate_of(*map(str, trusted.certify()))
    async with web.serve(open_app("probe"), "127.0.0.1", 0, certificate=certificate) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()


def test_a_certificate_that_cannot_be_used_is_said_at_the_start(tmp_path: Path) -> None:
    chain, key = TestAuthority(tmp_path).certify()
    other = TestAuthority(tmp_path, "other").certify("127.0.0.2")[1]
    assert certificate_of(None, None) is None
    assert certificate_of(str(chain), str(key)) is not None
    for one, two in ((chain, other), (key, chain), (tmp_path / "none", key), (chain, tmp_path)):
        with pytest.raises(SettingsError, match="CASELEDGER_TLS_"):
            certificate_of(str(one), str(two))
    for one_alone in ((str(chain), None), (None, str(key))):
        with pytest.raises(SettingsError, match="together"):
            certificate_of(*one_alone)
