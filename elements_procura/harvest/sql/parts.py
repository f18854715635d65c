"""The ledger's parts of dossiers: passes that ask for some of them, and what each has shown.

A pass of some parts asks for what it knows of them and what leads to it from outside, and for
whatever its answers newly lead to. All else that the pass before has met counts as met by this one,
unless it hangs on an answer that is asked for: then that answer decides. So what a pass has not met
when it ends is what an answer no longer leads to, whichever parts it has asked for.

Every method is called inside a transaction of the store's.
"""

import itertools
from collections.abc import Collection, Iterable, Mapping
from functools import partial

import attrs
import orjson

from elements_procura.harvest.policy.parts import HALF_LIFE, share_of
from elements_procura.harvest.policy.refresh import Observations, observe
from elements_procura.harvest.policy.sharing import MISSING_FOR
from elements_procura.harvest.sql.database import Database
from elements_procura.harvest.sql.fitness import is_fit
from elements_procura.harvest.sql.met import Look
from elements_procura.harvest.sql.notes import LOSING, UNSEEN, counted_hint
from elements_procura.harvest.sql.resources import Resources
from elements_procura.harvest.sql.unlinked import OwnResource, unlinked
from elements_procura.spec.harvest import WHOLE
from elements_procura.spec.source import BY_MISSING, BY_RIGHT, DossierId, Work

_SIGNED, _PROMPTED = 1, 2  # parts.due: a sign waits for a pass; it has led to the one that runs
_observe = partial(observe, half_life=HALF_LIFE)


@attrs.frozen
class _Shown:
    """A part as the passes up to now have shown it.

    Attributes:
        fetched_at: When it was fetched, in seconds since the epoch; None for never.
        seen: What looks at it have found.
        hinted_at: When an answer has hinted at it; None if none did.
        due: 0, :data:`_SIGNED` or :data:`_PROMPTED`.
        changed: Whether the pass that ends has found a change.
        partial: Flags of the pass that ends, for this part.
    """

    fetched_at: float | None
    seen: Observations
    hinted_at: float | None
    due: int
    changed: bool
    partial: int


_UNKNOWN = _Shown(None, Observations(), None, 0, False, 0)


