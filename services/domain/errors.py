"""The few errors of the domain: each carries its fields and tells the reader what to do."""

from msgspec import Struct


class Fault(Struct, frozen=True):
    """One thing wrong with a posted event: a JSON pointer, and what is wrong there."""

    pointer: str
    message: str


class CaseworkError(Exception):
    """Something that was posted, or stored, is not what it claims to be."""


class MalformedJson(CaseworkError):
    """The body is not JSON; `args[0]` says where it stops being so."""


class NotAnEvent(CaseworkError):
    """The body is JSON, but not an event; `faults` lists everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.pointer or '/'} {fault.message}" for fault in faults))
        self.faults = faults


class UnknownEventType(CaseworkError):
    """No event of that name, or not in that version, is known to this release."""

    def __init__(self, name: str, dataschema: str | None = None) -> None:
        super().__init__(f"`{name}` ({dataschema})" if dataschema else f"`{name}`")
        self.name = name
        self.dataschema = dataschema
