"""When an account cannot be trusted any longer, and how it begins anew.

Nothing leaves for a window and half a second, as any place may be in use. Kept are the server's
words (a pause after a refusal, requests further apart) and the day's counts.

Clocks are set, also that of a store. Going back is seen by the account itself. Going forward looks
like time that has gone by, and would free all places at once: that is seen by the processes, each
of which knows how much time there was since its last turn (``_store_clock``). The first that sees
it says so before it uses what it was granted, and until when the day can have come at most.
"""

from typing import Any

from elements_procura.scheduler._account_shape import differs

Values = dict[str, Any]
SILENT, COLD = 3000.0, 500.0
STEP_BACK = 1000.0  # a clock that goes back further has been set


def meet(state: Values, ask: Values, now: float, wall: float) -> float:
    """Bring an account to the moment of a turn; begin anew where it cannot be trusted.

    Args:
        state: The account, changed in place; empty for a new one.
        ask: What the process says.
        now: Milliseconds on the store's clock.
        wall: Seconds since the epoch.

    Returns:
        The moment of the turn, never before that of the last one.
    """
    before = state.get("now", now)
    is_later = "now" in state and now >= before - STEP_BACK
    most = _most(state, ask)
    if is_later:
        state["day"] += max(0.0, now - before) / 1000
    else:
        state["day"] = max(state.get("day", 0.0), wall)
    if most is not None:
        step = max(0.0, state["day"] - most)
        state["day"] -= step
        _set_clock(state, step * 1000)
        _cold(state, ask, now)
    elif _is_cold(state, ask, now):
        _set_clock(state, min(0.0, now - before))
        _cold(state, ask, now)
    else:
        now = max(now, before)
    state["now"] = now
    return now


def _most(state: Values, ask: Values) -> float | None:
    """Until when the day can have come, for a process that saw the clock go forward; else None."""
    epoch, most = ask.get("ahead") or ("", 0.0)
    return most if "epoch" in state and epoch == state["epoch"] else None


def _set_clock(state: Values, step: float) -> None:
    """Move the ends of pauses with the clock: they last as long as was said."""
    for name in ("gate", "company"):
        state[name] = state.get(name, 0.0) + step
    for name in ("until", "at"):
        if "spacing" in state:
            state["spacing"][name] += step


def _cold(state: Values, ask: Values, now: float) -> None:
    """Begin anew: nothing is known of what is under way."""
    state["epoch"] = f"{ask['owner']}.{ask['call']}"
    state["rates"], state["quotas"] = ask["rates"], [quota[:2] for quota in ask["quotas"]]
    state["places"] = [
        [
            {"free": now + window + COLD, "credit": 0.0, "site": "", "owner": "", "id": ""}
            for _ in range(limit)
        ]
        for limit, window in ask["rates"]
    ]
    state["owners"] = {}
    state["pause"] = 0.0
    state["last"] = now
    days = state.setdefault("days", {})
    for *_, key in ask["quotas"]:
        days.setdefault(key, {"base": {}, "counts": {}, "full": 0.0})
    for day in days.values():
        for bucket, (total, bulk) in day["counts"].items():
            known = day["base"].get(bucket, [0, 0])
            day["base"][bucket] = [known[0] + total, known[1] + bulk]
        day["counts"] = {}
    state["rev"] = state.get("rev", 0) + 1


def _is_cold(state: Values, ask: Values, now: float) -> bool:
    if "epoch" not in state or differs(state, ask) or now < state["now"] - STEP_BACK:
        return True
    if ask["epoch"] == state["epoch"] and ask["turn"] > state["turn"]:
        return True  # a copy from before that turn
    is_waited_for = any(sum(owner["wants"]) for owner in state["owners"].values()) or any(
        place["owner"] for places in state["places"] for place in places
    )
    return bool(is_waited_for and now > state["now"] + SILENT)
