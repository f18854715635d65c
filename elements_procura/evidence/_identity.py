"""Checks that a HAL answer belongs to its request, by self links, ids and relations."""

import enum
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urljoin

from elements_procura import _json
from elements_procura.evidence._completeness import check_complete, href_of
from elements_procura.evidence._lists import is_message, relation, rows, says_error, says_why
from elements_procura.evidence._proof import EvidenceError, Stray, path_of, usable_id
from elements_procura.paths import ANONYMOUS, Path

_ANYTHING = f"/{ANONYMOUS}"
_USUAL_ID = 2**62
_NO_FIELDS = frozenset(("id", "_links"))
_NO_VALUES: tuple[Any, ...] = (None, "", [], {})


class AnswerKind(enum.Enum):
    """The documented kind of answer at a path."""

    ANY = "a resource"
    RECORD = "a record"
    COLLECTION = "a collection"


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
        raise EvidenceError("the answer is JSON but not an object")
    raise EvidenceError(what_else(body) or "the answer is not JSON")


def what_else(body: bytes) -> str:
    """Describe a body that is not JSON, such as HTML or empty."""
    start = body.removeprefix(_json.BOM).lstrip()[:1]
    return {b"<": "the answer is HTML", b"": "the answer is empty"}.get(start, "")


def recognise(
    data: Mapping[str, Any],
    path: Path,
    expected: AnswerKind,
    *,
    accepted: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> bool:
    """Make sure that ``data`` is the answer for ``path``.

    Args:
        data: The decoded body of a 200.
        path: The path of the request.
        expected: The kind of answer that is documented there.
        accepted: Another self link that this source is known to give for ``path``.
        headers: Of the answer, by lower-case name.

    Returns:
        Whether its self link, or the id asked for, distinguishes it from the answer to any other
        request.

    Raises:
        Stray: It calls itself something else.
        Incomplete: It is a collection and says that there is more.
        EvidenceError: Nothing in it shows that it is what was asked for.
    """
    is_named = check_self(data, path.value, accepted=accepted)
    if expected is AnswerKind.RECORD or (expected is AnswerKind.ANY and _ends_in_id(path)):
        check_id(data, path)
    elif expected is AnswerKind.COLLECTION:
        rel = path.value.rstrip("/").rpartition("/")[2]
        check_complete(data, len(relation(data, rel, is_named=is_named)), headers)
    elif not is_named and usable_id(data.get("id")) is None and not _has_list(data, path):
        raise EvidenceError("nothing in the answer shows that it is what was asked for")
    if is_named:
        return True
    is_known = expected is not AnswerKind.COLLECTION and _ends_in_id(path)
    # An error has an id, too: the one asked for, or its own in a log.
    if says_error(data) or (expected is AnswerKind.RECORD and not is_known and says_why(data)):
        raise EvidenceError("the answer is an error")
    return is_known


def is_hollow(data: Mapping[str, Any]) -> bool:
    """Whether a record without a self link holds nothing but its id, and perhaps an error.

    To a caller it is the server's word; in the place of a stored record it is nothing.
    """
    return self_link(data) is None and not any(
        value not in _NO_VALUES and not (name in _NO_FIELDS or is_message(name, value))
        for name, value in data.items()
    )


def check_self(data: Mapping[str, Any], path: str, *, accepted: str | None = None) -> bool:
    """Make sure that ``data`` calls itself ``path``, if it calls itself anything.

    Returns:
        Whether it does.

    Raises:
        Stray: It calls itself something else.
    """
    try:
        if data["_links"]["self"]["href"] == path:  # as good as always, and the quickest way there
            return True
    except (LookupError, TypeError):
        pass
    link = self_link(data)
    if link is None:
        return False
    if same_path(link, path) or (accepted is not None and same_path(link, accepted)):
        return True
    if link and link[0] != "/" and "://" not in link and same_path(urljoin(path, link), path):
        return False  # relative, and the same wherever it stands: as good as none
    raise Stray(link)


def self_link(data: Mapping[str, Any]) -> str | None:
    """The address that a resource gives for itself."""
    links = data.get("_links")
    return href_of(links.get("self")) if isinstance(links, dict) else None


def same_path(href: str, path: str) -> bool:
    """Whether ``href`` leads to ``path``, its host, query and closing slash aside."""
    return href == path or path_of(href).rstrip("/") == unquote(path).rstrip("/")


def rewriting(path: str, link: str) -> tuple[str, str] | None:
    """How a source writes the paths of its self links, if that is a rule for all of them.

    Behind a proxy that adds to every path, or takes something away, all self links differ from the
    requested path in the same way.

    Returns:
        What stands before their common end in the path and in the link; None if either holds an id,
        because the difference is then not a rule.
    """
    asked, given = path.rstrip("/").split("/"), path_of(link).rstrip("/").split("/")
    same = 0
    while same < min(len(asked), len(given)) and asked[-1 - same] == given[-1 - same]:
        same += 1
    heads = "/".join(asked[: len(asked) - same]), "/".join(given[: len(given) - same])
    is_rule = same and not any(part.isdigit() for head in heads for part in head.split("/"))
    return heads if is_rule else None


def is_same_owner(path: str, link: str) -> bool:
    """Whether the nearest id in both is the same: a collection's rows are its owner's."""
    asked, given = ([p for p in each.split("/") if p.isdigit()] for each in (path, path_of(link)))
    return asked[-1:] == given[-1:]


def check_id(data: Mapping[str, Any], path: Path) -> None:
    """Make sure that a record has an id: that of its path, where this ends in one.

    Raises:
        EvidenceError: It has none, or another one.
    """
    given = data.get("id")
    if given.__class__ is int and 0 < given < _USUAL_ID and path.value.endswith(f"/{given}"):
        return  # as good as always
    found = usable_id(given)
    if found is None:
        raise EvidenceError("the answer is a record without a usable id", "$.id")
    if _ends_in_id(path):
        asked = path.value.rpartition("/")[2]
        if asked != str(found) and found != usable_id(asked):
            raise EvidenceError("the answer's id is not the one asked for", "$.id")


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


def _ends_in_id(path: Path) -> bool:
    shown = path.shown
    if shown.endswith(_ANYTHING):  # no documentation spells it: it may be the name of a relation
        return any(map(str.isdigit, path.value.rpartition("/")[2]))
    return shown.endswith("}")


def _has_list(data: Mapping[str, Any], path: Path) -> bool:
    embedded = data.get("_embedded")
    rel = path.value.rstrip("/").rpartition("/")[2]
    held = embedded.get(rel) if isinstance(embedded, dict) else None
    return isinstance(held, list) or (isinstance(held, dict) and bool(held))
