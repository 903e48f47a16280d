"""Post a message to a web address, signed as Standard Webhooks has it: codes, dates and a link."""

import asyncio
from math import floor
from types import TracebackType
from typing import Final, Self

import httpx
from msgspec import json
from standardwebhooks import Webhook as Signer

from services.notifier.channels import NotTaken
from services.notifier.message import Message
from services.runtime.clock import Clock
from services.runtime.tls import authorities

PATIENCE: Final = 10.0  # seconds for the whole request, answer included

UNREACHABLE: Final = "HTTP_UNREACHABLE"
BAD_ADDRESS: Final = "BAD_ADDRESS"
NOT_HTTPS: Final = "NOT_HTTPS"


class Webhook:
    """A signed POST; see `channels.Channel`. `async with` it.

    `wall` is the real clock: a receiver refuses a signature that is minutes old, whatever a rehearsal's clock
    says. The message itself carries the service's time. Redirects are not followed.
    """

    def __init__(self, secret: str, wall: Clock, *, only_https: bool) -> None:
        """Prepare to sign with `secret` (`whsec_…`); raises `ValueError` when it is none."""
        self._signer = Signer(secret)
        self._wall = wall
        self._only_https = only_https
        self._http = httpx.AsyncClient(
            timeout=PATIENCE, verify=authorities(), trust_env=False, follow_redirects=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def send(self, message: Message, address: str) -> None:
        """Return once the receiver has answered 2xx. Raises `NotTaken`."""
        if self._only_https and not address.lower().startswith("https://"):
            raise NotTaken(NOT_HTTPS)
        body = write(message)
        try:
            # httpx bounds each step; whoever answers byte by byte would hold up every other message.
            async with (
                asyncio.timeout(PATIENCE),
                self._http.stream(
                    "POST", address, content=body, headers=self._headers(message.notification_id, body)
                ) as answer,
            ):
                status = answer.status_code  # the answer's body is not read: it may be without end
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            raise NotTaken(BAD_ADDRESS) from error
        except (httpx.HTTPError, OSError) as error:
            raise NotTaken(UNREACHABLE) from error
        if not httpx.codes.is_success(status):
            raise NotTaken(f"HTTP_{status}")

    def _headers(self, notification_id: str, body: bytes) -> dict[str, str]:
        now = self._wall.now()
        return {
            "Content-Type": "application/json",
            "webhook-id": notification_id,
            "webhook-timestamp": str(floor(now.timestamp())),
            "webhook-signature": self._signer.sign(notification_id, now, body.decode()),
        }


def write(message: Message) -> bytes:
    """The body."""
    return json.encode(
        {
            "type": message.topic,
            "timestamp": message.sent_at,
            "data": {
                "notification_id": message.notification_id,
                **message.about,
                "test_clock": message.test_clock,
            },
        }
    )
