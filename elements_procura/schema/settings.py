"""Settings: attrs classes structured from JSON, TOML or options, with all faults at once.

cattrs keeps the registry: a hook per type reads the spellings that people use (``14830`` for a
text, ``"a b"`` for a list, TOML's dates). A setting with a spelling of its own (``80%``, ``10h``)
has a reader, given to :func:`setting`. Readers raise ValueError with a description of valid values,
and a hint; the value itself is never shown, for it may be a secret in the wrong place.
"""

import contextlib
import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

import attrs
from cattrs import Converter

from elements_procura.errors import SettingFault, SettingsError

S = TypeVar("S", bound="Settings")

_READER, _LEAST, _MOST, _CHOICES, _WRITER = "reader", "least", "most", "choices", "writer"
_UNITS = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)


def setting(
    default: Any = attrs.NOTHING,
    *,
    factory: Callable[[], Any] | None = None,
    read: Callable[[Any], Any] | None = None,
    write: Callable[[Any], Any] | None = None,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] | None = None,
) -> Any:
    """A field of a :class:`Settings` class.

    Args:
        default: Its value unless one is given.
        factory: What makes the default instead.
        read: Reads the spellings of it that its type does not know; raises ValueError.
        write: Turns it into JSON, where its type does not say how.
        least: The least number that it may be.
        most: The greatest number that it may be.
        choices: The texts that it may be.
    """
    about = {_READER: read, _WRITER: write, _LEAST: least, _MOST: most, _CHOICES: choices}
    if factory is not None:
        return attrs.field(factory=factory, metadata=about)
    return attrs.field(default=default, metadata=about)


@attrs.frozen(kw_only=True)
class Settings:
    """The base of settings: checked whole, however they are made.

    Raises:
        SettingsError: It lists every fault.
    """

    def __attrs_post_init__(self) -> None:
        values = {each.name: getattr(self, each.name) for each in attrs.fields(type(self))}
        refuse(self.faults_in(values))

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of all settings."""
        return tuple(each.name for each in attrs.fields(cls))

    @classmethod
    def rules(
        cls,
        values: Mapping[str, Any],  # noqa: ARG003 - for those who have such rules
    ) -> Iterable[SettingFault]:
        """The faults that only several settings together show.

        Args:
            values: As many settings as could be read, the defaults included.
        """
        return ()

    @classmethod
    def faults_in(cls, values: Mapping[str, Any]) -> Iterator[SettingFault]:
        """Every fault of the values of settings.

        Args:
            values: As many settings as could be read.
        """
        yield from _out_of_bounds(cls, values)
        yield from cls.rules(values)

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON, without those that have their default."""
        return {
            each.name: _written(value, each)
            for each in attrs.fields(type(self))
            if (value := getattr(self, each.name)) != _default(each)
        }


def structured(cls: type[S], given: Mapping[str, Any]) -> S:
    """Make settings of a mapping.

    Args:
        cls: Their class.
        given: Values by name, as JSON or TOML has them.

    Raises:
        SettingsError: It lists every fault.
    """
    values, faults = read(cls, given)
    refuse([*unknown(given, cls.names()), *faults])
    return cls(**values)


def read(
    cls: type[Settings], given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[SettingFault]]:
    """Read those of a mapping's values that a class has settings for.

    Args:
        cls: The class.
        given: Values by name; others than the class's are left alone.

    Returns:
        What could be read, and every fault, those of missing settings among them.
    """
    values, faults = _read_each(cls, given)
    known = dict(values)
    for each in attrs.fields(cls):
        if each.name in given:
            continue
        if each.default is attrs.NOTHING:
            faults.append(SettingFault(each.name, "is missing"))
        else:
            known[each.name] = _default(each)
    return values, [*faults, *cls.faults_in(known)]


def read_some(
    cls: type[Settings], given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[SettingFault]]:
    """Read settings of which others may come from elsewhere: each is checked by itself.

    Args:
        cls: The class.
        given: Values by name; others than the class's are left alone.

    Returns:
        What could be read, and every fault.
    """
    values, faults = _read_each(cls, given)
    return values, [*faults, *_out_of_bounds(cls, values)]


def _read_each(
    cls: type[Settings], given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[SettingFault]]:
    values: dict[str, Any] = {}
    faults: list[SettingFault] = []
    for each in attrs.fields(cls):
        if each.name in given:
            try:
                values[each.name] = _read(given[each.name], each)
            except ValueError as error:
                faults.append(SettingFault(each.name, *map(str, error.args)))
    return values, faults


def unknown(given: Iterable[str], names: Iterable[str]) -> Iterator[SettingFault]:
    """A fault for every name that is not a setting's.

    Args:
        given: The names that were given.
        names: The settings' names.
    """
    names = tuple(names)
    for name in given:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"Is {near[0]} meant?" if near else ""
            yield SettingFault(name, f"is not a setting; they are {', '.join(names)}", hint)


def refuse(faults: Iterable[SettingFault]) -> None:
    """Raise the faults as one error, if there are any.

    Raises:
        SettingsError: There are.
    """
    if found := tuple(faults):
        raise SettingsError(faults=found)


