"""Which requests something on order hits: faults and weather are struck alike."""

import fnmatch
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    import attrs

_PLACEHOLDER: Final = re.compile(r"\{\w+\}")
_IN_PLACE: Final = "\0"


class Order(Protocol):
    """The common base of everything that can be ordered."""

    @property
    def match(self) -> str:
        """A pattern for ``METHOD /path``."""

    @property
    def probability(self) -> float:
        """The chance that a matching request is hit."""

    @property
    def times(self) -> int | None:
        """How many requests are hit at most."""

    @property
    def after(self) -> int:
        """How many matching requests pass before the first can be hit."""


T = TypeVar("T", bound=Order)
Chance = Callable[[str], float]
Fits = Callable[[T], bool]


class Plan(Generic[T]):
    """Decides which requests are hit, reproducibly.

    Args:
        orders: The orders, in sequence.
        chance: Makes the dice of the n-th order; what it returns is thrown for each matching
            request.
    """

    def __init__(self, orders: Iterable[T], *, chance: Callable[[int], Chance]) -> None:
        self._chance = chance
        self._added = 0
        self._pending: list[_PendingOrder[T]] = []
        for order in orders:
            self.add(order)

    @property
    def orders(self) -> tuple[T, ...]:
        """The orders, in sequence."""
        return tuple(each.order for each in self._pending)

    def add(self, order: T) -> None:
        """Put one more order behind the others."""
        self._pending.append(_PendingOrder(order, self._chance(self._added)))
        self._added += 1

    def clear(self) -> None:
        """From now on nothing is hit."""
        self._pending.clear()

    def strike(self, method: str, path: str) -> T | None:
        """The order that hits this request: the first one, the others stay for later."""
        hit: _PendingOrder[T] | None = None
        for pending in self._due(f"{method} {path}"):
            hit = hit or pending
        if hit is None:
            return None
        hit.hits += 1
        return hit.order

    def strike_all(self, method: str, path: str, *, fits: Fits[T]) -> tuple[T, ...]:
        """Every order that hits this request, in order, out of those that fit now."""
        hits = [each for each in self._due(f"{method} {path}") if fits(each.order)]
        for each in hits:
            each.hits += 1
        return tuple(each.order for each in hits)

    def _due(self, request: str) -> list["_PendingOrder[T]"]:
        return [
            each for each in self._pending if each.pattern.fullmatch(request) and each.due(request)
        ]


class _PendingOrder(Generic[T]):
    """An order, and how far it is."""

    __slots__ = ("_chance", "_seen", "hits", "order", "pattern")

    def __init__(self, order: T, chance: Chance) -> None:
        self.order = order
        self.hits = 0
        pattern = fnmatch.translate(_PLACEHOLDER.sub(_IN_PLACE, order.match))
        self.pattern = re.compile(pattern.replace(re.escape(_IN_PLACE), "[^/]+"))
        self._chance = chance
        self._seen = 0

    def due(self, request: str) -> bool:
        """Count one matching request: whether it may be hit."""
        self._seen += 1
        if self._seen <= self.order.after:
            return False
        if self._chance(request) >= self.order.probability:
            return False
        return self.order.times is None or self.hits < self.order.times


def by_order(seed: int, what: str) -> Callable[[int], Chance]:
    """Dice that fall alike when the requests come in the same order."""

    def make(number: int) -> Chance:
        # Reproducible on purpose, nothing secret hangs on it.
        dice = random.Random(f"{seed}/{what}/{number}")
        return lambda _: dice.random()

    return make


def by_request(seed: int, what: str) -> Callable[[int], Chance]:
    """Dice that fall alike for the n-th request of a path, whatever comes in between."""

    def make(number: int) -> Chance:
        asked: Counter[str] = Counter()

        def throw(request: str) -> float:
            asked[request] += 1
            return random.Random(f"{seed}/{what}/{number}/{request}/{asked[request]}").random()

        return throw

    return make


# -- what an order may be made of -----------------------------------------------------------------


def text(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    """A validator: a text."""
    if not isinstance(value, str):
        raise ValueError(f"'{attribute.name}' must be a text, not {value!r}")


def number(low: float, high: float = float("inf")) -> Any:
    """A validator: a number in a span."""

    def check(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not low <= value <= high:
            span = f"from {low:g}" + ("" if high == float("inf") else f" to {high:g}")
            raise ValueError(f"'{attribute.name}' must be a number {span}, not {value!r}")

    return check


def whole(low: int, high: float = float("inf")) -> Any:
    """A validator: a whole number in a span."""
    is_number = number(low, high)

    def check(order: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        is_number(order, attribute, value)
        if not isinstance(value, int):
            raise ValueError(f"'{attribute.name}' must be a whole number, not {value!r}")

    return check
