"""Checks that an answer of Procura, which has no links, belongs to its request."""

from collections.abc import Mapping
from typing import Any

from elements_procura import _json
from elements_procura.evidence._completeness import check_complete, is_above
from elements_procura.evidence._lists import is_message, rows
from elements_procura.evidence._proof import EvidenceError, Incomplete

_NO_FIELDS = ("dossier", "dossierId")
_NO_VALUES: tuple[Any, ...] = (None, "", [], {})


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


def is_hollow_case(data: Mapping[str, Any]) -> bool:
    """Whether a case holds nothing but its id, and perhaps an error."""
    dossier = data.get("dossier")
    inside = dossier.items() if isinstance(dossier, dict) else ()
    return not any(
        value not in _NO_VALUES and not is_message(name, value)
        for name, value in (*data.items(), *inside)
        if name not in _NO_FIELDS
    )


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
            raise EvidenceError("the row is not an object", where)
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
    if is_above(result.get("elements"), count):
        return True
    try:
        check_complete(result, count)
    except Incomplete:
        return True
    return False


def is_text_id(value: Any) -> bool:
    """Whether something in Procura may be known by ``value``: a text that is not blank.

    Two that were cut in the middle of a character may be the same text by now.
    """
    return isinstance(value, str) and bool(value.strip()) and _json.REPLACED not in value
