"""Whether a write took effect."""

import enum
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import attrs

from elements_procura import _json
from elements_procura.evidence._lists import rows
from elements_procura.evidence._proof import EvidenceError, object_in, path_of, usable_id

_LAST_ID = re.compile(r"(?:^|/)(\d{1,19})/?\Z", re.ASCII)
GIVEN_UP = (408, 460, 499)
"""What a gateway answers that has waited for too long: the API may have got the request."""
_USUAL_SUCCESS = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT)


class Verdict(enum.Enum):
    """Decide what an answer proves about a write."""

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
"""The expected success of a request to Elements that is made by hand."""


def judge_write(
    success: Success | None, status: int, headers: Mapping[str, str], body: bytes
) -> Verdict:
    """Decide what an answer to a write proves.

    Args:
        success: The documented success; None for an undocumented request, whose body then has to be
            empty or a JSON object.
        status: HTTP status.
        headers: By lower-case name.
        body: The bytes as they came.
    """
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status < HTTPStatus.OK:
        return Verdict.UNKNOWN
    if status in GIVEN_UP:
        return Verdict.UNKNOWN
    if status >= HTTPStatus.BAD_REQUEST or objections(body):
        return Verdict.REFUSED
    # null is how PHP and test servers write that there is nothing to say.
    is_empty = body.removeprefix(_json.BOM).strip() in (b"", b"null")
    if success is None:
        is_proof = status in _USUAL_SUCCESS and (is_empty or object_in(body) is not None)
        is_proof |= status == HTTPStatus.CREATED and added_id(headers, body) is not None
    elif status not in success.statuses:
        is_proof = False
    elif success.body == "id":
        # An id where it belongs is proof whatever else PHP has printed.
        is_proof = added_id(headers, body) is not None or is_empty
    elif success.body == "object":
        is_proof = bool((object_in(body) or {}).get(success.member))
    else:
        is_proof = is_empty
    return Verdict.DONE if is_proof else Verdict.UNKNOWN


def added_id(headers: Mapping[str, str], body: bytes) -> int | None:
    """The id of what was added: the body's, or the end of ``Location``, be that relative."""
    found = usable_id((object_in(body) or {}).get("id"))
    if found is not None:
        return found
    ending = _LAST_ID.search(path_of(headers.get("location", "")))
    return None if ending is None else usable_id(ending[1])


def objections(body: bytes) -> list[dict[str, Any]]:
    """The faults that the vendor's own check reports in a body, whatever the status."""
    data = object_in(body) if b"errors" in body else None
    embedded = (data or {}).get("_embedded")
    try:
        found = rows(embedded.get("errors") if isinstance(embedded, dict) else None)
    except EvidenceError:
        found = [embedded["errors"]] if isinstance(embedded, dict) else []
    return [row for row in found if isinstance(row, dict) and ("message" in row or "path" in row)]
