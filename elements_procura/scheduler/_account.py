"""One account that several processes share, and a turn of one of them: who may leave when.

A turn is one call of one process (an *owner*) to wherever the account is kept: it reports what was
answered, says who waits, and gets the grants that are due and the moment of its next call. Here is
the rule in Python, for a file; ``turn.lua`` is the same rule for Redis and Valkey. Both work on one
tree of plain values, so what the two decide can be compared.

Every short window has ``limit`` places. A place is held until its answer is reported, with the
answer's age on the process's own clock; it is then free a window later. The least round trip comes
off that only where the next one to take the place is on the same site: the proof in ``_places``
needs the way there of the next and the way back of the one before, and two sites share neither.

A process that falls silent loses its places a window after the last moment at which it could have
sent. Where the account is new, is an old copy, or stood still although somebody waited (whoever
called meanwhile may have been answered by a store that is gone), nothing leaves for a window and
half a second: that is a cold start, see ``_account_cold``. What the day has counted is then the
most that any process remembers, for each stretch of time.

All moments are milliseconds on the store's clock, but those of the day, which are seconds.
"""

from typing import Any

import attrs

from elements_procura.scheduler._account_cold import SILENT, meet
from elements_procura.scheduler._account_plan import Plan, Values, note_return
from elements_procura.scheduler._account_shape import differs
from elements_procura.scheduler._account_spacing import note_answer
from elements_procura.scheduler._rates import QUOTA_BUCKETS
from elements_procura.scheduler._trips import LEARN, trusted

SLACK = 2.0
HORIZON = 30.0  # what is due so soon is granted now, and slept for by the process
COMPANY = 30_000.0
PAUSE, PAUSE_MOST = 1000.0, 60_000.0
EARLY = 15.0  # so long before its moment a process calls
SOONEST, UNSURE, AGAIN, BEAT = 5.0, 40.0, 160.0, 1000.0
_STEPS, _FAR, _BULK = 24, 1e15, 2


def turn(state: Values, ask: Values, now: float, wall: float) -> Values:
    """Take one turn.

    Args:
        state: The account, changed in place; empty for a new one.
        ask: What the process reports and wants, see ``_turns``.
        now: Milliseconds on a clock that all who share the account have in common.
        wall: Seconds since the epoch.

    Returns:
        The answer, see ``_turns``.
    """
    if state and differs(state, ask):
        mine = {ask["owner"], *ask["adopt"]}
        others = (owner for name, owner in state["owners"].items() if name not in mine)
        if any(owner["beat"] > now - SILENT for owner in others):
            return {"error": "limits"}
    now = meet(state, ask, now, wall)
    state["turn"] = max(state.get("turn", 0), ask["turn"] if ask["epoch"] else 0) + 1
    return _Turn(state, ask, now).take()


