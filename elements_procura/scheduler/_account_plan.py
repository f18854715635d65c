"""Who of several processes gets which place, as far ahead as is known or can be guessed."""

from typing import Any

from elements_procura.scheduler._account_spacing import spacing

Values = dict[str, Any]

LATE = 150.0  # who calls later than this after its moment is not waited for
APART, RESERVE = 0.6, 1.3  # as in _pacers, while somebody interactive is about
CLOSE = 20.0
GUESS = 120.0  # a round trip, where a place is only planned
_LATER = 1 << 40  # turns that are only planned come after all that were taken


class Plan:
    """What the next moments will bring, if everybody who waits comes for its place.

    Args:
        state: The account.
        now: The moment of the turn.
    """

    def __init__(self, state: Values, now: float) -> None:
        self._state = state
        self._now = now
        self._owners = state["owners"]
        self.wants = {name: list(owner["wants"]) for name, owner in self._owners.items()}
        self._served = {name: owner["served"] for name, owner in self._owners.items()}
        self._since = {name: owner["since"] for name, owner in self._owners.items()}
        self._skipped: set[str] = set()
        self._last = state["last"]
        self._spacing = spacing(state, now)
        self._turns = _LATER
        # Per window its places: free, credit, site, and whether all that is known.
        self._places = [
            [
                (place["free"], place["credit"], place["site"], True)
                if not place["owner"]
                else (max(now, place["free"] + GUESS) + window, 0.0, "", False)
                for place in places
            ]
            for places, (_, window) in zip(state["places"], state["rates"], strict=True)
        ]

    def next_owner(self) -> str | None:
        """Who is next: interactive as they came, then whoever has had its turn longest ago."""
        waiting = [
            name for name, wants in self.wants.items() if sum(wants) and name not in self._skipped
        ]
        return min(
            waiting,
            key=lambda name: (
                (0, self._since[name], name)
                if self.wants[name][0]
                else (1, self._served[name], name)
            ),
            default=None,
        )

    def lane(self, name: str) -> int:
        """The lane of its next request."""
        return next(lane for lane, wants in enumerate(self.wants[name]) if wants)

    def due(self, name: str, lane: int) -> tuple[float, list[int], bool]:
        """When its next request may leave, on which places, and whether that is sure."""
        owner = self._owners[name]
        moment, chosen, is_sure = max(self._state["gate"], self._now), [], True
        is_in_company = lane and self._state["company"] > self._now
        for places, (limit, window) in zip(self._places, self._state["rates"], strict=True):
            dues = sorted(
                (free - (min(credit, owner["credit"]) if site == owner["site"] else 0.0), which)
                for which, (free, credit, site, _) in enumerate(places)
            )
            first, which = dues[0]
            chosen.append(which)
            is_sure = is_sure and places[which][3]
            moment = max(moment, first)
            step = window / limit
            if self._spacing and step > CLOSE:
                moment = max(moment, self._last + self._spacing * step)
            if not is_in_company:
                continue
            if step > CLOSE:
                moment = max(moment, self._last + APART * step)
            for number, (free, which) in enumerate(dues[1:3], 1):
                moment = max(moment, free - RESERVE * step * number)
                is_sure = is_sure and places[which][3]
        return moment, chosen, is_sure

    def comes(self, name: str, moment: float) -> bool:
        """Whether it will call for that moment."""
        calls = self._owners[name]["next"]
        return bool(self._now - LATE <= calls <= moment + LATE)

    def skip(self, name: str) -> None:
        """Plan nothing more for it."""
        self._skipped.add(name)

    def use(self, name: str, lane: int, moment: float, chosen: list[int]) -> None:
        """Give it those places."""
        for places, which, (_, window) in zip(
            self._places, chosen, self._state["rates"], strict=True
        ):
            places[which] = (moment + GUESS + window, 0.0, "", False)
        self._last = moment
        self._turns += 1
        self._served[name] = self._turns
        self.wants[name][lane] -= 1
        if lane == 0:
            self._since[name] = moment
