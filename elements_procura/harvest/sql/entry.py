"""The place of a stored answer in the ledger."""

import attrs


@attrs.frozen
class LedgerEntry:
    """The place of a stored answer in the ledger.

    Attributes:
        pass_: The pass of its dossier in which it was wanted.
        is_shared: Whether other dossiers may wait for it.
        is_new: Whether nothing was stored in its place.
        path: Where it was asked for before.
        asked: The parts that the pass asks for; None for all.
        differs: Whether it is another answer than before.
        news_since: The look before it, in seconds since the epoch, if it has a row since then that
            may be a sign of changes elsewhere.
    """

    pass_: int
    is_shared: bool
    is_new: bool
    path: str
    asked: frozenset[str] | None = None
    differs: bool = False
    news_since: float | None = None
