"""Which part of a dossier a kind is in, in the API of a store."""

from collections.abc import Callable

from elements_procura.registry import harvest_spec_of
from elements_procura.spec.harvest import WHOLE, HarvestSpec


class PartNames:
    """The parts of a store's dossiers.

    Args:
        api: Looks up the name of the store's API; None while it is unknown.
    """

    def __init__(self, api: Callable[[], str | None]) -> None:
        self._api = api
        self._spec: HarvestSpec | None = None
        self._parts: dict[str, str] = {}

    def _known(self) -> HarvestSpec | None:
        if self._spec is None and (api := self._api()) is not None:
            self._spec = harvest_spec_of(api)
            self._parts = {name: kind.part for name, kind in self._spec.kinds.items()}
        return self._spec

    @property
    def are_many(self) -> bool:
        """Whether dossiers have more than one part."""
        self._known()
        return len(set(self._parts.values())) > 1

    def of(self, kind: str) -> str:
        """The part that a kind is in."""
        self._known()
        return self._parts.get(kind, WHOLE)

    def shared(self) -> frozenset[str]:
        """The parts that lead to what dossiers share."""
        spec = self._known()
        return frozenset() if spec is None else frozenset(map(spec.part_of, spec.shared))

    def hinted_by(self, kind: str) -> tuple[str, ...]:
        """The parts that a change of a kind is a noisy sign of."""
        spec = self._known()
        return () if spec is None or kind not in spec.kinds else spec.kinds[kind].hints_at

    def is_record(self, kind: str) -> bool:
        """Whether a kind's bodies are a record each, as far as its model says."""
        spec = self._known()
        shape = None if spec is None else spec.shape_of(kind)
        return shape is not None and shape.rel is None

    def is_shown_by_row(self, kind: str) -> bool:
        """Whether a list that differs makes resources of this kind worth a look."""
        spec = self._known()
        return spec is not None and kind in spec.kinds and spec.kinds[kind].is_shown_by_row
