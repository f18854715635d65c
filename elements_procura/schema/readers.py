"""Readers: from a JSON object to the attributes of a record, for each form that objects come in.

The rules, key by key, are the only definition of what a record is made of
(:func:`elements_procura.schema.open_typing.by_the_rules` and ``leftovers``). They are slow, and a
server writes nearly all objects of a kind alike. So there are three ways, and all give the same:

- the first objects of a model go by the rules: nothing is compiled for a handful of answers;
- from the third on, one function for all objects of the model, which looks for each key;
- a *form* (the keys of an object, in their order) that was seen three times gets a reader of its
  own: it takes the values one after the other and looks for nothing. Second spellings and unknown
  keys are settled when it is compiled. As long as it is the only form of its size, an object of
  that size is taken for one of it, whatever the order, until a key is missing; what is embedded in
  it has forms likewise.

The last two expect the usual shape of every value. What they cannot do raises, and the rules begin
anew. A server decides what forms there are, so there is a limit to those that are kept.
"""

import operator
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import attrs

from elements_procura.schema.model import Resource
from elements_procura.schema.open_typing import (
    Field,
    Note,
    as_object,
    by_key,
    by_the_rules,
    leftovers,
)
from elements_procura.schema.sources import Form, Level, compiled, of_any_form, of_form
from elements_procura.schema.split import NOTHING, split_hal, split_plain

Reader = Callable[[dict[str, Any]], Any]
"""Makes a record of an object."""
FormReader = Callable[[dict[str, Any], Iterable[Any]], Any]
"""Makes a record of an object of one form and its values in that order."""
Getter = Callable[[dict[str, Any]], Any]
"""The values of an object in a form's order; a KeyError where it is of another form."""
Setter = Callable[[Any, dict[str, Any], Any, dict[str, Any]], bool | None]
"""Sets attributes out of an ``_embedded`` and its values (or its only one) in a form's order; what
no attribute takes goes to ``extra``. True: it could not, and everything is read by key."""
F = TypeVar("F")
SIGHTINGS = 3
FORMS = 64
_USUAL_SIZE = 64
_LONGEST = 256
"""Keys of the longest form that is kept."""
_PATIENCE = 1000
"""Objects of unknown forms after which nobody counts forms any more: this server shuffles keys."""
_ODD = (ValueError, LookupError, ArithmeticError, TypeError)  # the last: a list is no key