@attrs.define
class _Turn:
    state: Values
    ask: Values
    now: float
    me: Values = attrs.field(factory=dict)

    @property
    def _days(self) -> list[Values]:
        return [self.state["days"][key] for *_, key in self.ask["quotas"]]

    def take(self) -> Values:
        state, ask, now = self.state, self.ask, self.now
        self._drop_silent()
        self._arrive()
        note_return(self.me, [self._report(report) for report in ask["reports"]], now)
        self.me.update(site=ask["site"], credit=self._credit())
        self._remember()
        self._expire()
        if ask["company"]:
            state["company"] = now + COMPANY
        grants, after = self._plan()
        self.me["next"] = now + after
        if ask["leaves"]:
            state["owners"].pop(ask["owner"])
        return {
            "epoch": state["epoch"],
            "turn": state["turn"],
            "clock": state["day"],
            "grants": grants,
            "next": after,
            "company": max(0.0, state["company"] - now),
            "places": [self._use(places) for places in state["places"]],
            "rev": state["rev"],
            "days": [self._day(number) for number in range(len(ask["quotas"]))],
        }

    # ------------------------------------------------------------------ owners

    def _drop_silent(self) -> None:
        state = self.state
        for name, owner in list(state["owners"].items()):
            if owner["beat"] < self.now - SILENT and name != self.ask["owner"]:
                del state["owners"][name]
        for places, (_, window) in zip(state["places"], state["rates"], strict=True):
            for place in places:
                holder = place["owner"]
                if not holder or holder in state["owners"] or holder in self.ask["adopt"]:
                    continue
                if holder == self.ask["owner"]:
                    continue
                self._free(place, place["seen"] + SILENT + window + SLACK)

    def _arrive(self) -> None:
        state, ask = self.state, self.ask
        owners = state["owners"]
        me = owners.setdefault(ask["owner"], {"served": 0})
        # What is reported now was sent as well: its place is freed by its answer, not before.
        known = {*ask["held"], *(report[0] for report in ask["reports"])}
        for old in ask["adopt"]:
            me["served"] = max(me["served"], owners.pop(old, me)["served"])
        for places in state["places"]:
            for place in places:
                if place["owner"] in ask["adopt"]:
                    if place["id"] in known:
                        place["owner"] = ask["owner"]
                    else:  # granted by a call whose answer has never come
                        self._restore(place)
                if place["owner"] == ask["owner"]:
                    place["seen"] = self.now
        me.update(beat=self.now, next=self.now, wants=list(ask["wants"]))
        # Among interactive requests whoever came first is first, whichever process it is.
        me["since"] = me.get("since", 0.0) or self.now if ask["wants"][0] else 0.0
        self.me = me

    @staticmethod
    def _free(place: Values, free: float, credit: float = 0.0, site: str = "") -> None:
        place.update(free=free, credit=credit, site=site, owner="", id="")

    @staticmethod
    def _restore(place: Values) -> None:
        free, credit, site = place["was"]
        place.update(free=free, credit=credit, site=site, owner="", id="")

    # ------------------------------------------------------------------ reports

    def _report(self, report: list[Any]) -> float:
        """Take note of the end of a grant; when its request had left, 0 if it never did."""
        state, sent = self.state, 0.0
        name, age, kind, rtt, wait, bulk, granted = report
        at = self.now - age
        held = [
            (place, window)
            for places, (_, window) in zip(state["places"], state["rates"], strict=True)
            for place in places
            if place["id"] == name
        ]
        is_new = bool(held) or not state["places"]  # else a turn that was lost has reported it
        if kind == "ok" and is_new:
            self._learn(rtt)
        elif kind == "refused":
            self._pause(at, wait)
        elif kind == "day":
            self._exhaust(wait)
        for place, window in held:
            if kind == "back":
                self._restore(place)
            else:
                sent = place["free"]
                credit = min(self._credit(), rtt) if kind == "ok" else 0.0
                self._free(place, at + window + SLACK, credit, self.ask["site"])
        if is_new and kind in ("ok", "none", "refused"):
            note_answer(state, at - rtt, at, refused=kind == "refused")
        if granted and is_new:
            self._correct(granted, kind, bulk)
        return sent

    def _learn(self, rtt: float) -> None:
        sites = self.state.setdefault("sites", {})
        if "sum" not in (site := sites.get(self.ask["site"], {})):  # new, or an earlier version's
            site = sites[self.ask["site"]] = {"least": _FAR, "seen": 0, "sum": 0.0}
        site.update(least=min(site["least"], rtt), seen=site["seen"] + 1, sum=site["sum"] + rtt)
        self.state["pause"] = 0.0

    def _pause(self, at: float, wait: float) -> None:
        """Hold everybody back after a refusal."""
        state = self.state
        if wait >= 0:
            state["gate"] = max(state["gate"], at + wait)
        elif at >= state["gate"]:  # else it left before the pause had begun
            state["pause"] = min(max(state["pause"] * 2, PAUSE), PAUSE_MOST)
            state["gate"] = at + state["pause"]

    def _correct(self, granted: str, kind: str, bulk: int) -> None:
        epoch, _, rest = granted.partition("|")
        if epoch != self.state["epoch"]:
            return  # it counts in what processes remember
        was_bulk, _, buckets = rest.partition("|")
        total = -1 if kind == "back" else 0
        change = -int(was_bulk) if kind == "back" else bulk - int(was_bulk)
        for day, bucket in zip(self._days, buckets.split(","), strict=False):
            if (total or change) and bucket in day["counts"]:
                count = day["counts"][bucket]
                day["counts"][bucket] = [count[0] + total, count[1] + change]
                self.state["rev"] += 1

    def _credit(self) -> float:
        site = self.state.get("sites", {}).get(self.ask["site"])
        given: float = self.ask["min_rtt"]
        if given >= 0:
            return min(given, site["least"]) if site else given
        bursts = max([2 * LEARN, *(3 * limit for limit, _ in self.state["rates"])])
        is_known = site and "sum" in site and site["seen"] >= bursts
        return trusted(site["least"], site["sum"], site["seen"]) if is_known else 0.0

    # ------------------------------------------------------------------ the day

    def _bucket(self, number: int) -> str:
        return str(int(self.state["day"] // (self.ask["quotas"][number][1] / QUOTA_BUCKETS)))

    def _expire(self) -> None:
        for day, (_, seconds, *_) in zip(self._days, self.ask["quotas"], strict=True):
            width = seconds / QUOTA_BUCKETS
            oldest = int((self.state["day"] - seconds) // width) - 2
            for counts in (day["base"], day["counts"]):
                for bucket in [each for each in counts if int(each) <= oldest]:
                    del counts[bucket]
                    self.state["rev"] += 1

    def _used(self, number: int) -> tuple[int, int]:
        day = self._days[number]
        each = [*day["base"].values(), *day["counts"].values()]
        return sum(count[0] for count in each), sum(count[1] for count in each)

    def _left(self, *, bulk: int) -> int:
        left = 1 << 30
        for number, (limit, _, bulk_limit, _) in enumerate(self.ask["quotas"]):
            if self._days[number]["full"] > self.state["day"]:
                return 0
            total, by_bulk = self._used(number)
            left = min(left, limit - total)
            if bulk:
                left = min(left, bulk_limit - by_bulk)
        return left

    def _count(self, bulk: int) -> str:
        buckets = []
        for number, day in enumerate(self._days):
            bucket = self._bucket(number)
            if bucket not in day["counts"]:
                self.state["rev"] += 1
            total, by_bulk = day["counts"].get(bucket, [0, 0])
            day["counts"][bucket] = [total + 1, by_bulk + bulk]
            buckets.append(bucket)
        return f"{self.state['epoch']}|{bulk}|{','.join(buckets)}"

    def _exhaust(self, wait: float) -> None:
        quotas = self.ask["quotas"]
        if not quotas:
            return
        number = max(range(len(quotas)), key=lambda each: float(quotas[each][1]))
        limit, seconds, *_ = quotas[number]
        day, bucket = self._days[number], int(self._bucket(number))
        if wait >= 0:
            day["full"] = self.state["day"] + wait / 1000
            width = seconds / QUOTA_BUCKETS
            past = self.state["day"] + wait / 1000 - seconds - 2 * width
            bucket = min(bucket, int(past // width))
        missing = limit - self._used(number)[0]
        if missing > 0:
            total, by_bulk = day["counts"].get(str(bucket), [0, 0])
            day["counts"][str(bucket)] = [total + missing, by_bulk]
        self.state["rev"] += 1

    def _remember(self) -> None:
        """What the store has counted is never less than what a process remembers of it."""
        for day, remembered in zip(self._days, self.ask["memory"], strict=False):
            full, counts = remembered
            day["full"] = max(day["full"], full)
            for bucket, total, by_bulk in counts:
                known = day["base"].get(str(bucket), [0, 0])
                day["base"][str(bucket)] = [max(known[0], total), max(known[1], by_bulk)]
            self.state["rev"] += 1

    def _day(self, number: int) -> list[Any]:
        """How far the day is; only its newest stretch for who knows the others."""
        day = self._days[number]
        newest = self._bucket(number)
        is_known = self.ask["rev"] == self.state["rev"] and self.ask["epoch"] == self.state["epoch"]
        buckets = [newest] if is_known else sorted({*day["base"], *day["counts"], newest}, key=int)
        counts = []
        for bucket in buckets:
            base, since = day["base"].get(bucket, [0, 0]), day["counts"].get(bucket, [0, 0])
            counts.append([int(bucket), base[0] + since[0], base[1] + since[1]])
        return [self.state["day"], day["full"], int(not is_known), counts]

    # ------------------------------------------------------------------ the plan

    def _use(self, places: list[Values]) -> list[float]:
        """How many places are not free, and in how long the next will be; -1: on an answer."""
        busy = [place["free"] - self.now for place in places if not place["owner"]]
        later = [free for free in busy if free > 0]
        return [len(places) - len(busy) + len(later), min(later, default=-1.0)]

    def _plan(self) -> tuple[list[Any], float]:
        """Give everybody who waits a place in turn; grant what this process gets soon."""
        state, ask, now = self.state, self.ask, self.now
        me = ask["owner"]
        plan = Plan(state, me, now)
        left = [self._left(bulk=0), self._left(bulk=1)]
        if left[0] <= 0:
            return [], BEAT
        if left[1] <= 0:
            plan.wants[me][_BULK] = 0
        grants: list[Any] = []
        for _ in range(_STEPS):
            name = plan.next_owner()
            if name is None or not sum(plan.wants[me]):
                break
            lane = plan.lane(name)
            moment, chosen, is_sure = plan.due(name, lane)
            if name != me:
                if not plan.comes(name, moment):
                    plan.skip(name)
                else:
                    plan.use(name, lane, moment, chosen)
                continue
            if not is_sure or moment > now + HORIZON:
                after = moment - now - EARLY
                return grants, min(max(after, SOONEST if is_sure else UNSURE), BEAT)
            if left[0] <= 0 or (lane == _BULK and left[1] <= 0):
                break
            left = [left[0] - 1, left[1] - (lane == _BULK)]
            grants.append(self._grant(lane, moment, chosen, len(grants)))
            plan.use(name, lane, moment, chosen)
        return grants, AGAIN if sum(plan.wants[me]) else BEAT

    def _grant(self, lane: int, moment: float, chosen: list[int], number: int) -> list[Any]:
        state, ask = self.state, self.ask
        name = f"{ask['owner']}.{ask['call']}.{number}"
        for places, which in zip(state["places"], chosen, strict=True):
            place = places[which]
            place["was"] = [place["free"], place["credit"], place["site"]]
            place.update(owner=ask["owner"], id=name, seen=self.now, free=moment)
        state["last"] = moment
        state["served"] = state.get("served", 0) + 1
        self.me["served"] = state["served"]
        self.me["wants"][lane] -= 1
        if lane == 0:
            self.me["since"] = self.now
        return [name, moment - self.now, lane, self._count(int(lane == _BULK))]
