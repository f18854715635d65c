"""Counting unknown content over many bodies, in bounded memory."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path as FilePath
from typing import Any

import attrs
import orjson

from elements_procura import _json
from elements_procura.disk.errors import disk_errors
from elements_procura.disk.small_file import read_small
from elements_procura.errors import ConfigError
from elements_procura.harvest.address import Where
from elements_procura.harvest.drift.kinds import Checks
from elements_procura.harvest.drift.walk import Hit, Sort
from elements_procura.harvest.records import LostLink
from elements_procura.harvest.store import StoreReader
from elements_procura.registry import harvest_spec_of
from elements_procura.spec.harvest import HarvestSpec
from elements_procura.spec.shapes import without_erased

MOST_NAMES = 50
MOST_VALUES = 1_000
ANY_NAME = "*"
_FORMAT = 1
_STEP = r"[A-Za-z_][A-Za-z0-9_-]*"
_NAME = re.compile(rf"(?=.{{1,64}}\Z)(?!.*\d{{5}}){_STEP}(?:/{_STEP})*")

_Key = tuple[str, str, str, str]


@attrs.frozen
class Finding:
    """One kind of unknown content, without any value.

    Attributes:
        sort: The sort of content.
        kind: The kind of the bodies it was found in.
        path: Where in them, without the indices of lists: ``$._embedded.adressen[].straat``.
        detail: The expected and the received kind of value; empty unless the sort is ``type``.
        bodies: How many bodies hold it.
        first_seen: Since when, in seconds since the epoch; None if unknown.
        distinct: How many different values, counted up to 1,000; None unless the sort is ``enum``.
        is_new: Whether the baseline does not hold it.
    """

    sort: Sort
    kind: str
    path: str
    detail: str
    bodies: int
    first_seen: float | None
    distinct: int | None = None
    is_new: bool = True

    @property
    def is_breaking(self) -> bool:
        """Whether a client refuses such an answer, or misses content that it used to find."""
        return self.sort.is_breaking

    @property
    def key(self) -> _Key:
        """The key that distinguishes it from others."""
        return self.sort, self.kind, self.path, self.detail

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON; the time is UTC, in ISO 8601."""
        told: dict[str, Any] = {
            "sort": self.sort,
            "severity": "breaking" if self.is_breaking else "additive",
            "kind": self.kind,
            "path": self.path,
            "detail": self.detail,
            "bodies": self.bodies,
            "first_seen": None if self.first_seen is None else iso(self.first_seen),
            "new": self.is_new,
        }
        return told if self.distinct is None else told | {"distinct": self.distinct}


@attrs.frozen(repr=False)
class Baseline:
    """The findings of an earlier report, which count as known.

    Attributes:
        first_seen: By finding, in seconds since the epoch.
    """

    first_seen: dict[_Key, float | None] = attrs.field(factory=dict)

    @classmethod
    def load(cls, path: FilePath | str) -> "Baseline":
        """Read a file with the JSON of :meth:`Report.to_json`.

        Raises:
            ConfigError: The file cannot be read, or is not such a report.
        """
        path, hint = FilePath(path), "Make one with `schema drift STORE --json`"
        with disk_errors(f"{path} cannot be read", path, hint=hint, kind=ConfigError):
            known = _findings(path)
        if known is None:
            raise ConfigError(f"{path} is not a report of drift", hint=hint)
        return cls(known)

    def judged(self, finding: Finding) -> Finding:
        """Mark whether ``finding`` is new, and since when it has been known."""
        parent = finding.path.rpartition(".")[0]
        anything = (finding.sort, finding.kind, f"{parent}.{ANY_NAME}", finding.detail)
        for key in (finding.key, anything):
            if key in self.first_seen:
                seen = (self.first_seen[key], finding.first_seen)
                first = min((each for each in seen if each is not None), default=None)
                return attrs.evolve(finding, is_new=False, first_seen=first)
        return finding

    def __repr__(self) -> str:
        return f"<Baseline of {len(self.first_seen)} findings>"


@attrs.define(repr=False)
class _Tally:
    bodies: int = 0
    last: int = 0
    first_seen: float | None = None
    marks: set[int] = attrs.field(factory=set)

    def note(self, body: int, since: float | None, mark: int) -> None:
        if body != self.last:
            self.last = body
            self.bodies += 1
        if since is not None and (self.first_seen is None or since < self.first_seen):
            self.first_seen = since
        if len(self.marks) < MOST_VALUES:
            self.marks.add(mark)


@attrs.define(repr=False)
class _Crowd:
    """Unknown names at one place; too many of them mean a map whose keys are values."""

    all: _Tally = attrs.field(factory=_Tally)
    names: dict[str, _Tally] | None = attrs.field(factory=dict)

    def note(self, name: str, body: int, since: float | None) -> None:
        self.all.note(body, since, 0)
        if self.names is not None:
            shown = name if _NAME.fullmatch(name) else ANY_NAME
            self.names.setdefault(shown, _Tally()).note(body, since, 0)
            if len(self.names) > MOST_NAMES:
                self.names = None


