"""What tests that start a ledger give it to seal with: known to everybody, and of no use elsewhere."""

from base64 import b64encode
from typing import Final

KEY_ENCRYPTION_KEY: Final = f"test {b64encode(bytes(range(32))).decode()}"
