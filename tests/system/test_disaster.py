"""What no process can mend by itself: a database restored from an old backup, a disk that is full.

Each is seen, is said where an operator looks, and ends by doing what is said there.
"""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import nats
import pytest

from services.runtime.tls import authorities
from tests.support.audit import audit
from tests.support.load import Writer, alert, appointments, contact, writing
from tests.support.product import Product
from tests.support.tokens import BEARER
from tests.support.until import until


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Product]:
    async with Product(tmp_path) as product:
        async with Writer(product.ledger) as writer:
            await writer.post("office", *appointments())
        yield product


async def test_a_ledger_restored_from_a_backup_publishes_nothing_until_the_stream_is_deleted(
    product: Product, tmp_path: Path
) -> None:
    async with Writer(product.ledger) as client:
        kept = await client.post("kept", contact(), alert())
        await product.settle()
        await back_up(product, tmp_path / "backup")
        lost = await client.post("lost", *(contact() for _ in range(20)))
        await product.settle()
        await restore(product, tmp_path / "backup")

        ended_at = lost[-1].receipt.position
        said = await until_the_relay_refuses(product)
        assert f"CASE_EVENTS ends at {ended_at} but the ledger at " in said
        assert "restored from an earlier backup" in said
        assert "nats stream rm CASE_EVENTS" in said

        # The ledger goes on, and those who read it do, too; nobody believes the stream.
        anew = await client.post("anew", contact(), alert())
        assert anew[0].receipt.position == lost[0].receipt.position
        await until_projected(product, anew[-1].receipt.position)
        assert await how_many_on_stream(product) == ended_at
        assert await statuses_of(product, "lost", "anew") == [404, 200]

        await delete_the_stream(product)
        await audit(product, [*kept, *anew])


async def back_up(product: Product, backup: Path) -> None:
    await product.stop("postgres")
    await copy(product.postgres.data, backup)
    await product.start("postgres")
    await product.until_ready()


async def restore(product: Product, backup: Path) -> None:
    await product.kill("postgres")
    await asyncio.to_thread(shutil.rmtree, product.postgres.data)
    await copy(backup, product.postgres.data)
    await product.start("postgres")
    await product.revive("ledger")  # it has seen that the database went back, and starts anew


async def copy(source: Path, target: Path) -> None:
    copying = await asyncio.create_subprocess_exec("cp", "-a", source, target)  # owners included
    assert await copying.wait() == 0


async def until_the_relay_refuses(product: Product) -> str:
    """What `/readyz` says of it."""
    said = ""

    async def refuses() -> bool:
        nonlocal said
        with suppress(httpx.HTTPError):
            readiness = await product.readiness("ledger")
            said = readiness["checks"]["relay"]["detail"]
            return not readiness["ready"] and "Nothing is published" in said
        return False

    await until(refuses)
    return said


async def until_projected(product: Product, position: int) -> None:
    async with httpx.AsyncClient(headers=BEARER, trust_env=False, verify=authorities(), timeout=30) as client:
        answer = await client.get(f"{product.projector}/v1/cases", params={"wait_for": position})
        answer.raise_for_status()


async def statuses_of(product: Product, *case_ids: str) -> list[int]:
    async with httpx.AsyncClient(headers=BEARER, trust_env=False, verify=authorities(), timeout=30) as client:
        return [(await client.get(f"{product.projector}/v1/cases/{each}")).status_code for each in case_ids]


async def how_many_on_stream(product: Product) -> int:
    client = await nats.connect(product.nats.url)
    try:
        return (await client.jetstream().stream_info("CASE_EVENTS")).state.last_seq
    finally:
        await client.close()


async def delete_the_stream(product: Product) -> None:
    client = await nats.connect(product.nats.url)
    try:
        await client.jetstream().delete_stream("CASE_EVENTS")
    finally:
        await client.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, just large enough for a new database."""
    disk = tmp_path / "small-disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=120m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"only root may mount a small file system: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


async def test_a_full_disk_means_503s_and_service_when_there_is_room_again(
    small_disk: Path, tmp_path: Path
) -> None:
    async with Product(tmp_path / "product", postgres=small_disk / "postgres") as product:
        ballast = small_disk / "ballast"
        async with writing(product.ledger) as load:
            await load.more(20)
            await asyncio.to_thread(fill, ballast)
            await until(lambda: 503 in load.answers)
            assert (await appends(product))["warning"] or not product.postgres.child.running
            ballast.unlink()
            if not product.postgres.child.running:
                await product.start("postgres")
            await load.more(20)
            assert await appends(product) == {"ok": True, "detail": "go well", "warning": False}
        assert set(load.answers) <= {200, 201, 503}
        await audit(product, load.acknowledged)


async def appends(product: Product) -> dict[str, Any]:
    async with httpx.AsyncClient(
        headers=BEARER, base_url=product.ledger, trust_env=False, verify=authorities()
    ) as http:
        found: dict[str, Any] = (await http.get("/readyz")).json()["checks"]["appends"]
        return found


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 65_536):
            pass
