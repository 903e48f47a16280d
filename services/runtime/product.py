"""What the product is called."""

from typing import Final

PRODUCT: Final = "caseledger"