class Parts:
    """Parts of dossiers and passes of some of them.

    Args:
        db: The store's connection.
        resources: The store's resources.
    """

    def __init__(self, db: Database, resources: Resources) -> None:
        self._db = db
        self._one = db.cursor().execute
        self._resources = resources
        self._names = resources.parts
        self._rates: dict[str, float] | None = None

    # -- the beginning of a pass -------------------------------------------------------------

    def are_fit(self, dossier: DossierId) -> bool:
        """Whether a dossier may be asked for part by part: nothing of it is in doubt."""
        return is_fit(self._db, dossier)

    def begin_whole(self, dossier: DossierId) -> None:
        """Note that a pass asks for all parts."""
        if self._names.are_many:
            self._db.execute(
                "UPDATE parts SET changed = 0, partial = 0, hinted_at = NULL,"
                " due = CASE WHEN due > 0 THEN 2 ELSE 0 END WHERE dossier = ?",
                (dossier,),
            )

    def begin(
        self,
        dossier: DossierId,
        asked: Collection[str],
        *,
        now: float,
        prompted: Collection[str] = (),
    ) -> list[Work]:
        """Begin a pass of some parts; return the resources to ask for first.

        Args:
            dossier: One that :meth:`are_fit`.
            asked: Its parts.
            now: Seconds since the epoch.
            prompted: Those parts that a noisy sign has brought forward. At the others it is
                forgotten: they have their turn.
        """
        (pass_,) = self._one("SELECT pass FROM dossiers WHERE id = ?", (dossier,)).fetchone()
        part_of = self._names.of
        rows = {each.id: each for each in self._own(dossier) if each.pass_ == pass_}
        parts = {each.id: part_of(each.kind) for each in rows.values()}
        is_led_to = {
            each.id
            for each in rows.values()
            if not each.root and parts.get(each.parent or 0) in asked
        }
        first = [
            each
            for each in rows.values()
            if each.root < 2  # noqa: PLR2004 - 2 is a row of the listing
            and parts[each.id] in asked
            and each.id not in is_led_to
            and not self._is_left(each, now=now)
        ]
        self._db.execute(
            "UPDATE dossiers SET pass = pass + 1, failed = 0, changed = 0, partial = 0, open = ?,"
            " parts = ?, due = CASE WHEN ? THEN 0 ELSE due END WHERE id = ?",
            (len(first), ",".join(sorted(asked)), WHOLE in asked, dossier),
        )
        self._pass_by(dossier, pass_, is_led_to, first)
        self._pass_by_shared(dossier, pass_, asked)
        self._begin_parts(dossier, asked, prompted)
        return [Work(each.id, dossier, each.kind, each.path) for each in first]

    def _is_left(self, row: OwnResource, *, now: float) -> bool:
        """Whether one of its kind was refused today, or it was missing lately as most are."""
        resources = self._resources
        if row.state == "forbidden" and resources.rights.is_to_be_left(row.kind, now=now):
            resources.count({f"saved: {BY_RIGHT}": 1})
            return True
        if (
            row.state == "gone"
            and row.kind in resources.often_missing
            and now - MISSING_FOR <= (row.fetched_at or 0) <= now
        ):
            resources.count({f"saved: {BY_MISSING}": 1})
            return True
        return False

    def _pass_by(
        self, dossier: DossierId, pass_: int, is_led_to: Iterable[int], first: Iterable[OwnResource]
    ) -> None:
        """Let the new pass meet what it does not ask for, nor anything that leads there."""
        self._db.execute(
            "UPDATE resources SET pass = pass + 1, skipped = skipped + 1"
            " WHERE dossier = ? AND +share IS NULL AND pass = ?",
            (dossier, pass_),
        )
        self._db.executemany(
            "UPDATE resources SET pass = pass - 1, skipped = skipped - 1 WHERE id = ?",
            [(each,) for each in is_led_to],
        )
        self._db.executemany(
            "UPDATE resources SET state = 'queued', error = NULL, skipped = skipped - 1"
            " WHERE id = ?",
            [(each.id,) for each in first],
        )

    def _pass_by_shared(self, dossier: DossierId, pass_: int, asked: Collection[str]) -> None:
        """The same for what it shares with others."""
        claims = self._db.execute(
            "SELECT resource, kind FROM shares JOIN resources ON resources.id = resource"
            " WHERE shares.dossier = ? AND shares.pass = ?",
            (dossier, pass_),
        ).fetchall()
        self._db.executemany(
            "UPDATE shares SET pass = pass + 1 WHERE resource = ? AND dossier = ?",
            [(each, dossier) for each, kind in claims if self._names.of(kind) not in asked],
        )
        owned = self._db.execute(
            "SELECT id, kind FROM resources WHERE dossier = ? AND +share IS NOT NULL AND pass = ?",
            (dossier, pass_),
        ).fetchall()
        self._db.executemany(
            "UPDATE resources SET pass = pass + 1, skipped = skipped + 1 WHERE id = ?",
            [(each,) for each, kind in owned if self._names.of(kind) not in asked],
        )

    def _begin_parts(
        self, dossier: DossierId, asked: Collection[str], prompted: Collection[str]
    ) -> None:
        self._db.execute(
            "UPDATE parts SET changed = 0, partial = 0 WHERE dossier = ? AND changed + partial > 0",
            (dossier,),
        )
        self._db.executemany(
            "UPDATE parts SET due = 2 WHERE dossier = ? AND part = ? AND due > 0",
            [(dossier, part) for part in asked],
        )
        self._db.executemany(
            "UPDATE parts SET hinted_at = NULL"
            " WHERE dossier = ? AND part = ? AND hinted_at IS NOT NULL",
            [(dossier, part) for part in asked if part not in prompted],
        )

    def _own(self, dossier: DossierId) -> list[OwnResource]:
        rows = self._db.execute(
            "SELECT id, kind, path, parent, root, state, status, pass, fetched_at FROM resources"
            " WHERE dossier = ? AND +share IS NULL ORDER BY id",
            (dossier,),
        )
        return [OwnResource(*row) for row in rows.fetchall()]

    # -- the end of a pass -------------------------------------------------------------------

    def drop_unseen(
        self, dossier: DossierId, pass_: int, asked: Collection[str], *, now: float
    ) -> bool:
        """Mark as lost what answers of the pass no longer lead to, with everything below it.

        Parts of which something could not be read are left as they are.

        Returns:
            Whether anything is that was stored.
        """
        own = self._own(dossier)
        parts = {each.id: self._names.of(each.kind) for each in own}
        unread = self._unread(dossier)
        fair = set(asked) - unread
        lost = unlinked(own, parts, pass_, fair=fair, unread=unread)
        answered = {
            parts[each.id] for each in own if each.pass_ == pass_ and each.state == "stored"
        }
        there = {parts[each.id] for each in own if each.pass_ == pass_ and each.id not in lost}
        empty = {parts[each] for each in lost} - there
        self._drop_claims(dossier, pass_, fair & answered - empty, now=now)
        self._drop_claims(dossier, pass_ + 1, empty, now=now)
        is_losing = self._resources.losses.note_unlinked_ones(sorted(lost), now=now)
        if is_losing:
            ends = ((each.id, each.parent) for each in own if each.id in lost)
            touched = {parts[each] for each in itertools.chain(*ends) if each in parts}
            self._mark_losing(dossier, touched.intersection(asked))
        return is_losing

    def _unread(self, dossier: DossierId) -> set[str]:
        """The parts of which something could not be read."""
        rows = self._db.execute(
            "SELECT part, partial FROM parts WHERE dossier = ?", (dossier,)
        ).fetchall()
        return {part for part, partial in rows if partial & UNSEEN}

    def _mark_losing(self, dossier: DossierId, parts: Iterable[str]) -> None:
        self._db.executemany(
            "UPDATE parts SET partial = partial | ? WHERE dossier = ? AND part = ?",
            [(LOSING, dossier, part) for part in parts],
        )

    def _drop_claims(
        self, dossier: DossierId, pass_: int, parts: Collection[str], *, now: float
    ) -> None:
        if self._names.shared().intersection(parts):
            self._resources.sharing.drop_unseen(
                dossier, pass_, now=now, which=lambda kind: self._names.of(kind) in parts
            )

    def end(
        self,
        dossier: DossierId,
        looks: Mapping[str, Look],
        asked: Collection[str] | None,
        *,
        now: float,
        is_returning: bool = False,
    ) -> tuple[float, bool] | None:
        """Store what a pass has shown of each part that it asked for.

        Args:
            dossier: Its id.
            looks: The parts that there are now.
            asked: Those that it asked for; None for all.
            now: Seconds since the epoch.
            is_returning: Whether differences teach nothing, since the pass before lost something.

        Returns:
            The seconds for which the pass has looked, as a whole one would have, and whether it has
            found a change; None if it teaches nothing of the dossier.
        """
        before = self._shown(dossier)
        self._db.executemany(
            "DELETE FROM parts WHERE dossier = ? AND part = ?",
            [(dossier, part) for part in before.keys() - looks.keys()],
        )
        elapsed: dict[str, float] = {}
        found_any = False
        written = []
        for part, look in looks.items():
            if part in before and asked is not None and part not in asked:
                continue
            row = before.get(part, _UNKNOWN)
            seen, hinted_at, fetched_at = row.seen, row.hinted_at, row.fetched_at
            if not row.partial & LOSING:
                fetched_at, hinted_at = look.begun_at or now, None
                if row.fetched_at is None or fetched_at < row.fetched_at or is_returning:
                    pass  # teaches nothing
                elif row.hinted_at is not None:
                    self._resources.count(counted_hint(part, changed=row.changed))
                elif row.due != _PROMPTED:
                    elapsed[part] = fetched_at - row.fetched_at
                    seen = _observe(seen, elapsed=elapsed[part], changed=row.changed)
                    found_any |= row.changed
            values = (now, fetched_at, look.cost, *seen.numbers, int(row.due == _SIGNED), hinted_at)
            written.append((dossier, part, *values))
        self._db.executemany(
            "INSERT INTO parts (dossier, part, tried_at, fetched_at, cost, changes, busy, quiet,"
            " due, hinted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (dossier, part) DO UPDATE SET"
            " tried_at = excluded.tried_at, fetched_at = excluded.fetched_at,"
            " cost = excluded.cost, changes = excluded.changes, busy = excluded.busy,"
            " quiet = excluded.quiet, due = excluded.due, hinted_at = excluded.hinted_at",
            written,
        )
        if not elapsed:
            return None
        return share_of(elapsed, self._weights(looks)), found_any

    def _shown(self, dossier: DossierId) -> dict[str, _Shown]:
        rows = self._db.execute(
            "SELECT part, fetched_at, changes, busy, quiet, hinted_at, due, changed, partial"
            " FROM parts WHERE dossier = ?",
            (dossier,),
        ).fetchall()
        return {
            part: _Shown(fetched_at, Observations(*seen), hinted_at, due, bool(changed), partial)
            for part, fetched_at, *seen, hinted_at, due, changed, partial in rows
        }

    def learn_losses(self, dossier: DossierId, *, tried_at: float) -> float | None:
        """Count the believed losses of the parts that the last pass has lost something of.

        Returns:
            The seconds for which it has looked at them, as a whole pass would have; None for none.
        """
        what = "part, fetched_at, changes, busy, quiet, partial, cost"
        sql = f"SELECT {what} FROM parts WHERE dossier = ?"  # noqa: S608 - a constant
        rows = self._db.execute(sql, (dossier,)).fetchall()
        elapsed: dict[str, float] = {}
        for part, fetched_at, *shown, how, _ in rows:
            if not how & LOSING or fetched_at is None:
                continue
            elapsed[part] = tried_at - fetched_at
            seen = _observe(Observations(*shown), elapsed=elapsed[part], changed=True)
            self._db.execute(
                "UPDATE parts SET partial = 0, hinted_at = NULL,"
                " fetched_at = ?, changes = ?, busy = ?, quiet = ?"
                " WHERE dossier = ? AND part = ?",
                (tried_at, *seen.numbers, dossier, part),
            )
        if not elapsed:
            return None
        return share_of(elapsed, self._weights({part: Look(cost, None) for part, *_, cost in rows}))

    def note_signs(self, dossier: DossierId, parts: Iterable[str]) -> None:
        """Note that a listing shows parts to have changed; all of a dossier without such parts."""
        known = 0
        for part in parts:
            known += self._db.execute(
                "UPDATE parts SET due = 1 WHERE dossier = ? AND part = ?", (dossier, part)
            ).rowcount
        if not known:
            self._db.execute("UPDATE dossiers SET due = 1 WHERE id = ?", (dossier,))

    def fetched_at(self, dossier: DossierId) -> float | None:
        """When the oldest part was fetched."""
        row = self._one(
            "SELECT min(fetched_at) FROM parts WHERE dossier = ?", (dossier,)
        ).fetchone()
        return None if row is None or row[0] is None else float(row[0])

    def forget(self, dossier: DossierId) -> None:
        """Forget the parts of a dossier: it is asked for whole, or never again."""
        if self._names.are_many:
            self._db.execute("DELETE FROM parts WHERE dossier = ?", (dossier,))

    # -- rates -------------------------------------------------------------------------------

    def set_rates(self, rates: Mapping[str, float]) -> None:
        """Note how often parts change, relative to each other."""
        self._rates = dict(rates)

    def _weights(self, looks: Mapping[str, Look]) -> dict[str, float]:
        """How often each part changes, relative to the others; while unknown, by its cost."""
        if self._rates is None:
            row = self._one("SELECT value FROM meta WHERE key = 'rates'").fetchone()
            self._rates = {} if row is None else orjson.loads(row[0])
        if self._rates.keys() >= looks.keys():
            return {part: self._rates[part] for part in looks}
        return {part: float(look.cost) for part, look in looks.items()}
