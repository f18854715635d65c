"""Who of several processes gets which place, as far ahead as is known or can be guessed."""

from typing import Any

from elements_procura.scheduler._account_spacing import spacing

Values = dict[str, Any]

LATE = 150.0  # who calls later than this after its moment is not waited for
APART, RESERVE = 0.6, 1.3  # as in _pacers, while somebody interactive is about
CLOSE = 20.0
GUESS = 120.0  # a round trip, where a place is only planned
_LATER = 1 << 40  # turns that are only planned come after all that were taken
_UNSAID = 250.0  # so old may an answer be of which its owner has not reported yet
_NORMAL, _NEVER = 1, float("inf")
_CALM = 0.25  # how much of the way to a quicker return each one counts
_HOLD = 0.5  # the part of a window that a place is kept for whoever will be back


def note_return(me: Values, sent: list[float], now: float) -> None:
    """Remember how soon after a request an owner wants the next; 0: not at once.

    Args:
        me: The owner, with what it wants now.
        sent: When the requests that it reports now had left; 0 for one that never did.
        now: The moment of the turn.
    """
    if not any(sent):
        return
    known, found = me.get("cycle", 0.0), now - max(sent)
    calm = found if not known else max(found, known + _CALM * (found - known))
    me["cycle"] = calm if sum(me["wants"]) else 0.0


class Plan:
    """What the next moments will bring, if everybody who waits comes for its place.

    An owner that always wants the next request once it has its answer waits as well: for a moment
    its turn is kept, or one that sends many would take all places that come free together.

    Args:
        state: The account.
        me: Who takes the turn.
        now: The moment of the turn.
    """

    def __init__(self, state: Values, me: str, now: float) -> None:
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
        # An answer is reported later than it is there: for who waits with many that is no loss.
        unsaid = _UNSAID if sum(self.wants[me]) <= 1 else 0.0
        # Per window its places: free, credit, site, and whether all that is known.
        self._places = [
            [
                (place["free"], place["credit"], place["site"], True)
                if not place["owner"]
                else (max(now - unsaid, place["free"] + GUESS) + window, 0.0, "", False)
                for place in places
            ]
            for places, (_, window) in zip(state["places"], state["rates"], strict=True)
        ]
        # When each other will be back with a want; requests that leave evenly meet whoever is back.
        self._back: dict[str, list[float]] = {}
        self._cycles = {name: owner.get("cycle", 0.0) for name, owner in self._owners.items()}
        self._cycles[me] = 0.0
        if not self._spacing and state["company"] <= now:
            for place in (state["places"] or [[]])[0]:
                moment = place["free"] + self._cycles.get(place["owner"], 0.0)
                if moment > place["free"] and moment + LATE >= now:
                    self._back.setdefault(place["owner"], []).append(moment)

    def next_owner(self) -> str | None:
        """Who is next: interactive as they came, then whoever has had its turn longest ago."""
        waiting = [
            name
            for name, wants in self.wants.items()
            if (sum(wants) or self._back.get(name)) and name not in self._skipped
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
        return next((lane for lane, wants in enumerate(self.wants[name]) if wants), _NORMAL)

    def due(self, name: str, lane: int) -> tuple[float, list[int], bool]:
        """When its next request may leave, on which places, and whether that is sure."""
        owner = self._owners[name]
        moment, chosen, is_sure = max(self._state["gate"], self._now), [], True
        is_back_later = not sum(self.wants[name])
        if is_back_later:
            moment = max(moment, min(self._back[name]))
        is_in_company = lane and self._state["company"] > self._now
        for places, (limit, window) in zip(self._places, self._state["rates"], strict=True):
            dues = sorted(
                (free - (min(credit, owner["credit"]) if site == owner["site"] else 0.0), which)
                for which, (free, credit, site, _) in enumerate(places)
            )
            first, which = dues[0]
            if is_back_later:  # the one that has to be kept for it the shortest
                first, which = max([each for each in dues if each[0] <= moment], default=dues[0])
                if moment - max(first, self._now) > _HOLD * window:
                    return _NEVER, [], False
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
        if not sum(self.wants[name]):
            return moment < _NEVER
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
        if sum(self.wants[name]):
            self.wants[name][lane] -= 1
        else:
            self._back[name].remove(min(self._back[name]))
        if self._cycles[name]:
            self._back.setdefault(name, []).append(moment + self._cycles[name])
        if lane == 0:
            self._since[name] = moment
