"""What an answer proves: whose it is, who speaks, whether it is whole, whether a write took effect.

Pure, and the one place that decides any of it. Nothing is believed that lacks proof: between the
APIs and us stand gateways, proxies and pools of connections, and they answer with anything.

A check either returns what it has found or raises :class:`EvidenceError`, which holds words and
attribute paths and never a value.
"""

import enum
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

import attrs

from elements_procura import _json
from elements_procura.paths import ANONYMOUS, Path

SELF = "$.links.self"
"""Where the fault is of a body that calls itself something else."""
LARGEST_ID = 2**63 - 1
_TOTALS = frozenset(("total", "total_items", "count"))
_NAMES = 12


class EvidenceError(ValueError):
    """An answer does not prove what it has to.

    Attributes:
        text: What is wrong, without values.
        path: Where, as ``$.adressen[3].id``.
    """

    def __init__(self, text: str, path: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.path = path


class Incomplete(EvidenceError):
    """A list says that there is more than it holds."""


class Stray(EvidenceError):
    """An answer calls itself another resource.

    Attributes:
        link: The path that it calls itself.
    """

    def __init__(self, link: str) -> None:
        super().__init__("the answer is another resource's: its self link differs", SELF)
        self.link = link


class Expected(enum.Enum):
    """What a path is documented to answer with."""

    ANY = "a resource"
    RECORD = "a record"
    COLLECTION = "a collection"


# ---------------------------------------------------------------- whose answer is it?


def document(body: bytes) -> dict[str, Any]:
    """Decode the JSON object in ``body``.

    Raises:
        EvidenceError: It is something else.
    """
    try:
        data = _json.loads(body)
    except _json.JsonError:
        pass
    else:
        if isinstance(data, dict):
            return data
        raise EvidenceError("the answer is JSON but no object")
    raise EvidenceError(what_else(body) or "the answer is no JSON")


def what_else(body: bytes) -> str:
    """What a body is that holds no JSON, as far as that can be told."""
    start = body.removeprefix(_json.BOM).lstrip()[:1]
    return {b"<": "the answer is HTML", b"": "the answer is empty"}.get(start, "")


def recognise(
    data: Mapping[str, Any], path: Path, expected: Expected, *, accepted: str | None = None
) -> bool:
    """Make sure that ``data`` is what is at ``path``.

    Args:
        data: The decoded body of a 200.
        path: What was asked for.
        expected: What is documented there.
        accepted: Another self link that this source is known to give for ``path``.

    Returns:
        Whether its self link, or the id asked for, tells it from the answer to any other request.

    Raises:
        Stray: It calls itself something else.
        Incomplete: It is a collection and says that there is more.
        EvidenceError: Nothing in it shows that it is what was asked for.
    """
    is_named = check_self(data, path.value, accepted=accepted)
    if expected is Expected.RECORD or (expected is Expected.ANY and _ends_in_id(path)):
        check_id(data, path)
    elif expected is Expected.COLLECTION:
        rel = path.value.rstrip("/").rpartition("/")[2]
        check_complete(data, len(relation(data, rel, is_named=is_named)))
    elif not is_named and usable_id(data.get("id")) is None and not _has_list(data, path):
        raise EvidenceError("nothing in the answer shows that it is what was asked for")
    return is_named or (expected is not Expected.COLLECTION and _ends_in_id(path))


def check_self(data: Mapping[str, Any], path: str, *, accepted: str | None = None) -> bool:
    """Make sure that ``data`` calls itself ``path``, if it calls itself anything.

    Returns:
        Whether it does.

    Raises:
        Stray: It calls itself something else.
    """
    link = self_link(data)
    if link is None:
        return False
    if same_path(link, path) or (accepted is not None and same_path(link, accepted)):
        return True
    raise Stray(link)


def self_link(data: Mapping[str, Any]) -> str | None:
    """The address that a resource gives for itself."""
    links = data.get("_links")
    link = links.get("self") if isinstance(links, dict) else None
    href = link.get("href") if isinstance(link, dict) else None
    return href if isinstance(href, str) else None


def same_path(href: str, path: str) -> bool:
    """Whether ``href`` leads to ``path``, its host, query and closing slash aside."""
    if href == path:  # as good as always, and the rest costs more than finding the link
        return True
    return _path_of(href).rstrip("/") == unquote(path).rstrip("/")


def rewriting(path: str, link: str) -> tuple[str, str] | None:
    """How a source writes the paths of its self links, if that is a rule for all of them.

    Behind a proxy that adds to every path, or takes something away, no self link is the path that
    was asked for, and all differ from it in the same way.

    Returns:
        What stands before their common end in the path and in the link; None if either holds
        an id, as that is no rule.
    """
    asked, given = path.rstrip("/").split("/"), _path_of(link).rstrip("/").split("/")
    same = 0
    while same < min(len(asked), len(given)) and asked[-1 - same] == given[-1 - same]:
        same += 1
    heads = "/".join(asked[: len(asked) - same]), "/".join(given[: len(given) - same])
    is_rule = same and not any(part.isdigit() for head in heads for part in head.split("/"))
    return heads if is_rule else None


def is_same_owner(path: str, link: str) -> bool:
    """Whether the nearest id in both is the same: a collection's rows are its owner's."""
    asked, given = ([p for p in each.split("/") if p.isdigit()] for each in (path, _path_of(link)))
    return asked[-1:] == given[-1:]


def check_id(data: Mapping[str, Any], path: Path) -> None:
    """Make sure that a record has an id: that of its path, where this ends in one.

    Raises:
        EvidenceError: It has none, or another one.
    """
    found = usable_id(data.get("id"))
    if found is None:
        raise EvidenceError("the answer is a record without a usable id", "$.id")
    if _ends_in_id(path):
        asked = path.value.rpartition("/")[2]
        if found != usable_id(asked):
            raise EvidenceError("the answer's id is not the one asked for", "$.id")


def usable_id(value: Any) -> int | None:
    """The id that a record may be known by, or None: a whole number from 1 that fits 64 bits."""
    if value.__class__ is str:
        value = int(value) if _DIGITS.fullmatch(value) else 0
    elif value.__class__ is float:
        value = int(value) if value.is_integer() and value < _EXACT else 0
    elif value.__class__ is not int:
        return None
    return value if 0 < value <= LARGEST_ID else None


def known_by(data: Mapping[str, Any]) -> tuple[Any, ...]:
    """The ids in an answer, by which it is known to be the same as another; empty if it has none.

    That of a record, or those of the rows of all its relations.
    """
    own = usable_id(data.get("id"))
    if own is not None:
        return (own,)
    embedded = data.get("_embedded")
    ids: list[Any] = []
    for held in embedded.values() if isinstance(embedded, dict) else ():
        try:
            ids += [usable_id(row.get("id")) for row in rows(held) if isinstance(row, dict)]
        except EvidenceError:
            return ()
    return () if None in ids else tuple(ids)


def check_case(data: Mapping[str, Any], asked: str | None) -> None:
    """Make sure that an answer of Procura, which has no links, is a case, and the one asked for.

    Args:
        data: The decoded body.
        asked: An id or a reference, if either was asked for.

    Raises:
        EvidenceError: It has no dossier with an id, or neither its id nor a reference is ``asked``.
    """
    dossier = check_member(data, "dossier", dict)
    identifier = dossier.get("dossierId")
    if not is_text_id(identifier):
        raise EvidenceError("the answer is a dossier without an id", "$.dossier.dossierId")
    if asked is None or asked == identifier:
        return
    try:
        references = rows(dossier.get("referenceIds"))
    except EvidenceError:
        references = []
    if not any(isinstance(each, dict) and each.get("id") == asked for each in references):
        raise EvidenceError("the answer's id is not the one asked for", "$.dossier.dossierId")


def check_member(data: Mapping[str, Any], name: str, kind: type) -> Any:
    """The documented top member of an answer.

    Raises:
        EvidenceError: It is missing, or of another kind.
    """
    value = data.get(name)
    if kind is list and isinstance(value, list | dict):
        try:
            return rows(value)
        except EvidenceError:
            value = None
    if value is None or not isinstance(value, kind):
        raise EvidenceError(f"the answer holds no {name} as it is documented", f"$.{name}")
    return value


def check_page(result: Mapping[str, Any], *, id_name: str = "") -> None:
    """Make sure that a page of Procura holds all the rows that it counts, and that they are some.

    Args:
        result: The page.
        id_name: What a row is known by, which has to be a text; empty if by nothing.

    Raises:
        Incomplete: It says that it holds more.
        EvidenceError: It holds no list, or something else than rows.
    """
    content = page_rows(result)
    if content is None:
        raise EvidenceError("the answer holds no list of rows", "$.result.content")
    for index, row in enumerate(content):
        where = f"$.result.content[{index}]"
        if not isinstance(row, dict):
            raise EvidenceError("the row is no object", where)
        if id_name and not is_text_id(row.get(id_name)):
            raise EvidenceError("the row has no usable id", f"{where}.{id_name}")
    if id_name and counts_more(result, len(content)):
        raise Incomplete("the answer counts more rows than it holds", "$.result.elements")


def page_rows(result: Mapping[str, Any]) -> list[Any] | None:
    """The rows in a page of Procura; None if it holds no list of them."""
    content = result.get("content")
    # Left out, a list is empty where the numbers say so.
    if content is None and ("elements" not in result or counts_more(result, 0)):
        return None
    try:
        return rows(content)
    except EvidenceError:
        return None


def counts_more(result: Mapping[str, Any], count: int) -> bool:
    """Whether a page of Procura says that it holds more than ``count`` rows."""
    return any(is_above(result.get(name), count) for name in ("elements", "totalElements"))


def is_text_id(value: Any) -> bool:
    """Whether something in Procura may be known by ``value``: a text that is not blank."""
    return isinstance(value, str) and bool(value.strip())


# ---------------------------------------------------------------- lists


def rows(value: Any) -> list[Any]:
    """The rows of what stands in the place of a list.

    A list; one object with an id, which is the only row; an object whose keys are all digits, as
    PHP writes a list with a gap; null.

    Raises:
        EvidenceError: It is anything else.
    """
    if isinstance(value, list):
        return value
    if value is None:
        return []
    if isinstance(value, dict):
        if "id" in value:
            return [value]
        if all(map(_is_number, value)):  # an empty one, too
            return list(value.values())
    raise EvidenceError("expected a list")


def relation(data: Mapping[str, Any], rel: str, *, is_named: bool) -> list[Any]:
    """The rows of a collection.

    Args:
        data: The collection's document.
        rel: Name of the relation in ``_embedded``.
        is_named: Whether the collection has the right self link. Then a list that is missing or
            an empty object is an empty list.

    Raises:
        EvidenceError: There is no such list in it.
    """
    embedded = data.get("_embedded", _ABSENT)
    held = embedded.get(rel, _ABSENT) if isinstance(embedded, dict) else _ABSENT
    if held.__class__ is list:  # nearly always
        return held
    try:
        # Without a self link, only a list that is there is one: nothing else names the collection.
        if is_named and (held is _ABSENT and embedded in ({}, [], None, _ABSENT)):
            return []
        if held is not _ABSENT and (is_named or held != {}):
            return rows(held)
    except EvidenceError:
        pass
    raise EvidenceError(f"the answer holds no list of {rel}", f"$.{rel}")


def check_complete(data: Mapping[str, Any], count: int) -> None:
    """Make sure that a collection of ``count`` rows does not say that there are more.

    Raises:
        Incomplete: It has a ``next`` link, or a total above that.
    """
    links = data.get("_links")
    if isinstance(links, dict) and links.get("next"):
        raise Incomplete("the answer is only a part: it links the next page", "$.links.next")
    for name in _TOTALS.intersection(data):
        if is_above(data[name], count):
            raise Incomplete(
                f"the answer is only a part: its {name} is above its rows", f"$.{name}"
            )


def is_above(total: Any, count: int) -> bool:
    """Whether ``total`` is a number, or the digits of one, above ``count``."""
    if isinstance(total, str):
        digits = total.strip()
        total = digits.lstrip("0") if _is_number(digits) else ""
        return (len(total), total) > (len(str(count)), str(count))
    return isinstance(total, int | float) and total is not True and total > count


def row_id(row: Any) -> int | None:
    """The id that a row of a collection may be known by, or None."""
    return usable_id(row.get("id")) if isinstance(row, dict) else None


def check_row(row: Any, where: str) -> None:
    """Make sure that a row has a usable id.

    Args:
        row: As it came.
        where: Its path.

    Raises:
        EvidenceError: It has none.
    """
    if row_id(row) is None:
        raise EvidenceError("the row has no usable id", f"{where}.id")


def check_rows(items: Iterable[Any], rel: str) -> None:
    """Make sure that each row has a usable id; those that are null are left to others.

    Raises:
        EvidenceError: The first one that has none.
    """
    for index, row in enumerate(items):
        if row is not None:
            check_row(row, f"$.{rel}[{index}]")


# ---------------------------------------------------------------- who speaks?


def is_possibly_own(
    headers: Mapping[str, str], body: bytes, *, is_empty_documented: bool = False
) -> bool:
    """Whether a refusal has a form that the API itself could have given it.

    JSON by its Content-Type with an empty body or an object in it, or an empty body where the
    documentation shows one. HTML, plain text and anything else is somebody else's.
    """
    is_empty = not body.removeprefix(_json.BOM).strip()
    if is_empty and is_empty_documented and not media_type(headers):
        return True
    if not is_json(headers):
        return False
    return is_empty or _object(body) is not None


def is_json(headers: Mapping[str, str]) -> bool:
    """Whether an answer calls itself JSON."""
    kind = media_type(headers)
    return kind == "application/json" or (kind[:12] == "application/" and kind[-5:] == "+json")


def media_type(headers: Mapping[str, str]) -> str:
    """The media type of an answer, without parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def manner(headers: Mapping[str, str], body: bytes) -> str:
    """The form of an answer: its media type and the names of its top members, without any value.

    By it, a source's own way to refuse can be told from that of something in front of it.
    """
    data = _object(body)
    names = sorted(_masked(name) for name in data or ())[:_NAMES]
    form = "empty" if not body.strip() else "other" if data is None else ",".join(names)
    return f"{media_type(headers) or '-'} {{{form}}}"


# ---------------------------------------------------------------- writes


class Verdict(enum.Enum):
    """What an answer proves about a write."""

    DONE = "it took effect"
    REFUSED = "it was refused"
    UNKNOWN = "nobody knows"


@attrs.frozen
class Success:
    """How the documentation shows that a write took effect.

    Attributes:
        statuses: The statuses.
        body: Which body is documented: ``empty``, ``object``, or ``id`` for an answer that names
            what was added in its Location or its body.
        member: A top member that the object has.
    """

    statuses: frozenset[int]
    body: str = "empty"
    member: str = ""


CHANGED = Success(frozenset({200, 204}))
ADDED = Success(frozenset({201}), "id")
ACCEPTED = Success(frozenset({204}))
RAW = {"POST": Success(frozenset({201, 204}), "id"), "PATCH": CHANGED, "PUT": CHANGED}
"""What a request to Elements is taken for that is made by hand."""


def judge_write(
    success: Success | None, status: int, headers: Mapping[str, str], body: bytes
) -> Verdict:
    """What an answer to a write proves.

    Args:
        success: What is documented; None for a request that nobody has described: then a body
            has to be empty or a JSON object.
        status: HTTP status.
        headers: By lower-case name.
        body: The bytes as they came.
    """
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status < HTTPStatus.OK:
        return Verdict.UNKNOWN
    if status >= HTTPStatus.BAD_REQUEST or objections(body):
        return Verdict.REFUSED
    # null is how PHP and test servers write that there is nothing to say.
    is_empty = body.removeprefix(_json.BOM).strip() in (b"", b"null")
    if success is None:
        is_proof = status in _USUAL_SUCCESS and (is_empty or _object(body) is not None)
        is_proof |= status == HTTPStatus.CREATED and added_id(headers, body) is not None
    elif status not in success.statuses:
        is_proof = False
    elif success.body == "id":
        # An id where it belongs is proof whatever else PHP has printed.
        is_proof = added_id(headers, body) is not None or is_empty
    elif success.body == "object":
        is_proof = bool((_object(body) or {}).get(success.member))
    else:
        is_proof = is_empty
    return Verdict.DONE if is_proof else Verdict.UNKNOWN


def added_id(headers: Mapping[str, str], body: bytes) -> int | None:
    """The id of what was added: the body's, or the end of ``Location``, be that relative."""
    found = usable_id((_object(body) or {}).get("id"))
    if found is not None:
        return found
    ending = _LAST_ID.search(_path_of(headers.get("location", "")))
    return None if ending is None else usable_id(ending[1])


def objections(body: bytes) -> list[dict[str, Any]]:
    """What the vendor's own check finds wrong with a body, whatever the status says."""
    data = _object(body) if b"errors" in body else None
    embedded = (data or {}).get("_embedded")
    try:
        found = rows(embedded.get("errors") if isinstance(embedded, dict) else None)
    except EvidenceError:
        found = [embedded["errors"]] if isinstance(embedded, dict) else []
    return [row for row in found if isinstance(row, dict) and ("message" in row or "path" in row)]


# ---------------------------------------------------------------- what there is of bytes


def is_picture(head: bytes) -> bool:
    """Whether bytes begin as a picture of a known format does."""
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a"))


def is_whole_picture(head: bytes, tail: bytes) -> bool:
    """Whether bytes begin and end as a picture of their own format does.

    Args:
        head: The first bytes, 16 or more of them.
        tail: The last ones, 16 or more.
    """
    end = tail.rstrip(b"\0\r\n ")
    return (
        (head.startswith(b"\xff\xd8\xff") and end.endswith(b"\xff\xd9"))
        or (head.startswith(b"\x89PNG\r\n\x1a\n") and tail.rstrip(b"\0\r\n ")[-8:] == _PNG_END)
        or (head[:6] in (b"GIF87a", b"GIF89a") and end.endswith(b";"))
    )


_ABSENT = object()
_VARIABLES = re.compile(r"\{[?&;#].*")  # of a templated link: they begin a query or a fragment
_DIGITS = re.compile(r"\s*\d{1,19}\s*", re.ASCII)
_LAST_ID = re.compile(r"(?:^|/)(\d{1,19})/?\Z", re.ASCII)
_EXACT = 2.0**53
_PNG_END = b"IEND\xaeB`\x82"
_USUAL_SUCCESS = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT)


