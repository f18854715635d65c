"""Notes of a dossier's pass: what it could not read, what has changed, what the next is to ask for.

Every method is called inside a transaction of the store's.
"""

from collections.abc import Iterable, Mapping

from elements_procura.harvest.policy.hints import HintCount
from elements_procura.harvest.policy.part_names import PartNames
from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.sql.losses import UNLINKED
from elements_procura.harvest.sql.wants import Origin
from elements_procura.spec.source import DossierId, NamedInAnswer, Work

UNSEEN, LOSING, RETURNING = 1, 2, 4
"""Flags of a pass: unseen, so that resources it has not met may exist; losing, so that it teaches
nothing; returning after such a pass, so that a difference teaches nothing."""


def parts_of(asked: str | None) -> frozenset[str] | None:
    """The parts that a pass asks for, as ``dossiers.parts`` holds them; None for all."""
    return None if asked is None else frozenset(asked.split(","))


_LOOKS, _CHANGES = "hinted: ", "hinted and changed: "


def counted_hint(part: str, *, changed: bool) -> Mapping[str, int]:
    """What a look at a part adds to the store's counts that followed a hint."""
    return {f"{_LOOKS}{part}": 1, f"{_CHANGES}{part}": int(changed)}


def hint_counts(db: Database) -> dict[str, HintCount]:
    """What came of hints so far, by the part that they point at."""
    counts = dict(db.execute("SELECT name, value FROM counts WHERE name LIKE 'hinted%'").fetchall())
    return {
        (part := name.removeprefix(_LOOKS)): HintCount(looks, counts.get(f"{_CHANGES}{part}", 0))
        for name, looks in counts.items()
        if name.startswith(_LOOKS)
    }


class PassNotes:
    """Notes of passes, and of their parts.

    Args:
        db: The store's connection.
        parts: Which part of a dossier a kind is in.

    Attributes:
        parts: The same.
    """

    def __init__(self, db: Database, parts: PartNames) -> None:
        self._db = db
        self._one = db.cursor().execute
        self.parts: PartNames = parts

    def mark(self, work: Work, how: int) -> None:
        """Mark a dossier's pass as partial, and the part: :data:`UNSEEN`, :data:`LOSING`."""
        self._db.execute(
            "UPDATE dossiers SET partial = partial | ? WHERE id = ?", (how, work.dossier)
        )
        if self.parts.are_many:
            self._db.execute(
                "UPDATE parts SET partial = partial | ? WHERE dossier = ? AND part = ?",
                (how, work.dossier, self.parts.of(work.kind)),
            )

    def note_change(self, work: Work) -> None:
        """Record that a pass has found a change of a dossier, and in which part."""
        self._db.execute("UPDATE dossiers SET changed = 1 WHERE id = ?", (work.dossier,))
        if self.parts.are_many:
            self._db.execute(
                "UPDATE parts SET changed = 1 WHERE dossier = ? AND part = ?",
                (work.dossier, self.parts.of(work.kind)),
            )

    def ask_what_leads_to(self, work: Work, leading: str) -> None:
        """Leave something as it is that was not found, and that nothing was asked for leads to.

        Its list may be older than its end: both are asked for by the next refresh.
        """
        self._db.execute("UPDATE resources SET state = 'stored' WHERE id = ?", (work.id,))
        self.mark(work, UNSEEN | LOSING)
        for kind in (work.kind, leading):
            self._make_due(work.dossier, self.parts.of(kind))

    def note_names(self, origin: Origin, names: Iterable[NamedInAnswer]) -> None:
        """Ask for lists by the next refresh that lack somebody whom a new answer names.

        The list was fetched before the answer, by another pass. What was said before is said again
        by every look, so only an answer that differs counts.
        """
        if origin.asked is None or not origin.differs:
            return
        for each in names:
            part = self.parts.of(each.kind)
            if part not in origin.asked and not any(map(self._is_known, each.paths)):
                self._make_due(origin.dossier, part)

    def note_hints(self, origin: Origin, kind: str, *, since: float, now: float) -> None:
        """Note that a list with a new row hints at parts that the pass does not ask for.

        Whatever it hints at is taken to have happened halfway between the two looks at the list.
        """
        if origin.asked is None:
            return
        self._db.executemany(
            "UPDATE parts SET hinted_at = coalesce(hinted_at, ?) WHERE dossier = ? AND part = ?",
            [
                ((min(since, now) + now) / 2, origin.dossier, part)
                for part in self.parts.hinted_by(kind)
                if part not in origin.asked
            ],
        )

    def _is_known(self, path: str) -> bool:
        row = self._one(
            "SELECT 1 FROM resources WHERE path = ? AND coalesce(status, 200) != ?",
            (path, UNLINKED),
        ).fetchone()
        return row is not None

    def _make_due(self, dossier: DossierId, part: str) -> None:
        self._db.execute("UPDATE parts SET due = 1 WHERE dossier = ? AND part = ?", (dossier, part))
