"""What the sandbox of Procura holds: cases, documents, imports. It is the truth."""

import base64
import datetime as dt
import random
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import attrs

from elements_procura.sandbox.procura.kinds import CREATED, KINDS, OTHERS, Kind
from elements_procura.sandbox.procura.problems import broken, no_case
from elements_procura.sandbox.procura.reading import Object
from elements_procura.sandbox.procura.trouble import Trouble

DESCRIPTION: Final = {
    "incomplete": "Incomplete",
    "created": "Created",
    "processing": "Processing",
    "cancelled": "Cancelled",
}
PROCESSING: Final = "processing"
_SECOND: Final = dt.timedelta(seconds=1)
# What one of every kind's own things is called; a row does not show it.
_CHANGEABLE: Final = (
    ("newAddress", "street"),
    ("nameSelection", "lastname"),
    ("location", "name"),
    ("correspondence", "name"),
)
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_NOT_A_WORD: Final = re.compile(r"\W+")


@attrs.define(kw_only=True)
class Document:
    """A document in a dossier."""

    id: str
    title: str
    filename: str
    entered: dt.datetime
    content: bytes

    def json(self) -> Object:
        """As it is listed."""
        return {
            "id": self.id,
            "title": self.title,
            "filename": self.filename,
            "entryDateTime": self.entered.strftime("%Y-%m-%dT%H:%M:%S"),
        }


@attrs.define(kw_only=True)
class Case:
    """A case and the dossier that it is filed as.

    Attributes:
        readable: Whether the server can put it into an answer.
    """

    id: str
    kind: Kind
    body: Object
    references: list[Object]
    start: dt.date
    entered: dt.datetime
    status: str
    status_since: dt.datetime
    documents: list[Document] = attrs.field(factory=list)
    readable: bool = True

    def dossier(self) -> Object:
        """Its dossier, as it is answered."""
        references = {"referenceIds": self.references} if self.references else {}
        return {
            "dossierId": self.id,
            "description": self.kind.title,
            **references,
            "type": {"code": self.kind.code, "description": self.kind.description},
            "status": {
                "code": self.status,
                "description": DESCRIPTION[self.status],
                "entryDateTime": self.status_since.strftime("%Y-%m-%dT%H:%M:%S"),
                "endStatus": self.status == "cancelled",
            },
            "startDate": self.start.isoformat(),
            "entryDateTime": self.entered.strftime("%Y-%m-%dT%H:%M:%S"),
        }

    def json(self) -> Object:
        """All of it, as it is answered."""
        return {"dossier": self.dossier(), **self.body}

    def names(self) -> Iterator[str]:
        """What it can be found by."""
        yield self.id
        for reference in self.references:
            yield reference["id"]


