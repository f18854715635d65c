"""Reading a 429: the limit per second or the limit per day."""

import re
from typing import Literal

from elements_procura.scheduler._rates import QUOTA_SECONDS

#: Which limit a 429 speaks of.
Limit = Literal["second", "day"]

_UNITS = {
    "sec": 1.0,
    "min": 60.0,
    "hour": 3600.0,
    "uur": 3600.0,
    "uren": 3600.0,
    "day": 86_400.0,
    "dai": 86_400.0,
    "dag": 86_400.0,
    "etmaal": 86_400.0,
}
# A number, perhaps, and a unit of time in English or Dutch: "1 second(s)", "one day", "per dag",
# "86,400 seconds"; what three digits follow is a mark between thousands.
_NUMBER = (
    r"(?<![\d.,])(?P<number>\d{1,3}(?:[.,'\u2019 \u00a0\u202f]\d{3})+|\d{1,9})(?:[.,]\d{1,2})?"
)
_PERIOD = (
    rf"(?:{_NUMBER}\s*)?"
    r"\b(?P<unit>sec(?:s|ond\w*)?|min(?:s|u(?:te|ut)\w*)?|hour|uur|uren|day|daily|dag|etmaal)"
    r"(?:s|en|elijks\w*|\(s\))?\b"
)
_MARKS = re.compile(r"\D")
_LOOK_AT = 4096


def classify_429(body: bytes | str, *, retry_after: float | None = None) -> Limit:
    """Read from a 429's body which limit it means.

    The first period of time named in the text decides, so wording, language, quotes and markup may
    change freely. A text that names none is the second's limit, unless the server asks for
    a wait of an hour or more.

    Args:
        body: The body as it came; it need not be valid JSON.
        retry_after: Seconds of the ``Retry-After`` header, if there was one.

    Returns:
        ``"day"`` for a period of an hour and longer, else ``"second"``.
    """
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    found = re.search(_PERIOD, text[:_LOOK_AT], re.IGNORECASE)  # compiled when it is needed
    if found is None:
        return "day" if retry_after is not None and retry_after >= QUOTA_SECONDS else "second"
    unit = found["unit"].lower()
    seconds = next(length for start, length in _UNITS.items() if unit.startswith(start))
    number = int(_MARKS.sub("", found["number"] or "1"))
    return "day" if seconds * number >= QUOTA_SECONDS else "second"
