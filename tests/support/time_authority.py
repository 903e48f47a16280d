"""A time-stamp authority (RFC 3161) made for the tests: its certificates, and its answers, in DER.

Its DER is written here by hand, so that what the product's library reads is not what it wrote.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from litestar import Request, Response, post

from services.runtime import web
from tests.support.open_app import open_app

SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"
SHA256, ECDSA_WITH_SHA256, POLICY = "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2", "1.2.3.4"
SEQUENCE, SET, OCTETS, INTEGER = 0x30, 0x31, 0x04, 0x02


class TimeAuthority:
    """An authority with a root and a key of its own; `now` is the time that it names."""

    def __init__(self, name: str = "tests") -> None:
        self.name = name
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.status = 200
        self.asked: list[bytes] = []
        self.url = ""
        self._serial = 0

    @property
    def certificates(self) -> bytes:
        """What whoever trusts it is given (PEM)."""
        return self._root.public_bytes(Encoding.PEM)

    @cached_property
    def _keys(self) -> tuple[ec.EllipticCurvePrivateKey, ec.EllipticCurvePrivateKey]:
        return ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def _root(self) -> x509.Certificate:
        root, _ = self._keys
        name = _named(f"{self.name} root")
        built = _certificate(name, name, root.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        return built.sign(root, hashes.SHA256())

    @cached_property
    def _own(self) -> x509.Certificate:
        root, key = self._keys
        built = _certificate(_named(f"{self.name} stamps"), self._root.subject, key.public_key())
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        return built.add_extension(stamping, critical=True).sign(root, hashes.SHA256())

    def answer(self, query: bytes) -> bytes:
        """The TimeStampResp to a TimeStampReq."""
        _, imprint, *rest = _parts(_parts(query)[0][1])
        nonce = [_der(INTEGER, content) for tag, content in rest if tag == INTEGER]
        self._serial += 1
        written = self.now.strftime("%Y%m%d%H%M%SZ").encode()
        info = _seq(_int(1), _oid(POLICY), _der(*imprint), _int(self._serial), _der(0x18, written), *nonce)
        return _seq(_seq(_int(0)), self._signed(info))

    def _signed(self, info: bytes) -> bytes:
        der = self._own.public_bytes(Encoding.DER)
        algorithm = _seq(_oid(SHA256), b"\x05\x00")
        attributes = b"".join(
            sorted(
                _seq(_oid(name), _der(SET, value))
                for name, value in (
                    (CONTENT_TYPE, _oid(TST_INFO)),
                    (MESSAGE_DIGEST, _der(OCTETS, sha256(info).digest())),
                    (SIGNING_CERTIFICATE, _seq(_seq(_seq(_der(OCTETS, sha256(der).digest()))))),
                )
            )
        )
        made = self._keys[1].sign(_der(SET, attributes), ec.ECDSA(hashes.SHA256()))
        signer = _seq(
            _int(1),
            _seq(self._own.issuer.public_bytes(), _int(self._own.serial_number)),
            algorithm,
            _der(0xA0, attributes),
            _seq(_oid(ECDSA_WITH_SHA256)),
            _der(OCTETS, made),
        )
        content = _seq(_oid(TST_INFO), _der(0xA0, _der(OCTETS, info)))
        data = _seq(_int(3), _der(SET, algorithm), content, _der(0xA0, der), _der(SET, signer))
        return _seq(_oid(SIGNED_DATA), _der(0xA0, data))


@asynccontextmanager
async def stamping() -> AsyncIterator[TimeAuthority]:
    """An authority at work on HTTP, at its `url`; `status` is what it answers, `asked` what it was sent."""
    authority = TimeAuthority()

    @post("/stamp")
    async def stamp(request: Request[Any, Any, Any]) -> Response[bytes]:
        assert request.headers["content-type"] == "application/timestamp-query"
        authority.asked.append(await request.body())
        made = authority.answer(authority.asked[-1])
        return Response(made, status_code=authority.status, media_type="application/timestamp-reply")

    async with web.serve(open_app("authority", stamp), "127.0.0.1", 0) as url:
        authority.url = f"{url}/stamp"
        yield authority


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer,
        subject,
        key,
        x509.random_serial_number(),
        datetime(2010, 1, 1, tzinfo=UTC),
        datetime.now(UTC) + timedelta(days=3650),
    )


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _seq(*parts: bytes) -> bytes:
    return _der(SEQUENCE, b"".join(parts))


def _int(number: int) -> bytes:
    return _der(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    content = bytes([40 * first + second])
    for arc in rest:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        content += bytes(reversed(groups))
    return _der(0x06, content)


def _parts(der: bytes) -> list[tuple[int, bytes]]:
    """The tags and contents that stand one after the other."""
    found = []
    while der:
        tag, size, at = der[0], der[1], 2
        if size & 0x80:
            at += size & 0x7F
            size = int.from_bytes(der[2:at], "big")
        found.append((tag, der[at : at + size]))
        der = der[at + size :]
    return found