class World:
    """All cases, by id and by reference."""

    def __init__(self, *, seed: int, now: Callable[[], dt.datetime]) -> None:
        self.now = now
        self.cases: dict[str, Case] = {}
        self.imports: list[Object] = []
        self.trouble: Trouble = Trouble()
        self._hidden: frozenset[str] = frozenset()
        self._by_name: dict[str, list[Case]] = {}
        self._by_kind: dict[str, list[Case]] = {kind.code: [] for kind in (*KINDS, *OTHERS)}
        self._changes = 0
        # Reproducible on purpose, nothing secret hangs on it.
        self._chance = random.Random(f"{seed}/procura")
        self._document_chance = random.Random(f"{seed}/documents")

    def find(self, name: str) -> Case:
        """The case of this id or reference.

        Raises:
            Problem: There is none, or there are several; the back office's text comes as a 500.
        """
        cases = self._by_name.get(name, ())
        if not cases:
            raise no_case(name)
        if len(cases) > 1:
            raise broken(f"Er zijn meerdere zaken met zaak-id {name}")
        return cases[0]

    def knows(self, name: str) -> bool:
        """Whether a case has this id or reference."""
        return name in self._by_name

    def of_kind(self, kind: Kind) -> Iterator[Case]:
        """What a search sees of a kind, the oldest first."""
        return (case for case in self._by_kind[kind.code] if case.id not in self._hidden)

    def seen(self) -> Iterator[Case]:
        """What a search sees of all kinds, the oldest first."""
        return (case for case in self.cases.values() if case.id not in self._hidden)

    def hide(self, dossier_ids: Iterable[str]) -> None:
        """Let searches see all cases but these."""
        self._hidden = frozenset(dossier_ids)

    def remove(self, dossier_id: str) -> None:
        """Forget a case and its documents.

        Raises:
            KeyError: The case does not exist.
        """
        case = self.cases.pop(dossier_id)
        self._by_kind[case.kind.code].remove(case)
        for name in case.names():
            self._by_name[name].remove(case)
            if not self._by_name[name]:
                del self._by_name[name]

    def change(self, dossier_id: str, *, deep: bool) -> None:
        """Change a case: its status, or something of its kind's own.

        Raises:
            KeyError: The case does not exist.
            ValueError: It has nothing of its kind's own that could change.
        """
        case = self.cases[dossier_id]
        self._changes += 1
        if not deep:
            # The clock shows whole seconds: two changes in one must differ all the same.
            since = max(self.now().replace(microsecond=0), case.status_since + _SECOND)
            case.status, case.status_since = PROCESSING, since
            return
        for part, name in _CHANGEABLE:
            if part in case.body:
                case.body = {**case.body, part: {**case.body[part], name: f"Nieuw {self._changes}"}}
                return
        raise ValueError(f"case {dossier_id} has nothing of its kind's own that could change")

    def file(self, kind: Kind, body: Object, *, entered: dt.datetime | None = None) -> Case:
        """Look whether a case can be stored, and store it.

        Raises:
            Problem: The back office refuses it.
        """
        case = self.look(kind, body, entered=entered)
        self.store(case)
        return case

    def look(self, kind: Kind, body: Object, *, entered: dt.datetime | None = None) -> Case:
        """The case that can be stored, as far as there is just now.

        Raises:
            Problem: The back office refuses it.
        """
        dossier = body["dossier"]
        given = dossier.get("dossierId", "").strip()
        references = [item for item in dossier.get("referenceIds", ()) if item.get("id")]
        for name in (given, *(item["id"] for item in references)):
            if name and self.knows(name):
                raise broken(f"Er is al een zaak met zaak-id: {name}")
        answer = kind.convert(body)
        answer.pop("dossier")
        entered = (entered or self.now()).replace(microsecond=0)
        status = kind.status
        if answer.get("newAddress", {}).get("liveIn", {}).get("consent") == "PENDING":
            status = ("incomplete", "Incomplete")
        return Case(
            id=given or self._new_id(),
            kind=kind,
            body=answer,
            references=references,
            start=dt.date.fromisoformat(dossier["startDate"]),
            entered=entered,
            status=status[0],
            status_since=entered,
        )

    def store(self, case: Case) -> None:
        """Store a case. Nothing is looked at: no constraint guards its id and references."""
        # The id of ours is the key here; a second case with the same stays visible by its kind.
        self.cases[case.id if case.id not in self.cases else f"{case.id}*"] = case
        self._by_kind[case.kind.code].append(case)
        for name in dict.fromkeys(case.names()):
            self._by_name.setdefault(name, []).append(case)

    def replace(self, case: Case, body: Object) -> None:
        """Put a commitment in the place of the one there is."""
        answer = case.kind.convert(body)
        answer.pop("dossier")
        for partner in ("partner1", "partner2"):
            if answer[partner]["bsn"] != case.body[partner]["bsn"]:
                raise broken("BSN's van de partners kunnen niet meer worden aangepast")
        case.body = answer

    def turn(self, case: Case, status: str) -> None:
        """Give a case another status."""
        case.status = status
        case.status_since = self.now().replace(microsecond=0)

    def consent(self, case: Case, consent: str, consenter: str) -> None:
        """Record what the consenter of a relocation decides."""
        address = case.body.get("newAddress")
        if address is None:
            raise broken(f"Zaak '{case.id}' is geen verhuizing")
        address["liveIn"]["consent"] = consent
        address["liveIn"]["consenter"] = {
            "bsn": consenter,
            "contactInformation": {"email": "", "telephoneNumber": ""},
        }
        self.turn(case, CREATED[0])

    def add_document(
        self, case: Case, body: Object, *, entered: dt.datetime | None = None
    ) -> Document:
        """Store a document under a name that the server makes."""
        stem, dot, suffix = body["filename"].rpartition(".")
        if not dot:
            stem, suffix = body["filename"], "bin"
        number = self._document_chance.randrange(10**18, 10**19)
        name = f"upload-{_NOT_A_WORD.sub('-', stem)}-{number}.{suffix}"
        document = Document(
            id=base64.b64encode(name.encode()).decode(),
            title=body.get("title") or body["filename"],
            filename=name,
            entered=entered or self.now(),
            content=body["content"],
        )
        case.documents.append(document)
        return document

    def remove_document(self, case: Case, document_id: str) -> None:
        """Forget a document.

        Raises:
            KeyError: The case has no such document.
        """
        kept = [document for document in case.documents if document.id != document_id]
        if len(kept) == len(case.documents):
            raise KeyError(document_id)
        case.documents = kept

    def _new_id(self) -> str:
        while True:
            letters = "".join(self._chance.choices(_LETTERS, k=3))
            identifier = f"{letters}-{self._chance.randrange(10**6):06}"
            if not self.knows(identifier):
                return identifier