class Report:
    """The unknown content of the bodies that were added.

    Attributes:
        bodies: How many bodies were examined, by kind.
        unmodelled: How many were skipped, because their kind has no model.
        binary: How many were skipped, because their kind is binary.
    """

    def __init__(self) -> None:
        self.bodies: Counter[str] = Counter()
        self.unmodelled: Counter[str] = Counter()
        self.binary: Counter[str] = Counter()
        self._checks: dict[str | None, Checks] = {}
        self._places: dict[tuple[str, Sort, str, str], _Tally] = {}
        self._crowds: dict[tuple[str, Sort, str], _Crowd] = {}

    def add(self, kind: str, body: bytes, *, api: str | None, since: float | None = None) -> None:
        """Examine one body.

        Args:
            kind: Name of its kind, as the harvest calls it.
            body: The bytes as they came.
            api: The API that it came from; None if unknown, so that no model describes it.
            since: When they first came, in seconds since the epoch.
        """
        if api not in self._checks:
            self._checks[api] = Checks(harvest_spec_of(api))
        if self._checks[api].is_binary(kind):
            self.binary[kind] += 1
            return
        check = self._checks[api].of(kind)
        if check is None:
            self.unmodelled[kind] += 1
            return
        self.bodies[kind] += 1
        hits: list[Hit] = []
        try:
            data = _json.loads(body)
        except _json.JsonError:
            hits.append(Hit(Sort.TYPE, "$", detail="expected JSON, got something else"))
        else:
            if _json.is_mended(body):
                hits += (Hit(Sort.TEXT, place) for place in _replaced_in(data))
            left = without_erased(data, body)
            if left is not None or data is None:  # null as it came is a finding
                check(left, "$", hits)
        if hits:
            self._note(kind, hits, since)

    def add_store(self, store: Where) -> None:
        """Examine every body in a store, also while another process writes it.

        Raises:
            StoreError: It is not a store, or cannot be read.
        """
        with StoreReader.read(store) as reader:
            api = reader.api
            for document in reader.documents():
                self.add(document.kind, document.body, api=api, since=document.since)
            self._note_lost(reader.lost_links(), harvest_spec_of(api))

    def _note_lost(self, links: Iterable[LostLink], spec: HarvestSpec) -> None:
        for lost in links:
            leading, kind = (spec.kinds.get(name) for name in (lost.leading, lost.kind))
            if leading is None or kind is None:
                continue
            rel = kind.template.removeprefix(f"{leading.template}/")
            if "{" in rel:  # a row of a list led there
                continue
            place = (lost.leading, Sort.ABSENT, f"$._links.{rel}", "")
            tally = self._places.setdefault(place, _Tally())
            tally.bodies += lost.count
            tally.first_seen = min(lost.since, tally.first_seen or lost.since)

    def findings(self, baseline: Baseline | None = None) -> tuple[Finding, ...]:
        """The findings: breaking ones first, then by kind and path.

        Args:
            baseline: The known findings.
        """
        known = baseline or Baseline()
        found = map(known.judged, self._found())
        return tuple(
            sorted(found, key=lambda each: (not each.is_breaking, *each.key[1:], *each.key))
        )

    def to_json(self, baseline: Baseline | None = None) -> dict[str, Any]:
        """The report as JSON; saved, it is a baseline."""
        return {
            "format": _FORMAT,
            "bodies": dict(sorted(self.bodies.items())),
            "unmodelled": dict(sorted(self.unmodelled.items())),
            "binary": dict(sorted(self.binary.items())),
            "findings": [finding.to_json() for finding in self.findings(baseline)],
        }

    def __repr__(self) -> str:
        return f"<Report on {self.bodies.total():,} bodies>"

    def _note(self, kind: str, hits: list[Hit], since: float | None) -> None:
        body = self.bodies.total()
        for sort, at, name, detail, mark in hits:
            if sort in (Sort.FIELD, Sort.LINK):
                self._crowds.setdefault((kind, sort, at), _Crowd()).note(name, body, since)
            else:
                place = self._places.setdefault((kind, sort, at, detail), _Tally())
                place.note(body, since, mark)

    def _found(self) -> Iterator[Finding]:
        for (kind, sort, at, detail), tally in self._places.items():
            distinct = len(tally.marks) if sort is Sort.ENUM else None
            yield Finding(sort, kind, at, detail, tally.bodies, tally.first_seen, distinct)
        for (kind, sort, at), crowd in self._crowds.items():
            names = {ANY_NAME: crowd.all} if crowd.names is None else crowd.names
            for name, tally in names.items():
                yield Finding(sort, kind, f"{at}.{name}", "", tally.bodies, tally.first_seen)


def iso(when: float) -> str:
    """Seconds since the epoch as text, in UTC."""
    return dt.datetime.fromtimestamp(when, dt.UTC).isoformat(timespec="seconds")


def _replaced_in(data: Any) -> set[str]:
    """The places of texts and names in which a character was replaced."""
    found: set[str] = set()
    left: list[tuple[str, Any]] = [("$", data)]
    while left:
        at, value = left.pop()
        if isinstance(value, dict):
            for name, inside in value.items():
                shown = name if _NAME.fullmatch(name) else ANY_NAME
                left += ((f"{at}.{shown}", inside), (f"{at}.{shown}", name))
        elif isinstance(value, list):
            left += ((f"{at}[]", inside) for inside in value)
        elif isinstance(value, str) and _json.REPLACED in value:
            found.add(at)
    return found


def _findings(path: FilePath) -> "dict[_Key, float | None] | None":
    """The findings of a report; None if the file holds something else."""
    try:
        return dict(map(_known, orjson.loads(read_small(path))["findings"]))
    except (ValueError, LookupError, TypeError):
        return None


def _known(told: dict[str, Any]) -> tuple[_Key, float | None]:
    first = told["first_seen"]
    seen = None if first is None else dt.datetime.fromisoformat(first).timestamp()
    return (told["sort"], told["kind"], told["path"], told["detail"]), seen
