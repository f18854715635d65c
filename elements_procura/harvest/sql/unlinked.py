"""The resources that the answers of a pass no longer lead to."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

import attrs


@attrs.frozen
class OwnResource:
    """A resource that only one dossier has, as the ledger holds it.

    Attributes:
        id: Its number in the ledger.
        kind: What it is.
        path: Where it is asked for.
        parent: The resource whose answer led to it; None if that is unknown.
        root: 0 if something leads to it, 1 for where a dossier begins, 2 for a row of the listing.
        state: As ``resources.state`` has it.
        status: Of the last answer; None if there was none.
        pass_: The last pass that met it.
        fetched_at: The last look, in seconds since the epoch.
    """

    id: int
    kind: str
    path: str = attrs.field(repr=False)
    parent: int | None
    root: int
    state: str
    status: int | None
    pass_: int
    fetched_at: float | None


def unlinked(
    own: Iterable[OwnResource],
    parts: Mapping[int, str],
    pass_: int,
    *,
    fair: Collection[str],
    unread: Collection[str],
) -> set[int]:
    """Find the resources that no answer of a pass leads to any more, with all below them.

    Args:
        own: The resources of the dossier.
        parts: The part that each is in, by its number.
        pass_: The pass.
        fair: The parts that were asked for and read whole: only their answers prove anything.
        unread: The parts of which something could not be read: nothing of them is missing.

    Returns:
        Their numbers.
    """
    by_id = {each.id: each for each in own}
    below = defaultdict[int, list[int]](list)
    lost = []
    for each in by_id.values():
        parent = by_id.get(each.parent or 0)
        if each.root or parent is None:
            continue
        below[parent.id].append(each.id)
        # One that is believed to be gone leads nowhere either.
        was_read = parent.pass_ == pass_ and parent.state in ("stored", "gone")
        is_fair = parts[parent.id] in fair and parts[each.id] not in unread
        if each.pass_ < pass_ and was_read and is_fair:
            lost.append(each.id)
    found: set[int] = set()
    while lost:
        each_lost = lost.pop()
        if each_lost not in found:
            found.add(each_lost)
            lost += below[each_lost]
    return found
