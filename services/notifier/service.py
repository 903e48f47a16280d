"""Put a notifier process together and run it until it is told to stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import asyncpg

from services.domain.calendar import england_and_wales
from services.domain.events.office import ChannelKind
from services.notifier import api
from services.notifier.board import Board
from services.notifier.channels import Channel
from services.notifier.consumer import Consumer
from services.notifier.courier import Courier
from services.notifier.deliveries import Deliveries
from services.notifier.intake import SOURCE
from services.notifier.mail import Mail
from services.notifier.mornings import Mornings
from services.notifier.settings import Settings
from services.notifier.settling import Settling
from services.notifier.store import Store
from services.notifier.sweep import Sweep
from services.notifier.webhook import Webhook
from services.notifier.wellness import Wellness
from services.notifier.windows import Windows
from services.notifier.work import Work
from services.runtime import launch, nats, postgres, web
from services.runtime.client import LedgerClient
from services.runtime.clock import SystemClock, clock_from
from services.runtime.follow import Follower
from services.runtime.identity.asker import asker
from services.runtime.identity.bearer import token_of
from services.runtime.identity.following import Following
from services.runtime.identity.needed import head_of
from services.runtime.identity.settings import authentication_of, links_of
from services.runtime.lifecycle import Background
from services.runtime.limits import Limits
from services.runtime.moment import Watermark
from services.runtime.tls import certificate_of

SERVICE: Final = "notifier"
LOG_KEYS: Final = ("alert", "case", "channel", "day", "digests", "kind", "rule", "rung", "type")
CONNECTIONS: Final = 8
ASKING: Final = 1.0  # seconds that a check, or a mover of the clock, waits for a ledger that is away
GRACE: Final = 15.0  # seconds that a stop leaves to messages under way


async def main(settings: Settings, stop: asyncio.Event) -> None:
    """Serve until `stop` is set."""
    async with serve(settings):
        launch.spare_the_collector()
        await stop.wait()


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[str]:
    """A notifier at work, and on HTTP, while the body runs; gives its URL.

    Leaving it ends the messages under way first, so that what was sent is noted.
    """
    clock = clock_from(settings.clock, environment=settings.environment)
    authentication = authentication_of(settings, clock)
    token = token_of(settings.token, settings.token_file)
    certificate = certificate_of(settings.tls_certificate, settings.tls_key)
    days = england_and_wales()
    consumed = Watermark()
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(_pool(settings.database_url))
        store = Store(pool, postgres.load_sql("services.notifier.sql"))
        client = await stack.enter_async_context(
            nats.connection(settings.nats_url, name="caseledger notifier")
        )
        ledger = await stack.enter_async_context(
            LedgerClient(settings.ledger_url, source=SOURCE, token=token, patience=None)
        )
        asking = await stack.enter_async_context(
            LedgerClient(settings.ledger_url, source=SOURCE, token=token, patience=ASKING)
        )
        channels = await _channels(settings, stack)
        board = (
            await stack.enter_async_context(Board(url, token)) if (url := settings.projector_url) else None
        )
        follower = Follower(client, ledger)
        work = Work(store, clock, settings.database_url)
        mornings = Mornings(
            store=store, ledger=ledger, board=board, clock=clock, days=days, consumed=consumed
        )
        background = await stack.enter_async_context(Background())
        background.start("clock", clock.watch())
        following = Following(authentication, store.office_after, needed=await head_of(asking))
        await following.refresh()
        background.start("keys", following.run())
        background.start(
            "work",
            work.run(
                Consumer(store, follower, consumed, work.wake),
                Sweep(store, ledger, clock, days, consumed),
                mornings,
                Courier(
                    store=store,
                    ledger=ledger,
                    channels=channels,
                    clock=clock,
                    days=days,
                    consumed=consumed,
                    public_url=settings.public_url,
                    links=links_of(settings),
                ),
            ),
        )
        stack.push_async_callback(work.finish, GRACE)
        mail = channels.get(ChannelKind.EMAIL)
        wellness = Wellness(
            store=store,
            ledger=asking,
            follower=follower,
            work=work,
            mornings=mornings,
            mail=mail if isinstance(mail, Mail) else None,
        )
        settling = Settling(store, asking, clock, work.progress)

        async def hidden() -> list[str]:
            return await store.hidden_from(asker(), clock.now())

        app = web.create_app(
            SERVICE,
            routes=api.routes(Deliveries(store), Windows(store), hidden, clock, work.wake),
            authentication=authentication,
            limits=Limits(settings.rate_limit, settings.stream_limit),
            clock=clock,
            checks=wellness.checks(),
            next_due=settling.next_due,  # on a test clock, once what was due before has been acted on
        )
        yield await stack.enter_async_context(
            web.serve(app, settings.host, settings.port, certificate=certificate)
        )


async def _channels(settings: Settings, stack: AsyncExitStack) -> dict[ChannelKind, Channel]:
    channels: dict[ChannelKind, Channel] = {}
    if settings.smtp_url:
        channels[ChannelKind.EMAIL] = Mail(settings.smtp_url, settings.mail_from)
    if settings.webhook_secret:
        only_https = settings.environment == "production"
        webhook = Webhook(settings.webhook_secret, SystemClock(), only_https=only_https)
        channels[ChannelKind.WEBHOOK] = await stack.enter_async_context(webhook)
    return channels


@asynccontextmanager
async def _pool(url: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await postgres.connect_pool(url, application_name="caseledger notifier", max_size=CONNECTIONS)
    try:
        yield pool
    finally:
        pool.terminate()