@attrs.define(eq=False, repr=False)
class Forms:
    """The forms of a model's objects, and the functions that were compiled for it.

    Attributes:
        model: The model.
        fields: Its attributes.
        note: Called with the name of an attribute whose value did not fit.
        after: How often a form is seen before a reader is compiled for it.
        most: How many forms are kept.
        own: Readers of the objects themselves.
        sized: The getter and the reader of the only form of a size, by that size; others are read
            by their forms.
        inside: Readers of their ``_embedded``.
        inside_sized: The same of those, by their sizes.
    """

    model: type
    fields: tuple[Field, ...]
    note: Note
    after: int = SIGHTINGS
    most: int = FORMS
    own: dict[Form, FormReader] = attrs.field(factory=dict)
    sized: list[tuple[Getter, FormReader]] = attrs.field(init=False)
    inside: dict[Form, Setter] = attrs.field(factory=dict)
    inside_sized: list[tuple[Getter, Setter]] = attrs.field(init=False)
    _seen: tuple[dict[Form, int], dict[Form, int]] = attrs.field(factory=lambda: ({}, {}))
    _patience: int = _PATIENCE
    _objects: int = 0
    # Sizes of several forms, those within as negative numbers.
    _shared: set[int] = attrs.field(factory=set)
    _of_any_form: Reader | None = None
    _by_form: tuple[Getter, FormReader] = attrs.field(init=False)
    _levels: tuple[Level, Level] = attrs.field(init=False)
    _named: dict[str, Field] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._by_form = len, self.read_form
        self.sized = [self._by_form] * _USUAL_SIZE
        self.inside_sized = [(len, self.read_inside)] * _USUAL_SIZE
        apart = frozenset(("_links", "_embedded") if self.is_hal else ("_embedded",))
        self._levels = (
            Level.of(self.fields, apart=apart, is_inside=False),
            Level.of(self.fields, apart=frozenset(), is_inside=True),
        )
        self._named = by_key(self.fields)

    @property
    def is_hal(self) -> bool:
        """Whether the model has links."""
        return issubclass(self.model, Resource)

    # ------------------------------------------------------------------------- the three ways

    def reader(self) -> Callable[..., Any]:
        """The function that makes records of the model: from an object; of nothing, None."""
        sized, puzzle = self.sized, self.puzzle

        def structure(data: Any, _: Any = None) -> Any:
            if data.__class__ is not dict:
                data = as_object(data)
                if data is None:
                    return None
            try:
                values, read = sized[len(data)]
                return read(data, values(data))
            except _ODD:
                return puzzle(data)

        return structure

    def read_form(self, data: dict[str, Any], _: Any = None) -> Any:
        """Make a record of an object by its form. Raises as :meth:`meet`."""
        read = self.own.get(tuple(data))
        return self.meet(data) if read is None else read(data, data.values())

    def puzzle(self, data: dict[str, Any]) -> Any:
        """Make a record of an object that is odd, or of another form than others of its size.

        Raises:
            WireFault: As :meth:`define`.
        """
        sizes: tuple[tuple[list[Any], Any], ...] = (
            (self.sized, data),
            (self.inside_sized, data.get("_embedded")),
        )
        is_another = len(data) >= len(self.sized)
        for sized, each in sizes:
            size = len(each) if each.__class__ is dict else 0
            if 0 < size < len(sized) and sized[size][0] is not len:
                try:
                    sized[size][0](each)
                except KeyError:
                    sized[size] = sized[0]
                    self._shared.add(size if each is data else -size)
                    is_another = True
        try:
            if is_another:
                return self.read_form(data)
        except _ODD:
            pass
        return self.define(data)

    def meet(self, data: dict[str, Any]) -> Any:
        """Make a record of an object whose form has no reader, or none yet.

        Raises:
            ValueError, LookupError, ArithmeticError, TypeError: A value is not of the usual shape.
        """
        if self._patience <= 0 and self._of_any_form is not None:  # in the shortest way
            return self._of_any_form(data)
        read = self._sighted(self.own, tuple(data), self._levels[0])
        return self.by_key(data) if read is None else read(data, data.values())

    def read_inside(
        self, record: Any, embedded: dict[str, Any], _: Any, extra: dict[str, Any]
    ) -> bool | None:
        """Set attributes out of an ``_embedded`` by its form, if that has a reader."""
        read = self.inside.get(tuple(embedded)) or self._sighted(
            self.inside, tuple(embedded), self._levels[1]
        )
        if read is None:
            return True
        values = embedded.values()
        return read(record, embedded, values if len(values) > 1 else next(iter(values)), extra)

    def by_key(self, data: dict[str, Any]) -> Any:
        """Make a record of an object of any form. Raises as :meth:`meet`."""
        if self._of_any_form is None:
            self._objects += 1
            if self._objects < self.after:
                return self.define(data)
            self._of_any_form = self._compiled(of_any_form(self._levels[0]))
        return self._of_any_form(data)

    def define(self, data: dict[str, Any]) -> Any:
        """Make a record by the rules.

        Raises:
            WireFault: An id, a list or a record is none.
        """
        record: Any = object.__new__(self.model)
        extra = record.extra = {}
        if self.is_hal:
            embedded, record.links = split_hal(data, extra)
        else:
            embedded = split_plain(data, extra)
        by_the_rules(record, self.fields, data, embedded, self.note)
        known = self._levels[0].known
        leftovers(record, data, known, self._named, kept=extra, note=self.note)
        self._spread(record, embedded)
        return record

    def _spread(self, record: Any, embedded: dict[str, Any]) -> None:
        """Find a place for what no attribute took out of an ``_embedded``."""
        kept: dict[str, Any] = {}
        known = self._levels[1].known
        leftovers(record, embedded, known, self._named, kept=kept, note=self.note)
        if kept:
            record.extra["_embedded"] = record.extra.get("_embedded", NOTHING) | kept

    # ------------------------------------------------------------------------------ compiling

    def _sighted(self, readers: dict[Form, F], form: Form, level: Level) -> F | None:
        """The reader of a form that was just seen, compiled if it was seen often enough."""
        if self._patience <= 0 or len(readers) >= self.most or len(form) > _LONGEST:
            return readers.get(form)
        self._patience -= 1
        seen = self._seen[level.is_inside]
        times = seen.pop(form, 0) + 1
        if times < self.after:
            if len(seen) >= self.most:
                seen.clear()
            seen[form] = times
            return None
        lines = of_form(level, form)
        if lines is None:
            return None
        is_ordered = level.has_twins(form)
        self._patience = _PATIENCE
        read: F = self._compiled(lines, form)
        readers[form] = read
        size = len(form) if not level.is_inside else -len(form)
        if size not in (0, 1) and size not in self._shared:
            if is_ordered:
                self._shared.add(size)
            else:
                sized: list[Any] = self.inside_sized if level.is_inside else self.sized
                sized += sized[:1] * (1 + len(form) - len(sized))
                sized[len(form)] = operator.itemgetter(*form), readers[form]
        return read

    def _compiled(self, lines: list[str], form: Form = ()) -> Any:
        own, inside = self._levels
        return compiled(
            lines,
            self.fields,
            form,
            model=self.model,
            split=split_hal if self.is_hal else split_plain,
            leftovers=leftovers,
            spread=self._spread,
            by_key=self._named,
            note=self.note,
            known=own.known,
            relations=inside.known,
            inside=self.inside_sized,
            anyhow=self.by_key,
        )
