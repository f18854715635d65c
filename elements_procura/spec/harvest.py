"""An API's dossiers, as harvests, exports, plans and drift reports see them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from elements_procura.errors import InputError
from elements_procura.schema.model import Model
from elements_procura.schema.structure import Wire
from elements_procura.spec.shapes import Shape
from elements_procura.spec.source import Source

__all__ = ["HarvestSpec", "KindSpec"]

ANY_SHAPE = (0.0, 0.5, 1.0)
"""Resources of a kind in a small, a usual and a large dossier, where nothing suggests others."""


WHOLE = "dossier"
"""The part of every dossier's roots; where dossiers are refreshed as one, of all the rest too."""


@attrs.frozen(kw_only=True)
class KindSpec:
    """One kind of resource.

    Attributes:
        template: Its path with placeholders, the dossier's first.
        group: The group that selects it; None for what every harvest fetches.
        part: The part of a dossier that it is refreshed with. Kinds of one part are led to by one
            answer after the other: what leads to a kind is in the same part, or in one whose
            answers lead to this part; what dossiers share is in the part of what leads to it; a
            dossier's roots are in the first, :data:`WHOLE`.
        is_shown_by_row: Whether most of its changes show in the list that leads to it: when the
            list differs, a refresh that asks only for the list asks for this as well.
        hints_at: The parts that a change of it is a noisy sign of: they may have changed. Of a
            collection, a row that is new is such a change.
        shape: How records lie in its bodies; None where no model describes them.
        table: The name of its table in exports; by default it is called after the kind.
        is_binary: Whether its bodies are bytes other than JSON.
        is_often_missing: Whether a 404 says only that this dossier has none, as of most pictures.
        usual: Resources of it in a small, a usual and a large dossier, as documented bodies and the
            people in them suggest.
    """

    template: str
    group: str | None = None
    part: str = WHOLE
    is_shown_by_row: bool = False
    hints_at: tuple[str, ...] = ()
    shape: Shape | None = None
    table: str | None = None
    is_binary: bool = False
    is_often_missing: bool = False
    usual: tuple[float, float, float] = ANY_SHAPE


def no_links(_model: type[Model]) -> frozenset[str]:
    """The links of a record in an API that has none."""
    return frozenset()


@attrs.frozen(kw_only=True)
class HarvestSpec:
    """The dossiers of one API.

    Attributes:
        source: Makes a source of all the dossiers of a client.
        wire: The wire rules of its bodies.
        groups: Groups that a harvest can be narrowed down to; all of them by default.
        extra_groups: Groups that are fetched only when asked for.
        kinds: Every kind that a store may hold, by name.
        dossier_id: The type of a dossier's id: int or str.
        shared: Kinds whose records belong to many dossiers, with the word for one such record. The
            ``share`` of what hangs on it begins with ``WORD/ID/``.
        row_kind: The kind of a listing's rows, where those are kept; it stands in for a dossier
            whose own record cannot be read.
        led_to: Kinds that the queue cannot foretell, by the kind that leads there; None where a
            dossier has to be read first.
        links: The link relations that the records of a model are known to have.
    """

    source: Callable[[Any], Source]
    wire: Wire
    groups: tuple[str, ...]
    extra_groups: tuple[str, ...] = ()
    kinds: Mapping[str, KindSpec]
    dossier_id: type[int] | type[str]
    shared: Mapping[str, str] = attrs.field(factory=dict)
    row_kind: str | None = None
    led_to: Mapping[str, str] | None = None
    links: Callable[[type[Model]], frozenset[str]] = no_links

    def shape_of(self, kind: str) -> Shape | None:
        """The shape of a kind's bodies; None where no model describes them."""
        found = self.kinds.get(kind)
        return None if found is None else found.shape

    def table_of(self, kind: str) -> str:
        """The name of a kind's table in exports."""
        found = self.kinds.get(kind)
        return (found and found.table) or kind.replace("/", "_")

    def part_of(self, kind: str) -> str:
        """The part of a dossier that a kind is refreshed with."""
        found = self.kinds.get(kind)
        return WHOLE if found is None else found.part

    def parts(self) -> tuple[str, ...]:
        """The parts of a dossier, in the order in which its kinds are listed."""
        return tuple(dict.fromkeys(kind.part for kind in self.kinds.values()))

    def parts_in(self, name: str, *, included: frozenset[str] | None = None) -> frozenset[str]:
        """The parts that a name stands for: of a part, or of a group with all its parts.

        Args:
            name: The name.
            included: The groups that a harvest fetches; None for all. Kinds of other groups are
                left out: adviseurs hold pictures only where pictures are fetched.

        Raises:
            InputError: It names neither, or nothing that the harvest fetches.
        """
        named = [each for each in self.kinds.values() if name in (each.part, each.group)]
        if not named:
            raise InputError(
                f"no part of a dossier is called {name}",
                hint=f"Choose among {', '.join(self.parts())}",
            )
        found = frozenset(
            each.part
            for each in named
            if included is None or each.group is None or each.group in included
        )
        if not found:
            raise InputError(
                f"this harvest does not fetch {name}, so that cannot have a greatest age",
                hint="Leave it out; a harvest begun with --include has it",
            )
        return found

    def greatest_ages(
        self, ages: Iterable[tuple[str, float]], *, included: frozenset[str] | None = None
    ) -> dict[str, float]:
        """Spread greatest ages over the parts that their names stand for: the least counts.

        Args:
            ages: Names as of :meth:`parts_in`, and seconds.
            included: As of :meth:`parts_in`.

        Raises:
            InputError: A name stands for nothing.
        """
        found: dict[str, float] = {}
        for name, age in ages:
            for part in self.parts_in(name, included=included):
                found[part] = min(age, found.get(part, age))
        return found

    def is_binary(self, kind: str) -> bool:
        """Whether a kind's bodies are bytes other than JSON."""
        return kind in self.kinds and self.kinds[kind].is_binary

    def kinds_in(self, groups: Iterable[str]) -> list[str]:
        """The kinds that a harvest of these groups fetches."""
        wanted = {None, *groups}
        return [name for name, kind in self.kinds.items() if kind.group in wanted]

    def usual(self) -> dict[str, tuple[float, float, float]]:
        """Resources of every kind in a small, a usual and a large dossier."""
        return {name: kind.usual for name, kind in self.kinds.items()}


def _unknown_source(_client: object) -> Source:
    raise InputError("only a source of your own harvests this API")


UNKNOWN = HarvestSpec(source=_unknown_source, wire=Wire({}), groups=(), kinds={}, dossier_id=str)
"""Of a source of your own, whose API is not registered."""