def _ends_in_id(path: Path) -> bool:
    last = path.template.rpartition("/")[2]
    if last == ANONYMOUS:  # no documentation spells it: it may be the name of a relation
        return any(map(str.isdigit, path.value.rpartition("/")[2]))
    return last.endswith("}")


def _has_list(data: Mapping[str, Any], path: Path) -> bool:
    embedded = data.get("_embedded")
    rel = path.value.rstrip("/").rpartition("/")[2]
    held = embedded.get(rel) if isinstance(embedded, dict) else None
    return isinstance(held, list) or (isinstance(held, dict) and bool(held))


def _is_number(key: str) -> bool:
    return key.isascii() and key.isdigit()


def _path_of(href: str) -> str:
    """The path of an address, decoded; the variables of a template are left out."""
    try:
        return unquote(_VARIABLES.sub("", urlsplit(href).path))
    except ValueError:  # such as "http://[": it leads nowhere
        return ""


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        data = _json.loads(body)
    except _json.JsonError:
        return None
    return data if isinstance(data, dict) else None


def _masked(name: str) -> str:
    """A member's name as far as it is one: a map's keys may be anybody's number or name."""
    return name if _PLAIN.fullmatch(name) else "?"


_PLAIN = re.compile(r"[A-Za-z_][A-Za-z_-]{0,39}", re.ASCII)
