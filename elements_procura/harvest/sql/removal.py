"""Erasing from a store for good, in one transaction with the list that keeps it away."""

from abc import abstractmethod
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager

import attrs

from elements_procura.harvest.erasure.spellings import pattern_of
from elements_procura.harvest.erasure.storage import Erasure
from elements_procura.harvest.erasure.suppression import Mention, Suppression, keys_in
from elements_procura.harvest.sql import erasing
from elements_procura.harvest.sql.database import note
from elements_procura.harvest.sql.erasing import Eraser, Plan
from elements_procura.harvest.sql.reader import SqlReader
from elements_procura.harvest.sql.resources import Resources
from elements_procura.spec.source import DossierId

_UNSCRUBBED = "unscrubbed"


class Removal(SqlReader):
    """Takes out of a store all that must go.

    The list is part of the transaction, and a note that the files are still to be written anew: so
    whoever opens the store next finishes what a killed process has begun.
    """

    _eraser: Eraser
    _resources: Resources
    _erased: Suppression | None = None
    _knows_erased = False

    @abstractmethod
    def _transaction(self) -> AbstractContextManager[None]:
        """Make one transaction of the block."""

    @abstractmethod
    def _moment(self) -> float:
        """Seconds since the epoch."""

    def suppress(self, key: bytes, hashes: Collection[bytes]) -> Erasure:
        """Take over a list of what was erased elsewhere, and erase what it names."""
        with self._transaction():
            own, known = self.suppressed()
            is_new = {*hashes} - known or {*keys_in(key)} - {*keys_in(own)}
            plan = Plan(Erasure({}, {}, 0, ()), [], [], [])
            erasing.filter_of(self.api, self.tenant, key, hashes)
            if is_new:
                self._list(key, hashes)
                filter_ = self._suppression()
                if filter_ and self._db.execute("SELECT 1 FROM dossiers LIMIT 1").fetchone():
                    plan = erasing.planned(self._db, filter_, None)
            self._take_out(plan)
        return plan.told if plan.is_empty else self._finished(plan.told)

    def erase(self, mentions: Collection[Mention], *, dossier: DossierId | None = None) -> Erasure:
        """Erase for good whatever is recognised by these, and keep it from coming back."""
        with self._transaction():
            only, key, hashes = erasing.new_filter(
                self._db, self.api, self.tenant, mentions, dossier
            )
            mark = pattern_of(each.value for each in mentions)
            plan = erasing.planned(self._db, only, mark)
            self._list(key, hashes)
            self._take_out(plan)
        return self._finished(plan.told)

    def note_audit(self, action: str, counts: Mapping[str, int]) -> None:
        """Note something that was done for a person's rights."""
        with self._transaction():
            erasing.note_audit(self._db, action, counts, now=self._moment())

    def finish_erasures(self) -> None:
        """Finish an erasure that was killed; called once it is open."""
        if self._meta(_UNSCRUBBED):
            self._finished(Erasure({}, {}, 0, ()))

    def _list(self, key: bytes, hashes: Collection[bytes]) -> None:
        erasing.suppress(self._db, key, hashes)
        self._knows_erased = False
        self._list_beside()

    def _list_beside(self) -> None:
        """Write the list where it outlives the store; inside the transaction that lists."""

    def _take_out(self, plan: Plan) -> None:
        self._eraser.take_out(plan, self._resources.sharing, now=self._moment())
        note(self._db, _UNSCRUBBED, "1")

    def _finished(self, told: Erasure) -> Erasure:
        is_final = self._scrub()
        if is_final:
            with self._transaction():
                note(self._db, _UNSCRUBBED, "")
        return attrs.evolve(told, is_final=is_final)

    @abstractmethod
    def _scrub(self) -> bool:
        """Overwrite what was erased and still stands in the files; whether that was possible."""

    def _suppression(self) -> Suppression | None:
        if not self._knows_erased:
            self._erased = erasing.suppression_in(self._db, self.api)
            self._knows_erased = True
        return self._erased
