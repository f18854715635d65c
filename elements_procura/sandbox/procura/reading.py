"""Request objects, read strictly and then validated, as two steps.

Reading refuses what cannot be put into an object (an unknown field, a bad date, an unknown value
of an enum); validating asks for what is mandatory. Not everything is validated: what is not
cascaded comes through and fails later, as it does on the real server.
"""

import base64
import binascii
import datetime as dt
import re
from collections.abc import Callable
from typing import Any, Final

from elements_procura.sandbox.procura.problems import invalid
from elements_procura.sandbox.procura.schema import CLOCK, OBJECTS, Field

Object = dict[str, Any]
_OFFSET: Final = re.compile(r"|Z|[+-]\d\d:\d\d")  # after a date it is taken, and says nothing


def read(data: Any, kind: str) -> Object:
    """``data`` as an object of this kind, nulls left out, validated.

    Raises:
        Problem: It cannot be read, or something mandatory is missing.
    """
    found = _read(data, kind)
    _validate(found, kind)
    return found


def _read(data: Any, kind: str) -> Object:
    if not isinstance(data, dict):
        raise invalid(f"JSON parse error: Cannot deserialize value of type `{kind}`")
    fields = OBJECTS[kind]
    for key in data:
        if key not in fields:
            raise invalid(f'JSON parse error: Unrecognized field "{key}", not marked as ignorable')
    found: Object = {}
    for key, value in data.items():
        field = fields[key]
        if value is None:
            if field.many:
                raise invalid(f"{key} may not be null")
            if key == "addressFunction":  # the one null that is not taken for absence
                found[key] = None
            continue
        if field.many and not isinstance(value, list):
            raise invalid(f"JSON parse error: Cannot deserialize `{key}` from a single value")
        read_one = [_scalar(item, field, key) for item in value] if field.many else None
        made = read_one if read_one is not None else _scalar(value, field, key)
        if made is not None:
            found[key] = made
    return found


def _scalar(value: Any, field: Field, key: str) -> Any:
    if field.kind in OBJECTS:
        return _read(value, field.kind)
    if field.values:
        if value not in field.values:
            raise invalid(f"JSON parse error: Cannot deserialize value of `{key}`: not one of Enum")
        return value
    try:
        return _SCALARS[field.kind](value)
    except (ValueError, TypeError, binascii.Error):
        raise invalid(f"JSON parse error: Cannot deserialize value of `{key}`") from None


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        raise TypeError
    return str(value).lower() if isinstance(value, bool) else str(value)


def _int(value: Any) -> int | None:
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, str) and not value.strip():
        return None
    return int(value)


def _bool(value: Any) -> bool:
    if value in (True, False, "true", "false"):
        return value in (True, "true")
    raise ValueError


def _date(value: Any) -> str | None:
    if value == "":
        return None
    if not _OFFSET.fullmatch(value[10:]):
        raise ValueError
    return dt.date.fromisoformat(value[:10]).isoformat()


def _moment(value: Any) -> str | None:
    if value == "":
        return None
    return dt.datetime.strptime(value, "%Y-%m-%dT%H:%M:%S").isoformat()


def _instant(value: Any) -> str | None:
    if value == "":
        return None
    if "T" not in value:
        raise ValueError
    # An offset is dropped, not reckoned with.
    return dt.datetime.fromisoformat(value).replace(tzinfo=None).isoformat()


def _base64(value: Any) -> bytes:
    return base64.b64decode(value, validate=True)


def _texts(value: Any) -> dict[str, str]:
    return {str(key): _text("" if item is None else item) for key, item in value.items()}


_SCALARS: Final[dict[str, Callable[[Any], Any]]] = {
    "text": _text,
    "clock": _text,
    "int": _int,
    "bool": _bool,
    "date": _date,
    "moment": _moment,
    "instant": _instant,
    "base64": _base64,
    "texts": _texts,
}


def _validate(data: Object, kind: str) -> None:
    for key, field in OBJECTS[kind].items():
        value = data.get(key)
        if value is None:
            if field.needed:
                raise invalid(field.needed)
            continue
        is_blank = isinstance(value, str) and not value.strip() and not field.takes_blank
        if field.filled and (not value or is_blank):
            raise invalid(field.filled)
        if field.kind == "clock" and not CLOCK.fullmatch(value):
            raise invalid("time must match HH:mm")
        if field.kind in OBJECTS and field.cascades:
            for item in value if field.many else (value,):
                _validate(item, field.kind)
