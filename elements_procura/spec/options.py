"""The settings of an API as commands offer them: plain data, quick to import.

What a setting may be is checked where it is read (:mod:`elements_procura.schema.settings`); here
stands how it is spelled and explained.
"""

from typing import Any, Literal

import attrs

__all__ = ["Option"]


FASTEST = 100_000.0
"""The most requests per second that a setting may ask for: each takes a place in memory."""


@attrs.frozen(kw_only=True)
class Option:
    """One setting as a command offers it.

    Attributes:
        name: The setting's name, in files too.
        help: Its explanation; empty where the name says it all.
        flag: Its spelling on a command line; by default made of the name.
        kind: The kind of value.
        default: The value unless one is given.
        shows_default: Whether help names the default.
        choices: The texts that it may be.
        least: The least number that it may be.
        most: The greatest number that it may be.
        metavar: The word for the value in help.
        is_required: Whether a command refuses to run without it.
        is_many: Whether it may be given several times.
        needed_with: Another setting and the value of it that makes this one required.
    """

    name: str
    help: str = ""
    flag: str = ""
    kind: Literal["text", "whole", "number", "folder", "file"] = "text"
    default: Any = None
    shows_default: bool = True
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    metavar: str | None = None
    is_required: bool = False
    is_many: bool = False
    needed_with: tuple[str, str] | None = None

    @property
    def spelling(self) -> str:
        """Its spelling on a command line."""
        return self.flag or f"--{self.name.replace('_', '-')}"


GATE = Option(
    name="gate",
    metavar="PLACE#ACCOUNT",
    help="Where several processes share this account's limits: FILE#ACCOUNT on one machine, "
    "redis://HOST/DB#ACCOUNT among hosts; ACCOUNT is a name of your choice.",
)
"""The gate, which every API has."""
