"""What the product is called, and which version of it this is."""

from typing import Final

PRODUCT: Final = "caseledger"


def version() -> str:
    """Which version is installed; 0.0.0 of a checkout that is not."""
    from importlib import metadata  # noqa: PLC0415 -- slow to import, seldom asked

    try:
        return metadata.version(PRODUCT)
    except metadata.PackageNotFoundError:
        return "0.0.0"
