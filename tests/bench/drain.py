"""The driver that reads a replay to its end over HTTP and keeps nothing of it."""

import http.client
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from tests.bench import jobs
from tests.support.tokens import BEARER

BUFFER = 1024 * 1024
OK = 200


def drain(url: str) -> dict[str, Any]:
    """Read the body of a GET; gives its size, its lines, and the seconds from connecting to the last byte."""
    address = urlsplit(url)
    buffer = bytearray(BUFFER)
    size = lines = 0
    begun = perf_counter()
    connection = http.client.HTTPConnection(address.netloc)
    connection.request(
        "GET", f"{address.path}?{address.query}", headers={**BEARER, "Accept": "application/x-ndjson"}
    )
    answer = connection.getresponse()
    if answer.status != OK:
        raise RuntimeError(f"{url} answered {answer.status}")
    while read := answer.readinto(buffer):
        size += read
        lines += buffer.count(b"\n", 0, read)
    seconds = perf_counter() - begun
    connection.close()
    return {"bytes": size, "lines": lines, "seconds": seconds}


if __name__ == "__main__":
    jobs.serve({"drain": drain})
