"""How much of each dossier is still to be fetched, counted without a statement for each answer.

A batch of answers is mostly of a few dossiers. The first answer of one is written down and finds
out what is left; those after it, in the same transaction, are counted here and written together:
before anybody else looks, once nothing is left, and before the commit.
"""

from elements_procura.harvest.sql.database import Database
from elements_procura.spec.source import DossierId


class OpenCounts:
    """What is open of the dossiers whose answers are stored in this transaction.

    Args:
        db: The store's connection.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._one = db.cursor().execute
        self._left: dict[DossierId, int] = {}
        self._unwritten: dict[DossierId, int] = {}
        self._are_answers = False

    def expect_answers(self) -> None:
        """Count answers of one transaction, until :meth:`write`."""
        self._are_answers = True

    def add(self, dossier: DossierId, more: int) -> None:
        """Count resources that are queued.

        Args:
            dossier: Whose.
            more: How many.
        """
        if self._are_answers:
            self._note(dossier, more)
        else:
            self._db.execute("UPDATE dossiers SET open = open + ? WHERE id = ?", (more, dossier))

    def settle(self, dossier: DossierId, *, failed: bool) -> tuple[int, int]:
        """Count off a resource that is settled.

        Args:
            dossier: Whose.
            failed: Whether it is in quarantine.

        Returns:
            How many are left, and how many are in quarantine; the latter once none is left.
        """
        if self._left.get(dossier, 0) > 1 and not failed:
            self._note(dossier, -1)
            return self._left[dossier], 0
        more = self._unwritten.pop(dossier, 0) - 1
        left, failures = self._one(
            "UPDATE dossiers SET open = open + ?, failed = failed + ? WHERE id = ?"
            " RETURNING open, failed",
            (more, int(failed), dossier),
        ).fetchone()
        if self._are_answers:
            self._left[dossier] = left
        return left, failures

    def _note(self, dossier: DossierId, more: int) -> None:
        if dossier in self._left:
            self._left[dossier] += more
        self._unwritten[dossier] = self._unwritten.get(dossier, 0) + more

    def write(self) -> None:
        """Write what is counted; from here on others may look, and count."""
        self._are_answers = False
        if not (self._left or self._unwritten):
            return
        unwritten = [(more, dossier) for dossier, more in self._unwritten.items() if more]
        self.discard()
        if unwritten:
            self._db.executemany("UPDATE dossiers SET open = open + ? WHERE id = ?", unwritten)

    def discard(self) -> None:
        """Discard what is counted, after a rollback."""
        self._are_answers = False
        self._left.clear()
        self._unwritten.clear()
