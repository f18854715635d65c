"""Comparing a store with the sandbox's data, in both directions."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import orjson

from elements_procura.elements.kinds import GROUPS, KINDS, group_of
from elements_procura.harvest import ProcuraSource, StoreReader
from elements_procura.procura.source import CONTENT
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from elements_procura.spec.source import DossierId

_BOM = b"\xef\xbb\xbf"
_DOSSIER = re.compile(r"(?<=/klantdossiers/)\d+(?=[/\"])")


@attrs.frozen
class Verdict:
    """The result of comparing a store with the sandbox's own data.

    Attributes:
        compared: Bodies that were compared byte by byte; rows of a listing as JSON.
        different: Bodies that differ, bodies that the sandbox does not hold at all, and dossiers
            that it does not hold.
        incomplete: Dossiers that lack something although nothing of them is in quarantine.
    """

    compared: int
    different: int
    incomplete: int

    @property
    def equal(self) -> bool:
        """Whether every stored body is the sandbox's, and none is missing."""
        return not self.different and not self.incomplete


def verify(store: StoreReader, sandbox: Sandbox, *, as_json: bool = False) -> Verdict:
    """Compare everything in ``store`` with a sandbox of Elements, in both directions.

    A body must be the very bytes. A resource of the sandbox's that is not stored must either
    hold nothing, or be one that another dossier shares, the same but for the dossier's number, or
    one that no other document leads to: the documentation's examples hold a few such.

    Args:
        store: The harvested store.
        sandbox: The source.
        as_json: A body may also be the same JSON, as it comes in bad weather: with a byte order
            mark, and lists as PHP writes them.
    """
    stored = dict(store.bodies())
    shared = _shared(store)
    states = store.states()
    is_harvested = _harvested(store.included or frozenset(GROUPS))
    compared = different = incomplete = 0
    for dossier in sandbox.dossier_ids:
        missing = False
        documents = sandbox.truth(dossier)
        for path, truth in documents.items():
            if not is_harvested.fullmatch(path):
                continue
            body = stored.pop(path, None)
            if body is None:
                twin = shared.get((_DOSSIER.sub("", path), dossier))
                body = twin and twin.replace(
                    b"/klantdossiers/%d/" % _dossier_of(twin), b"/klantdossiers/%d/" % dossier
                )
            if body is not None:
                compared += 1
                different += not _same(body, truth, as_json=as_json)
            elif not _holds_nothing(truth) and _is_led_to(path, documents):
                missing = True
        if missing and states.get(dossier) != "quarantined":
            incomplete += 1
    different += len(stored) + _strangers(store, sandbox.dossier_ids)
    return Verdict(compared, different, incomplete)


def verify_procura(
    store: StoreReader, sandbox: ProcuraSandbox, *, as_json: bool = False
) -> Verdict:
    """Compare everything in ``store`` with a sandbox of Procura, in both directions.

    A body must be the very bytes. A row of the search, all there is of some dossiers, is stored by
    itself: it must be the same JSON.

    Args:
        store: The harvested store.
        sandbox: The source.
        as_json: See :func:`verify`.
    """
    stored = dict(store.bodies())
    states = store.states()
    groups = store.included or frozenset(ProcuraSource.groups)
    compared = different = incomplete = 0
    for dossier in sandbox.dossier_ids:
        missing = False
        documents = sandbox.truth(dossier)
        listed = next(path for path in documents if path.endswith("/documents"))
        for path, truth in documents.items():
            group = "documents" if path == listed else "details"
            group = CONTENT if path.startswith(f"{listed}/") else group
            body = stored.pop(path, None)
            if body is not None:
                compared += 1
                different += not _same(body, truth, as_json=as_json)
            elif group in groups:
                missing = True
        row = stored.pop(listed.removesuffix("/documents"), None)
        if row is not None:
            compared += 1
            different += _decoded(row) != orjson.loads(sandbox.row(dossier))
        else:
            missing = True
        if missing and states.get(dossier) != "quarantined":
            incomplete += 1
    different += len(stored) + _strangers(store, sandbox.dossier_ids)
    return Verdict(compared, different, incomplete)


def _same(body: bytes, truth: bytes, *, as_json: bool) -> bool:
    if body == truth or not as_json:
        return body == truth
    meant = _decoded(body.removeprefix(_BOM))
    return meant is not None and _without_php(meant) == _without_php(_decoded(truth))


def _without_php(document: Any) -> Any:
    """Undo PHP's spelling of lists; empty lists and objects count as equal."""
    match document:
        case dict() if all(key.isdigit() for key in document):
            return [_without_php(each) for each in document.values()]
        case dict():
            return {key: _without_php(value) for key, value in document.items()}
        case list():
            return [_without_php(each) for each in document]
        case _:
            return document


def _decoded(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def _strangers(store: StoreReader, known: Iterable[DossierId]) -> int:
    """Count dossiers unknown to the sandbox, except those that the store marks as gone."""
    gone = {dossier for dossier, state in store.states().items() if state == "gone"}
    return len(store.states().keys() - set(known) - gone)


def _harvested(groups: frozenset[str]) -> re.Pattern[str]:
    """The paths of all kinds in these groups."""
    templates = (
        kind.template
        for name, kind in KINDS.items()
        if name == "dossier" or group_of(name) in groups
    )
    return re.compile(
        "|".join(re.sub(r"\\{[A-Z_]+\\}", r"\\d+", re.escape(each)) for each in templates)
    )


def _shared(store: StoreReader) -> dict[tuple[str, DossierId], bytes]:
    """Body of a shared resource by its path without the dossier and the dossier that shares it."""
    found = {}
    for path, dossier in store.shared():
        body = store.body(path)
        if body is not None:
            found[_DOSSIER.sub("", path), dossier] = body
    return found


def _dossier_of(body: bytes) -> int:
    found = re.search(rb"/klantdossiers/(\d+)/", body)
    return int(found.group(1)) if found else 0


def _holds_nothing(body: bytes) -> bool:
    if not body.startswith(b"{"):
        return not body
    embedded = orjson.loads(body).get("_embedded")
    return isinstance(embedded, dict) and not any(embedded.values())


def _is_led_to(path: str, documents: Mapping[str, bytes]) -> bool:
    """Whether a harvest can discover the resource at ``path``.

    A resource directly below the dossier: if the dossier links it. Any other: if a document other
    than its owner's names the owner, the last part with a number.
    """
    root = min(documents, key=len)
    owner = re.sub(r"(?<=\d)/\D*$", "", path)
    if owner == root:
        below = path.removeprefix(root).split("/")
        ways = ["/".join(below[: end + 1]) for end in range(1, len(below))]
        return path == root or any(_names(documents[root], f"{root}{way}") for way in ways)
    return any(
        _names(body, owner) for other, body in documents.items() if not other.startswith(owner)
    )


def _names(body: bytes, href: str) -> bool:
    return b'"%s"' % href.encode() in body
