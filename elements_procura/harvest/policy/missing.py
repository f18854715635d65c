"""Kinds that dossiers often lack: a 404 of these is usual."""

from collections.abc import Callable

from elements_procura.registry import harvest_spec_of


class OftenMissing:
    """The kinds of a store's API that dossiers often lack.

    Args:
        api: Looks up the name of the store's API; None while it is unknown.
    """

    def __init__(self, api: Callable[[], str | None]) -> None:
        self._api = api
        self._kinds: frozenset[str] | None = None

    def kinds(self) -> frozenset[str]:
        """The names of the kinds; none while the API is unknown."""
        if self._kinds is None:
            api = self._api()
            if api is None:
                return frozenset()
            found = harvest_spec_of(api).kinds
            self._kinds = frozenset(name for name, kind in found.items() if kind.is_often_missing)
        return self._kinds

    def __contains__(self, kind: object) -> bool:
        return kind in self.kinds()
