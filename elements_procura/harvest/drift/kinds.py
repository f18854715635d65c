"""The checks of each kind's bodies."""

from elements_procura.harvest.drift.walk import Check, Walker
from elements_procura.spec.harvest import HarvestSpec


class Checks:
    """The checks of one API's kinds, each made when the first body of its kind comes.

    Args:
        spec: The description of the API's dossiers.
    """

    def __init__(self, spec: HarvestSpec) -> None:
        self._spec = spec
        self._walker = Walker(spec.wire, spec.links)
        self._made: dict[str, Check | None] = {}

    def of(self, kind: str) -> Check | None:
        """The check for a body of ``kind``; None if no model describes it."""
        if kind not in self._made:
            self._made[kind] = self._make(kind)
        return self._made[kind]

    def is_binary(self, kind: str) -> bool:
        """Whether the bodies of ``kind`` are bytes other than JSON."""
        return self._spec.is_binary(kind)

    def _make(self, kind: str) -> Check | None:
        shape = self._spec.shape_of(kind)
        if shape is None:
            return None
        if shape.is_list:
            return self._walker.list(shape.model)
        if shape.rel is not None:
            return self._walker.collection(shape.model, shape.rel)
        return self._walker.record(shape.model)
