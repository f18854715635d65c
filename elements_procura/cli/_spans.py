"""Lengths of time, as options have them: ``10h``, ``90m``, ``1h30m``."""

import re

from elements_procura.errors import ConfigError

_UNITS = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)


def seconds_of(text: str, option: str) -> float:
    """How many seconds a length of time is.

    Args:
        text: Numbers with their units, the longest first.
        option: Whose value it is, for the message.

    Raises:
        ConfigError: It is none, or no time at all.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    numbers = (int(number or 0) for number in (found.groups() if found else ()))
    seconds = sum(map(float.__mul__, map(float, numbers), _UNITS.values()))
    if not seconds:
        raise ConfigError(f"{option} is a length of time", hint="Give 10h, 90m, 1h30m or 30s")
    return seconds
