"""Why a witness does not start: each says what to do."""


class WitnessError(Exception):
    """Its directory cannot be used as it is."""