def _default(field: "attrs.Attribute[Any]") -> Any:
    factory = getattr(field.default, "factory", None)
    return field.default if factory is None else factory()


def _read(value: Any, field: "attrs.Attribute[Any]") -> Any:
    reader = field.metadata.get(_READER)
    if reader is not None:
        return reader(value)
    return CONVERTER.structure(value, field.type)  # type: ignore[arg-type] # every setting has one


def _written(value: Any, field: "attrs.Attribute[Any]") -> Any:
    writer = field.metadata.get(_WRITER)
    if writer is not None:
        return writer(value)
    return CONVERTER.unstructure(value, unstructure_as=field.type)


def _out_of_bounds(cls: type[Settings], values: Mapping[str, Any]) -> Iterator[SettingFault]:
    for each in attrs.fields(cls):
        if each.name in values and (wrong := _wrong(values[each.name], each.metadata)):
            yield SettingFault(each.name, wrong)


def _wrong(value: Any, about: Mapping[str, Any]) -> str:
    if value is None:
        return ""
    if (least := about.get(_LEAST)) is not None and value < least:
        return f"must be at least {least:g}"
    if (most := about.get(_MOST)) is not None and value > most:
        return f"must be at most {most:g}"
    if (choices := about.get(_CHOICES)) is not None and value not in choices:
        return f"must be {' or '.join(choices)}"
    return ""


# -- readers -----------------------------------------------------------------------------------


def text(value: Any, _: Any = None) -> str:
    """A text; of a number or a day, its digits.

    Raises:
        ValueError: It is none of these.
    """
    if isinstance(value, str | int | float | dt.date | dt.time) and not isinstance(value, bool):
        return str(value)
    raise ValueError("must be a text")


def words(value: Any, _: Any = None) -> tuple[str, ...]:
    """Texts, as a list or with blanks or commas between them.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    if isinstance(value, list | tuple | set | frozenset) and all(isinstance(v, str) for v in value):
        return tuple(value)
    raise ValueError("must be a list of texts")


def span(value: Any) -> float:
    """Seconds, as a number or as ``10h``, ``90m``, ``1h30m``.

    Raises:
        ValueError: It is neither, or takes no time at all.
    """
    seconds = 0.0
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
    elif isinstance(value, str) and (found := _SPAN.fullmatch(value.strip().lower())):
        numbers = (float(number or 0) for number in found.groups())
        seconds = sum(map(float.__mul__, numbers, _UNITS.values()))
    if not seconds > 0:
        raise ValueError("must be a length of time", "Give 2d, 10h, 90m, 1h30m or 30s")
    return seconds


def share(value: Any) -> float:
    """A part of a whole, as ``80%`` or 0.8.

    Raises:
        ValueError: It is neither, or not above 0 and at most 1.
    """
    part = -1.0
    if isinstance(value, int | float) and not isinstance(value, bool):
        part = float(value)
    elif isinstance(value, str):
        spelled = value.strip()
        with contextlib.suppress(ValueError):
            part = float(spelled.removesuffix("%")) / (100 if spelled.endswith("%") else 1)
    if not 0 < part <= 1:
        raise ValueError("must be a part of the whole", "Give 80% or 0.8")
    return part


def time_of_day(value: Any) -> dt.time:
    """A time of the day.

    Raises:
        ValueError: It is none.
    """
    if isinstance(value, dt.time):
        return value
    try:
        return dt.time.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("must be a time of the day", "Give HH:MM, as 06:00") from None


def day(value: Any) -> dt.date:
    """A calendar day.

    Raises:
        ValueError: It is none.
    """
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("must be a day", "Give YYYY-MM-DD, as 2024-01-31") from None


def _number(value: Any, _: Any) -> float:
    try:
        if not isinstance(value, bool):
            return float(value)
    except (TypeError, ValueError):
        pass
    raise ValueError("must be a number")


def _whole(value: Any, _: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal():
        return int(value)
    raise ValueError("must be a whole number")


def _flag(value: Any, _: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("must be true or false")


def _path(value: Any, _: Any) -> Path:
    if isinstance(value, str | Path):
        return Path(value)
    raise ValueError("must be the name of a file")


def _is_optional(kind: Any) -> bool:
    return type(None) in get_args(kind)


def _optional(kind: Any) -> Callable[[Any, Any], Any]:
    (inner,) = (each for each in get_args(kind) if each is not type(None))
    return lambda value, _: None if value is None else CONVERTER.structure(value, inner)


CONVERTER = Converter(detailed_validation=False)
for _type, _hook in (
    (str, text),
    (int, _whole),
    (float, _number),
    (bool, _flag),
    (Path, _path),
    (dt.date, lambda value, _: day(value)),
    (dt.time, lambda value, _: time_of_day(value)),
):
    CONVERTER.register_structure_hook(_type, _hook)
CONVERTER.register_structure_hook_func(lambda kind: kind == tuple[str, ...], words)
CONVERTER.register_structure_hook_factory(_is_optional, _optional)
CONVERTER.register_unstructure_hook(Path, str)
CONVERTER.register_unstructure_hook(dt.date, dt.date.isoformat)
CONVERTER.register_unstructure_hook(dt.time, dt.time.isoformat)
CONVERTER.register_unstructure_hook(tuple, list)
