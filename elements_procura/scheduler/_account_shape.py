"""What an account looks like where it is kept: one that nobody can read begins cold."""

import json
from typing import Any

_NUMBER, _TREE = (int, float), dict
_SHAPE: dict[str, Any] = {
    **dict.fromkeys(("now", "turn", "day", "last", "gate", "pause", "company", "rev"), _NUMBER),
    **dict.fromkeys(("rates", "places"), list),
    **dict.fromkeys(("owners", "days"), _TREE),
    "epoch": str,
}


def account_of(written: object) -> dict[str, Any] | None:
    """Read an account.

    Args:
        written: As it was stored: JSON.

    Returns:
        None if it is not an account, whatever may have spoiled it.
    """
    try:
        found = json.loads(written) if isinstance(written, str | bytes) else None
    except ValueError:
        return None
    is_whole = isinstance(found, dict) and all(
        isinstance(found.get(name), kind) for name, kind in _SHAPE.items()
    )
    return found if is_whole else None


def differs(state: dict[str, Any], ask: dict[str, Any]) -> bool:
    """Whether an account was begun with other windows, short or long, than an ask's."""
    quotas = [quota[:2] for quota in ask["quotas"]]
    return bool(state["rates"] != ask["rates"] or state.get("quotas") != quotas)
