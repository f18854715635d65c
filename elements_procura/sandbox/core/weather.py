"""The world's weather: what else a server, and what stands in front of it, answers.

A fault is one request gone wrong; weather is a manner that comes and goes. What a kind does to an
answer is the part of ``fronts`` and ``rewriting``.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import attrs

from elements_procura.sandbox.core.striking import Plan, by_request, number, text, whole

_DOSSIERS: Final = "GET /api/data/klantdossiers"
_BELOW: Final = f"{_DOSSIERS}/*"
_PROCURA: Final = "GET /api/v1/*"
# Nothing in a list of documents tells whose it is: what no client can notice is only for asking.
_MOST_DETAILS: Final = "GET /api/v1/[!d]*"
_SEARCH: Final = "POST /api/v1/dossiers/search"
_DATA: Final = "GET /api/data/*"
_DOCUMENTS: Final = "GET /api/v1/dossiers/*/documents*"


@attrs.frozen(kw_only=True)
class Kind:
    """One manner of the world.

    Attributes:
        text: What it is, in one line.
        elements: Which requests it hits if nothing else is asked for; None: it is not a manner of
            this API.
        procura: The same.
        passing: Whether it makes everything useless while it lasts, so that a command line's
            comes in spells.
    """

    text: str
    elements: str | None = "*"
    procura: str | None = "*"
    passing: bool = False


KINDS: Final = {
    "default-backend": Kind(text='404 as plain text, "default backend - 404"', passing=True),
    "waf": Kind(text='403 {"error":"Forbidden"} from a firewall', passing=True),
    "gone-page": Kind(text="410, an HTML page", passing=True),
    "bad-gateway": Kind(text="502, an HTML page", passing=True),
    "unavailable": Kind(text="503, an HTML page, with Retry-After", passing=True),
    "page": Kind(text="200, an HTML page", passing=True),
    "bad-request-page": Kind(text="400, an HTML page", passing=True),
    "maintenance": Kind(text='200 {"error":"maintenance"}', passing=True),
    "invalid-token": Kind(
        text='200 {"error":"invalid_token"}', elements=_DATA, procura="* /api/v1/*", passing=True
    ),
    "refused-token": Kind(
        text='401 {"error":"invalid_token"} for tokens that were just given',
        elements=_DATA,
        procura="* /api/v1/*",
        passing=True,
    ),
    "login-page": Kind(
        text="401, an HTML page", elements=_DATA, procura="* /api/v1/*", passing=True
    ),
    "empty": Kind(text="200 without a body", passing=True),
    "reset": Kind(text="connections are reset", passing=True),
    "refused": Kind(text="the server is away: connections are refused", passing=True),
    "not-found": Kind(
        text='"not found" in the API\'s own words', elements=f"{_BELOW}/*", procura=_PROCURA
    ),
    "forbidden": Kind(
        text="a right is withdrawn: 403 in the API's own words for persons (Procura: documents)",
        elements=f"{_BELOW}/klanten/*",
        procura=_DOCUMENTS,
    ),
    "bom": Kind(text="a byte order mark before JSON"),
    "php-lists": Kind(
        text='lists as PHP writes them with a gap: {"0":…,"2":…}, empty ones as {}',
        elements=_DATA,
        procura=None,
    ),
    "cut-json": Kind(
        text="half of the JSON, with a right Content-Length",
        elements=_DATA,
        procura=_PROCURA,
        passing=True,
    ),
    "cut-gzip": Kind(
        text="half of the gzip, with a right Content-Length",
        elements=_DATA,
        procura=_PROCURA,
        passing=True,
    ),
    "stray": Kind(
        text="the answer to another request, whole and with its own links",
        elements=_BELOW,
        procura=_MOST_DETAILS,
    ),
    "stray-pooled": Kind(
        text="the answer to the request before on the same connection; a fresh one is right",
        elements=_DATA,
        procura=_PROCURA,
    ),
    "stray-unlinked": Kind(
        text="the answer to another request, without links", elements=_BELOW, procura=None
    ),
    "unlinked": Kind(
        text="dossiers without links to persons and products", elements=_BELOW, procura=None
    ),
    "renamed": Kind(
        text="links to persons and products under other names", elements=_BELOW, procura=None
    ),
    "linkless": Kind(text="records without any links", elements=_BELOW, procura=None),
    "emptied": Kind(
        text="collections of a dossier without their rows", elements=_BELOW, procura=_DOCUMENTS
    ),
    "next-page": Kind(
        text="half of a listing's rows, and a link to the next page",
        elements=_DOSSIERS,
        procura=None,
    ),
    "total": Kind(
        text="half of a listing's rows, and a total above them",
        elements=_DOSSIERS,
        procura=_SEARCH,
    ),
    "odd-scalars": Kind(
        text="31-12-2016, 0000-00-00, 200.000,00 for days and amounts",
        elements=_DATA,
        procura=_PROCURA,
    ),
    "bad-rows": Kind(
        text="rows of a listing whose id is null, empty or 2^70",
        elements=_DOSSIERS,
        procura=_SEARCH,
    ),
    "broken-search": Kind(
        text="rows that break every search that finds them", elements=None, procura=_SEARCH
    ),
    "slow-search": Kind(
        text="a back office that takes 0.2 s for each row, and 10 s at most",
        elements=None,
        procura=_SEARCH,
    ),
    "late-commit": Kind(
        text="what is filed is answered 500 (timeout), and stored four seconds later",
        elements=None,
        procura="POST /api/v1/*",
    ),
}
"""Every kind by its name."""

MIXES: Final = {
    "bad": (
        "default-backend", "waf", "bad-gateway", "page", "maintenance", "reset", "refused",
        "bom", "php-lists", "stray-pooled", "cut-json",
    ),
    "broken": ("forbidden", "renamed", "emptied", "bad-rows", "broken-search"),
}  # fmt: skip
"""Several kinds under one name: what passes, and what stays until somebody mends it."""
_SPELL: Final = 3.0  # seconds of a command line's outage
_BETWEEN: Final = 20.0  # seconds from the beginning of one kind's spell to that of the next kind's
_CHANCES: Final = {
    "bom": 0.3, "php-lists": 0.3, "stray-pooled": 0.05, "renamed": 0.5,
}  # fmt: skip
"""The part of the requests that a kind hits in a mix, where that is not all of them."""


def _one_of_kinds(_: "Weather", attribute: "attrs.Attribute[str]", value: Any) -> None:
    if value not in KINDS:
        raise ValueError(f"'{attribute.name}' is one of {', '.join(KINDS)}, not {value!r}")


_SECONDS: Final = attrs.validators.optional(number(0))


@attrs.frozen
class Weather:
    """A manner that a server has for a while, whatever it holds.

    Args:
        kind: One of :data:`KINDS`; ``elements-procura sandbox --weather list`` describes them.
        match: A pattern for ``METHOD /path``, as for :class:`Fault`; empty for what the kind
            usually hits.
        probability: The chance that a matching request is hit. The n-th request of a path has the
            same luck with the same seed, whatever else is asked for in between.
        times: How many requests are hit at most; None for any number.
        after: How many matching requests pass before the first can be hit.
        wait: Seconds from the first request that could be hit until it begins.
        seconds: How long it lasts from then; None until it is cleared. ``refused`` without it
            comes for three seconds at a time.
        every: Seconds from the beginning of one spell to that of the next; None for one spell.
        least: How many requests it hits at least, however long that takes: an outage that a slow
            machine would not notice proves nothing. Not for ``refused``, which hits none.
    """

    kind: str = attrs.field(validator=_one_of_kinds)
    match: str = attrs.field(default="", validator=text, kw_only=True)
    probability: float = attrs.field(default=1.0, validator=number(0, 1), kw_only=True)
    times: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(whole(0)), kw_only=True
    )
    after: int = attrs.field(default=0, validator=whole(0), kw_only=True)
    wait: float = attrs.field(default=0.0, validator=number(0), kw_only=True)
    seconds: float | None = attrs.field(default=None, validator=_SECONDS, kw_only=True)
    every: float | None = attrs.field(default=None, validator=_SECONDS, kw_only=True)
    least: int = attrs.field(default=0, validator=whole(0), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.every is not None and not 0 < (self.seconds or 0.0) <= self.every:
            raise ValueError("'every' needs 'seconds', and not more of them")

    @classmethod
    def parse(cls, names: str) -> tuple["Weather", ...]:
        """Read names as the command line takes them: ``NAME[,NAME…]``.

        Outages come in spells of three seconds, one kind after the other; anything else stays.
        ``bad`` and ``broken`` are mixes: some of what is in them hits some requests only.

        Raises:
            ValueError: The name is unknown.
        """
        asked = [name.strip() for name in names.split(",") if name.strip()]
        if not asked:
            raise ValueError("the name of a weather is missing")
        for name in asked:
            if name not in KINDS and name not in MIXES:
                known = ", ".join((*MIXES, *KINDS))
                raise ValueError(f"there is no weather {name!r}; known are {known}")
        seldom = {kind for name in asked for kind in MIXES.get(name, ())}.difference(asked)
        kinds = list(dict.fromkeys(kind for name in asked for kind in MIXES.get(name, (name,))))
        outages = [kind for kind in kinds if KINDS[kind].passing]
        return (
            *spells(outages),
            *(
                cls(kind, probability=_chance(kind) if kind in seldom else 1.0)
                for kind in kinds
                if kind not in outages
            ),
        )

    def at(self, seconds: float) -> float | None:
        """How much longer it lasts, so long after it could first hit; None: it does not rage."""
        spent = seconds - self.wait
        if spent < 0:
            return None
        if self.every is not None:
            spent %= self.every
        if self.seconds is None:
            return _SPELL
        return self.seconds - spent if spent < self.seconds else None


def _chance(kind: str) -> float:
    """The part of the requests that a kind hits in a mix."""
    return _CHANCES.get(kind, 1.0)


def spells(
    kinds: Sequence[str], *, wait: float = 1.0, seconds: float = _SPELL
) -> tuple[Weather, ...]:
    """Outages that pass, one after the other (``_BETWEEN`` seconds apart) and over and over.

    Args:
        kinds: Names of kinds.
        wait: Seconds until the first.
        seconds: How long each lasts.
    """
    return tuple(
        Weather(
            kind, wait=wait + nth * _BETWEEN, seconds=seconds, every=max(len(kinds), 1) * _BETWEEN
        )
        for nth, kind in enumerate(kinds)
    )


def read(weather: "str | Weather | Iterable[str | Weather]") -> tuple[Weather, ...]:
    """Weather as it may be given: names, one, or several of both.

    A name in a sequence stands for that kind, always and everywhere; one text is read as a
    command line's.
    """
    if isinstance(weather, str):
        return Weather.parse(weather)
    if isinstance(weather, Weather):
        return (weather,)
    return tuple(Weather(each) if isinstance(each, str) else each for each in weather)


class Forecast:
    """Which weather hits which request of one server.

    Args:
        weather: What comes.
        seed: What chance depends on.
        api: The attribute of :class:`Kind` with the usual pattern.
        now: Seconds of the server's clock.
    """

    def __init__(
        self, weather: Iterable[Weather], *, seed: int, api: str, now: Callable[[], float]
    ) -> None:
        usual = {name: getattr(kind, api) for name, kind in KINDS.items()}
        self.weather: tuple[Weather, ...] = tuple(weather)
        matched = (
            attrs.evolve(each, match=each.match or usual[each.kind])
            for each in self.weather
            if each.match or usual[each.kind] is not None
        )
        self._plan = Plan(matched, chance=by_request(seed, "weather"))
        self._now = now
        self._began: dict[Weather, float] = {}
        self._hit = Counter[Weather]()

    def strike(self, method: str, path: str) -> tuple[Weather, ...]:
        """Everything that hits this request, in order."""
        struck = self._plan.strike_all(method, path, fits=lambda each: self.left(each) is not None)
        self._hit.update(struck)
        return struck

    def left(self, weather: Weather) -> float | None:
        """How many seconds more it rages; None if it does not."""
        now = self._now()
        began = self._began.setdefault(weather, now)
        left = weather.at(now - began)
        if left is None and now - began >= weather.wait and self._hit[weather] < weather.least:
            return _SPELL
        return left