def data_import(body: Object) -> Any:
    """Records as they are stored and answered: by position, with remarks."""
    header = list(body["records"][0]["values"])
    canonical = [_CANONICAL.get(column.lower()) for column in header]
    records = []
    wrong = 0
    for record in body["records"]:
        texts = list(record["values"].values())
        texts += [""] * (len(header) - len(texts))
        values = {}
        remarks = []
        for column, text in zip(canonical, texts, strict=False):
            if column is not None:
                values[column], remark = _imported(column, text)
                remarks += [f"{column}: {remark}"] if remark else []
        wrong += bool(remarks)
        records.append({"values": values, **({"remarks": remarks} if remarks else {})})
    known = {column for column in canonical if column}
    remarks = [
        f"Veld '{column.capitalize()}' is onbekend"
        for column, name in zip(header, canonical, strict=True)
        if name is None
    ]
    remarks += [f"Veld '{name}' ontbreekt" for name in _COLUMNS if name not in known]
    if wrong:
        remarks.append(f"{wrong} van de {len(records)} regels bevatten fouten")
    answer = {"name": body["name"], "type": body["type"], "records": records}
    return {**answer, "remarks": remarks} if remarks else answer


def _imported(column: str, text: str) -> tuple[str, str]:
    if text == "Onbekend":
        return "", ""
    if column == "Geboortedatum" and text:
        found = _BIRTHDATE.fullmatch(text)
        if found is None:
            return text, "De geboortedatum heeft geen geldig formaat"
        if found["year"]:
            return f"{found['year']}{found['month']:>02}{found['day']:>02}", ""
    if column == "Geslacht" and text.lower() not in _GENDERS:
        return text, "Het geslacht is onbekend"
    return text, ""


_BIRTHDATE: Final = re.compile(
    r"(?:(?P<day>\d\d?)\D(?P<month>\d\d?)\D(?P<year>\d{4})|\d{8})", re.ASCII
)
_GENDERS: Final = ("", "man", "m", "vrouw", "v", "onbekend", "o")
_COLUMNS: Final = (
    "Achternaam",
    "Voorvoegsel",
    "Voornamen",
    "Geslacht",
    "Geboortedatum",
    "Geboorteplaats",
    "Geboorteland",
    "Nationaliteit",
    "Straatnaam",
    "Huisnummer",
    "Huisletter",
    "Toevoeging",
    "Postcode",
    "Woonplaats",
    "E-mail",
)
_CANONICAL: Final = {column.lower(): column for column in _COLUMNS}
