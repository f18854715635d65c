"""Disclosing to a person all that is stored of them: the right of access."""

from collections.abc import Iterator, Mapping
from typing import Any

from elements_procura import _json
from elements_procura.harvest.address import Where
from elements_procura.harvest.drift.report import iso
from elements_procura.harvest.erasure.known import person_in
from elements_procura.harvest.erasure.spellings import pattern_of, searchable
from elements_procura.harvest.erasure.subject import StoredCopy, Subject, found_person
from elements_procura.harvest.erasure.suppression import Suppression
from elements_procura.harvest.store import StoreReader, note_audit
from elements_procura.registry import harvest_spec_of
from elements_procura.schema.hal import HalError
from elements_procura.spec.harvest import HarvestSpec
from elements_procura.spec.shapes import Shape

_KEY = b"of one answer alone"


def disclose(store: Where, person: str, *, note: bool = True) -> dict[str, Any]:
    """All that a store holds about a person, as JSON.

    What belongs to the person alone comes whole; of bodies about others as well, the records that
    name the person, without those others.

    Args:
        store: The harvest's path or URL.
        person: The number of the person's record, or the BSN.
        note: Note in the store's audit that somebody asked, without saying who.

    Raises:
        StoreError: The store cannot be used.
    """
    with StoreReader.read(store) as reader:
        spec = harvest_spec_of(reader.api)
        tenant, api = reader.tenant, reader.api
        subject = found_person(spec, reader.stored, person)
        found = [] if subject is None else [*_about(spec, subject, reader)]
    if note:
        note_audit(store, "disclose", {"parts": len(found)})
    return {"format": 1, "tenant": tenant, "api": api, "person": person, "found": found}


def _about(spec: HarvestSpec, subject: Subject, reader: StoreReader) -> Iterator[dict[str, Any]]:
    hashing = Suppression(spec, _KEY, ())
    only = Suppression(spec, _KEY, [hashing.hashed(each) for each in subject.listed()])
    mark = pattern_of(each.value for each in subject.listed())
    for each in reader.stored():
        owner = person_in(spec, each.kind, each.path)
        if owner in subject.numbers:
            yield _told(each, reader, {"whole": _read(each.body)})
            continue
        if not mark.search(searchable(each.body)):
            continue
        place = only.place(each.dossier, each.kind, each.path, is_shared=each.is_shared)
        try:
            shape = None if owner is not None else spec.shape_of(each.kind)
            records = None if shape is None else _records(shape, each.body)
            if records is None:
                text = each.body.decode()
                parts = [text[start:end] for start, end, _ in only.pieces(text, place)]
                found: dict[str, Any] = {"parts": [_read(part.encode()) for part in parts]}
            else:
                named = [text for text in records if [*only.pieces(text, place)]]
                whole = [_read(only.without_others(text).encode()) for text in named]
                found = {"records": whole}
        except (ValueError, HalError):
            continue
        if [*found.values()] != [[]]:
            yield _told(each, reader, found)


def _told(each: StoredCopy, reader: StoreReader, found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "dossier": each.dossier,
        "shared_with": reader.sharers(each.resource) if each.is_shared else [],
        "path": each.path,
        "stored_as": each.table,
        "since": None if each.since is None else iso(each.since),
        "until": None if each.until is None else iso(each.until),
        **found,
    }


def _records(shape: Shape, body: bytes) -> list[str] | None:
    """The texts of the records in a body; None if they nest too deep to be written."""
    try:
        return [_json.dumps(raw).decode() for raw in shape.records(body)]
    except _json.JsonError:
        return None


def _read(body: bytes) -> Any:
    """The JSON in a body; anything else, or JSON too deep to be written, as bytes or text."""
    try:
        data = _json.loads(body)
        if not _is_deep(data):
            return data
        return {"text": body.decode()}
    except ValueError:
        import base64  # noqa: PLC0415 - for pictures alone

        return {"base64": base64.b64encode(body).decode()}


def _is_deep(data: Any) -> bool:
    level = [data]
    for _ in range(_json.DEEPEST):
        below: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                below += each.values()
            elif isinstance(each, list):
                below += each
        if not below:
            return False
        level = below
    return True
