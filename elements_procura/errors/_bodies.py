"""Errors about request bodies, and faults found in them."""

from typing import NamedTuple

from elements_procura.errors._base import InputError

_UNCHECKED = "With validate=False the fields are sent unchecked: the server has the last word"


class BodyFault(NamedTuple):
    """One fault of a body.

    Attributes:
        path: Where, as ``$.genodigden[1].id``.
        message: A description of valid values, never the value.
    """

    path: str
    message: str


class ServerFault(BodyFault):
    """One thing that the server finds wrong with a body, in its own words.

    They may quote what was sent, so the repr leaves them out.
    """

    def __repr__(self) -> str:
        return "<ServerFault>"


class ServerText(str):
    """What a server says, in its own words. They may quote what was sent: the repr hides them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<ServerText of {len(self)} characters>" if self else "''"


class BodyError(InputError):
    """A body is not what the API documents. Nothing was sent.

    Attributes:
        faults: Every fault.
    """

    code = "input.body"

    def __init__(self, message: str, *, faults: tuple[BodyFault, ...], hint: str = "") -> None:
        listed = "; ".join(f"{fault.path} {fault.message}" for fault in faults)
        super().__init__(f"{message}: {listed}", hint=hint or _UNCHECKED)
        self.faults = faults
