"""Disclosing to a person all that is stored of them: the right of access."""

from collections.abc import Iterator
from typing import Any

from elements_procura import _json
from elements_procura.harvest.address import Where
from elements_procura.harvest.drift.report import iso
from elements_procura.harvest.erasure.known import person_in
from elements_procura.harvest.erasure.spellings import pattern_of, searchable
from elements_procura.harvest.erasure.subject import StoredCopy, Subject, found_person
from elements_procura.harvest.erasure.suppression import Suppression
from elements_procura.harvest.store import Store, StoreReader
from elements_procura.registry import harvest_spec_of
from elements_procura.spec.harvest import HarvestSpec

_KEY = b"of one answer alone"


def disclose(store: Where, person: str, *, note: bool = True) -> dict[str, Any]:
    """All that a store holds about a person, as JSON.

    What belongs to the person alone comes whole; of bodies about others as well, only the
    parts about the person.

    Args:
        store: The harvest's path or URL.
        person: The number of the person's record, or the BSN.
        note: Note in the store's audit that somebody asked, without saying who.

    Raises:
        StoreError: The store cannot be used; with ``note``, also while a harvest is going on.
    """
    with StoreReader.read(store) as reader:
        spec = harvest_spec_of(reader.api)
        tenant, api = reader.tenant, reader.api
        subject = found_person(spec, reader.stored, person)
        found = [] if subject is None else [*_about(spec, subject, reader.stored())]
    if note:
        with Store.open(store, tenant=tenant) as opened:
            opened.note_audit("disclose", {"parts": len(found)})
    return {"format": 1, "tenant": tenant, "api": api, "person": person, "found": found}


def _about(
    spec: HarvestSpec, subject: Subject, bodies: Iterator[StoredCopy]
) -> Iterator[dict[str, Any]]:
    hashing = Suppression(spec, _KEY, ())
    only = Suppression(spec, _KEY, [hashing.hashed(each) for each in subject.listed()])
    mark = pattern_of(each.value for each in subject.listed())
    for each in bodies:
        owner = person_in(spec, each.kind, each.path)
        if owner in subject.numbers:
            yield _told(each, "whole", _read(each.body))
            continue
        try:
            if not mark.search(searchable(each.body)):
                continue
            text = each.body.decode()
            place = only.place(each.dossier, each.kind, each.path, is_shared=each.is_shared)
            pieces = only.pieces(text, place)
            parts = [_read(text[start:end].encode()) for start, end, _ in pieces]
        except ValueError:
            continue
        if parts:
            yield _told(each, "parts", parts)


def _told(each: StoredCopy, how: str, what: Any) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "dossier": each.dossier,
        "path": each.path,
        "stored_as": each.table,
        "since": None if each.since is None else iso(each.since),
        "until": None if each.until is None else iso(each.until),
        how: what,
    }


def _read(body: bytes) -> Any:
    try:
        return _json.loads(body)
    except _json.JsonError:
        import base64  # noqa: PLC0415 - for pictures alone

        return {"base64": base64.b64encode(body).decode()}
