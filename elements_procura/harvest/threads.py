"""The threads in which harvests call their stores."""

from types import TracebackType
from typing import Self

from elements_procura.harvest._turns import StoreTurns


class StoreThreads:
    """Threads in which the harvests of one event loop call their stores, one at a time as a rule.

    ::

        with StoreThreads() as threads:
            runs = [harvest(client, store, threads=threads) for client, store in tenants]
            ...

    A harvest that is given none makes its own. :func:`~elements_procura.fleet.harvest_tenants`
    makes one for all its tenants.

    Attributes:
        turns: Whose turn it is; for harvests.
    """

    def __init__(self) -> None:
        self.turns: StoreTurns = StoreTurns()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the threads, once what they have begun is done."""
        self.turns.close()
