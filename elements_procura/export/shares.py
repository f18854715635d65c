"""Names that are given for several stores at once: which of them each store knows."""

from collections.abc import Collection, Mapping

import attrs

from elements_procura.errors import InputError
from elements_procura.export.layout import Layout
from elements_procura.export.pseudonyms import column_names, unknown_columns
from elements_procura.harvest.address import Where
from elements_procura.harvest.snapshot import StorageSnapshot
from elements_procura.harvest.store import snapshot
from elements_procura.registry import harvest_spec_of


@attrs.frozen
class Share:
    """The part of the given names that one store knows.

    Attributes:
        kinds: Its kinds; None if none were given, empty if all that were given are others'.
        kept: Its columns.
    """

    kinds: tuple[str, ...] | None
    kept: tuple[str, ...]


def shares(
    stores: Mapping[str, Where], *, kinds: Collection[str] | None, kept: Collection[str]
) -> dict[str, Share]:
    """Divide names among the stores that know them.

    Args:
        stores: The stores by their API.
        kinds: Kinds to export; None for all.
        kept: Columns that stay as they are, as ``TABLE.COLUMN`` or ``COLUMN``.

    Returns:
        A share for every store.

    Raises:
        InputError: A name that no store knows.
        StoreError: A store cannot be read.
    """
    found: dict[str, Share] = {}
    all_kinds, all_columns = set[str](), set[str]()
    for api, store in stores.items():
        with snapshot(store) as moment:
            own = known_kinds(moment)
            spec = harvest_spec_of(moment.reader.api)
        mine = None if kinds is None else tuple(each for each in kinds if each in own)
        columns = column_names(Layout(spec, mine).tables.values())
        found[api] = Share(mine, tuple(each for each in kept if each in columns))
        all_kinds |= own
        all_columns |= columns
    refuse_unknown(kinds, all_kinds)
    if unknown := set(kept) - all_columns:
        raise unknown_columns(unknown)
    return found


def known_kinds(moment: StorageSnapshot) -> set[str]:
    """The kinds that an export of a store can name: documented ones, and what it holds."""
    return harvest_spec_of(moment.reader.api).kinds.keys() | moment.kinds().keys()


def refuse_unknown(kinds: Collection[str] | None, known: Collection[str]) -> None:
    """Refuse kinds that are not among the known ones.

    Raises:
        InputError: One is not; the hint lists those that are.
    """
    if unknown := sorted(set(kinds or ()) - set(known)):
        raise InputError(
            f"unknown kinds: {', '.join(unknown)}",
            hint=f"Choose among {', '.join(sorted(known))}",
        )
