"""When losses are doubted, when two bodies say the same, and what becomes of both in a store."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from elements_procura.harvest import Store
from elements_procura.harvest.policy.doubt import SECOND_LOOK, is_doubted, may_end
from elements_procura.harvest.policy.sameness import Difference, difference
from elements_procura.harvest.records import Settlement
from elements_procura.spec.source import BY_RIGHT, Discovery, Root, Row, Want, Work
from tests.harvest.inside import BEFORE_CHANGES, db_of
from tests.harvest.ledger_world import Body, Wall


@pytest.mark.parametrize(
    ("lost", "asked", "doubted"),
    [
        (0, 60, False),
        (3, 60, False),
        (4, 60, True),
        (4, 80, False),  # 5 %
        (5, 80, True),
        (1, 1, False),
        (2, 2, True),
        (3, 3, True),
        (3, 4, False),
        (1_000, 100_000, False),
    ],
)
def test_more_than_three_and_more_than_a_twentieth_or_all(
    lost: int, asked: int, *, doubted: bool
) -> None:
    assert is_doubted(lost, asked) is doubted


@pytest.mark.parametrize(
    ("lost", "asked", "ends"),
    [(10, 12, True), (11, 54, False), (11, 55, True), (18, 60, False), (200, 1_000, True)],
)
def test_a_doubt_of_ten_or_a_fifth_may_end_by_itself(lost: int, asked: int, *, ends: bool) -> None:
    assert may_end(lost, asked) is ends


A = b'{"id":1,"_links":{"self":{"href":"/1/a"},"x":{"href":"/1/x"}}}'
ROWS = b'{"_embedded":{"a":[{"id":1,"_links":{"self":{"href":"/1/a/1"}}}]},"_links":{}}'


@pytest.mark.parametrize(
    ("before", "after", "how"),
    [
        (A, A.replace(b"/1/", b"/2/"), "none"),
        (A, A.replace(b":", b": "), "none"),
        (A, A.replace(b'"x"', b'"y"'), "changed"),
        (A, A.replace(b'"id":1', b'"id":2'), "changed"),
        (A, A.replace(b'"id":1', b'"id":true'), "changed"),
        (b'{"n":12345678901234567890123}', b'{"n":12345678901234567890124}', "changed"),
        (ROWS, ROWS.replace(b"/1/", b"/2/"), "none"),
        (ROWS, b'{"_embedded":{"a":[]},"_links":{}}', "emptied"),
        (ROWS, b'{"_embedded":{"a":{}}}', "emptied"),
        (ROWS, b'{"_embedded":[]}', "emptied"),
        (ROWS, b'{"_links":{"self":{"href":"/1/a"}},"total":0}', "emptied"),
        (ROWS, b'{"_embedded":{"a":[]},"total":"0"}', "emptied"),
        (ROWS, b'{"_embedded":{"a":[]},"message":"Geen gegevens"}', "emptied"),
        (ROWS, b'{"_embedded":[],"page":{"totalElements":0}}', "emptied"),
        (ROWS, b'{"_links":{},"generated":"2024-01-01"}', "emptied"),
        (b'{"_embedded":{"a":[]}}', b'{"_embedded":{"a":[]},"total":0}', "changed"),
        (b'{"_embedded":{"a":[]},"meta":{"total":0}}', b'{"_embedded":{"a":[]}}', "changed"),
        (b'{"_links":{},"generated":"2024"}', b'{"_embedded":{"a":[]}}', "changed"),
        (b'{"dossier":{"x":1}}', b'{"dossier":{"x":2}}', "changed"),
        (b'[{"id":"x"}]', b"[]", "emptied"),
        (b'[{"id":"x"}]', b"null", "emptied"),
        (b'[{"id":"x"}]', b"[null]", "emptied"),
        (b"[null]", b"[]", "changed"),
        (b"\xff\xd8 picture", b"\xff\xd8 another", "changed"),
        (b"%PDF", b"", "emptied"),
        (b"", b"%PDF", "changed"),
        (b"", b"", "none"),
        (b"[" * 5_000 + b"]" * 5_000, b"[]", "changed"),
    ],
)
def test_links_count_by_name_only(before: bytes, after: bytes, how: str) -> None:
    assert difference(before, after) is Difference(how)


# -- in a store --------------------------------------------------------------------------------


class Tenant:
    """A store whose dossiers have one part each, of kind ``part``, and share an address."""

    def __init__(self, path: Path, dossiers: int, *, history: bool = False) -> None:
        self.clock = Wall()
        self.path = path / "s.sqlite"
        self.store = Store.create(self.path, tenant="t", clock=self.clock, history=history)
        self.dossiers: Sequence[int] = range(1, dossiers + 1)
        self.lost: dict[str, int] = {}

    def body(self, path: str) -> bytes:
        return b'{"_links":{"self":{"href":"%s"}}}' % path.encode()

    def wants(self, work: Work) -> tuple[Want, ...]:
        if work.kind != "dossier":
            return ()
        shared = Want("adres", f"/{work.dossier}/adviseur/adres", "adviseur/1/adres")
        return Want("part", f"/{work.dossier}/part"), shared

    def list(self) -> None:
        number = self.store.begin_listing()
        self.store.add_dossiers(
            (Root(each, Discovery((Want("dossier", f"/{each}"),))) for each in self.dossiers),
            listing=number,
        )
        self.store.finish_listing(include=("all",), requests=0, listing=number, lists_all=True)

    def run(self, *, judge: bool = True) -> int:
        """List, harvest what is new, refresh the rest; how many requests that took."""
        self.list()
        work = self.store.queued(after=0, limit=1_000)
        new = {each.dossier for each in work}
        work += self.store.begin_refresh([each for each in self.dossiers if each not in new])
        asked = 0
        while work:
            asked += 1
            work += self.fetch(work.pop(0)).work
        if judge:
            self.store.judge()
        return asked

    def fetch(self, work: Work) -> Settlement:
        status = self.lost.get(work.path, 200)
        if status == 500:
            return self.store.quarantine(work, error="server: broken", requests=1)
        if status != 200:
            return self.store.gone(work, status=status, requests=1)
        body = Body(self.body(work.path))
        return self.store.put(work, body, Discovery(self.wants(work)), requests=1)

    def night(self, *, hours: float = 23.0) -> int:
        self.clock.seconds += hours * 3600
        return self.run()

    def lose(self, many: int, status: int = 404) -> None:
        self.lost = {f"/{each}/part": status for each in range(1, many + 1)}

    def parts(self) -> int:
        return sum(path.endswith("/part") for path, _ in self.store.bodies())


@pytest.fixture
def tenant(tmp_path: Path) -> Callable[..., Tenant]:
    return lambda dossiers, **more: Tenant(tmp_path, dossiers, **more)


def test_few_losses_are_believed_and_erased_after_a_second_look(
    tenant: Callable[..., Tenant],
) -> None:
    given = tenant(60)
    with given.store as store:
        given.run()
        given.lose(3)
        given.night()
        assert (given.parts(), store.progress().concerns) == (57, ())
        assert store.purge() == 0  # one look is no evidence
        given.night(hours=1)
        assert store.purge() == 0
        given.night(hours=20)
        assert (store.purge(), store.purge()) == (3, 0)


@pytest.mark.parametrize("hours", [20.0, 23.0, 25.0])
def test_a_small_doubt_ends_with_the_second_look(
    tenant: Callable[..., Tenant], hours: float
) -> None:
    given = tenant(60)
    with given.store as store:
        given.run()
        given.lose(6)
        given.night()
        assert (given.parts(), [each.count for each in store.progress().unacknowledged]) == (
            60,
            [6],
        )
        given.night(hours=2)
        assert given.parts() == 60
        given.night(hours=hours - 2)
        assert (given.parts(), store.progress().concerns) == (54, ())
        assert store.purge() == 6


def test_h1_a_doubt_of_which_some_are_found_again_needs_two_looks_anew(
    tenant: Callable[..., Tenant],
) -> None:
    """What the looks before said was wrong of 7 of 15, so it proves nothing of the other 8."""
    given = tenant(30)
    with given.store as store:
        given.run()
        given.lose(15)
        given.night()
        given.night()
        assert given.parts() == 30
        given.lose(8)
        given.night()
        assert (given.parts(), [each.count for each in store.concerns()]) == (30, [8])
        given.night()
        assert (given.parts(), store.concerns()) == (22, ())


def test_h1_a_doubt_ends_by_a_look_and_not_by_growing_smaller(
    tenant: Callable[..., Tenant],
) -> None:
    given = tenant(30)
    with given.store as store:
        given.run()
        given.lose(15)
        given.night()
        given.night()
        given.lost = {f"/{each}": 500 for each in range(1, 9)}  # nobody sees what is below
        given.night()
        assert given.parts() == 30
        assert [each.count for each in store.concerns() if each.state == "doubted"] == [8]
        store.accept(["part"])  # a person may still
        assert given.parts() == 22


def test_what_a_listing_names_is_no_longer_doubted_though_it_may_not_be_whole(
    tenant: Callable[..., Tenant],
) -> None:
    """A doubt about 12 dossiers of which 8 have been seen again is one about 4."""
    it = tenant(12)
    with it.store as store:
        it.run()
        everybody = list(it.dossiers)
        it.dossiers = []
        it.night()
        assert store.progress().doubted == len(everybody)
        number = store.begin_listing()
        seen = (Root(each, Discovery((Want("dossier", f"/{each}"),))) for each in everybody[4:])
        store.add_dossiers(seen, listing=number)
        store.finish_listing(include=("all",), requests=0, listing=number)
        assert store.progress().doubted == 4


def test_a_large_doubt_ends_only_by_somebodys_word(tenant: Callable[..., Tenant]) -> None:
    given = tenant(60)
    with given.store as store:
        given.run()
        given.lose(20)
        for _ in range(4):
            given.night()
            assert (given.parts(), store.purge()) == (60, 0)
        store.accept(["part"])
        assert (given.parts(), store.progress().concerns) == (40, ())
        assert store.purge() == 20
        given.lose(21)
        given.night()  # one more is one, not 21
        assert (given.parts(), store.progress().concerns) == (39, ())


def test_what_a_killed_run_has_lost_stays_pending(tenant: Callable[..., Tenant]) -> None:
    given = tenant(60)
    with given.store as store:
        given.run()
        given.lose(3)
        given.clock.seconds += 23 * 3600
        given.run(judge=False)
        store.close()
        given.store = Store.open(given.path, tenant="t", clock=given.clock)
        with given.store as again:
            assert (given.parts(), again.purge()) == (60, 0)
            given.lost = {}
            given.run()
            assert (given.parts(), again.progress().changed) == (60, 0)


def test_a_kind_that_nobody_may_read_is_asked_for_once_a_day(tenant: Callable[..., Tenant]) -> None:
    given = tenant(30)
    with given.store as store:
        given.lose(30, 403)
        first = given.run()
        (concern,) = store.progress().concerns
        assert (concern.subject, concern.state, concern.is_open) == ("part", "not granted", False)
        assert first == 30 + 30 + 1
        assert given.night() == 30 + 1
        assert store.progress().saved[BY_RIGHT] == 29
        assert given.night(hours=0.5) == 30
        given.lost = {}
        given.night()
        given.night()
        assert given.parts() == 30
        assert store.progress().concerns == ()


def test_a_right_that_is_given_counts_from_the_first_answer_on(
    tenant: Callable[..., Tenant],
) -> None:
    given = tenant(5)
    with given.store as store:
        given.lose(5, 403)
        given.run()
        given.lost = {}
        given.clock.seconds += 23 * 3600
        given.list()
        work = store.begin_refresh(given.dossiers)
        while work:
            work += given.fetch(work.pop()).work  # a dossier's part before the next dossier
        assert given.parts() == 5


@pytest.mark.parametrize("readable", [1, 2, 3])
@pytest.mark.parametrize("status", [403, 404, 500])
def test_h4_another_dossiers_path_is_tried_before_shared_data_is_lost(
    tenant: Callable[..., Tenant], status: int, readable: int
) -> None:
    given = tenant(3)
    with given.store as store:
        given.lost = {f"/{each}/adviseur/adres": status for each in (1, 2, 3)}
        del given.lost[f"/{readable}/adviseur/adres"]
        given.run()
        path = f"/{readable}/adviseur/adres"
        assert store.body(path) == given.body(path)
        assert set(store.states().values()) == {"complete"}
        assert store.progress().concerns == ()
        # A 200 is never replaced by a 403, and whoever can read it asks for it.
        for _ in range(3):
            given.night()
            assert [each for each, _ in store.bodies() if "adviseur" in each] != []
            assert store.progress().concerns == ()


def test_h4_at_most_two_others_are_tried_a_day(tenant: Callable[..., Tenant]) -> None:
    given = tenant(30)
    with given.store as store:
        given.lost = {f"/{each}/adviseur/adres": 403 for each in given.dossiers}
        assert given.run() == 30 + 30 + 3
        assert store.quarantined() == []


def test_h5_what_is_asked_for_by_another_dossiers_path_has_not_changed(
    tenant: Callable[..., Tenant],
) -> None:
    given = tenant(30, history=True)
    with given.store as store:
        given.run()
        before = db_of(store).execute("SELECT id, changed_at FROM resources").fetchall()
        for night in range(5):
            given.lost = {
                f"/{each}/adviseur/adres": 403 for each in given.dossiers if each != night + 2
            }
            given.night()
        assert db_of(store).execute("SELECT count(*) FROM history").fetchall() == [(0,)]
        assert db_of(store).execute("SELECT id, changed_at FROM resources").fetchall() == before
        assert db_of(store).execute(
            "SELECT value FROM counts WHERE name = 'changed'"
        ).fetchall() in (
            [],
            [(0,)],
        )


def test_a_clock_that_was_ahead_makes_no_second_look(tenant: Callable[..., Tenant]) -> None:
    given = tenant(60)
    with given.store:
        given.run()
        given.lose(6)
        given.night()
        given.clock.seconds -= 10 * SECOND_LOOK
        given.run()
        assert given.parts() == 60


def test_the_version_before_is_brought_up_and_loses_nothing(tenant: Callable[..., Tenant]) -> None:
    given = tenant(6)
    with given.store:
        given.run()
    with sqlite3.connect(given.path) as db:
        db.executescript(AS_OF_2)
        db.execute("UPDATE resources SET state = 'gone', status = 403 WHERE path = '/1/part'")
        db.execute("UPDATE resources SET state = 'gone', status = 404 WHERE path = '/2/part'")
        db.execute("UPDATE resources SET state = 'gone', status = 404 WHERE path = '/3'")
        bodies = db.execute("SELECT * FROM bodies").fetchall()
    db.close()
    with Store.open(given.path, tenant="t", clock=given.clock) as store:
        given.store = store
        assert db_of(store).execute("SELECT * FROM bodies").fetchall() == bodies
        # What may not be read, or was not there by one look, is shown; what was gone still is not.
        assert {path for path, _ in store.bodies()} >= {"/1/part", "/3"}
        assert store.body("/2/part") is None
        assert store.purge() == 0
        assert [each.subject for each in store.progress().unacknowledged] == ["part"]
        given.night()
        assert store.progress().concerns == ()
        assert len(list(store.bodies())) == len(bodies)
        assert db_of(store).execute(
            "SELECT value FROM counts WHERE name = 'changed'"
        ).fetchall() in (
            [],
            [(0,)],
            [(1,)],  # the one that is back
        )


AS_OF_2 = f"""
{BEFORE_CHANGES}
DROP TABLE losses; DROP TABLE accepted; DROP TABLE tries; DROP TABLE spares; DROP TABLE traffic;
DROP TABLE parts;
ALTER TABLE dossiers DROP COLUMN digest_before; ALTER TABLE dossiers DROP COLUMN parts;
ALTER TABLE resources DROP COLUMN parent; ALTER TABLE resources DROP COLUMN skipped;
DROP INDEX resources_forbidden;
ALTER TABLE dossiers DROP COLUMN lacking_since; ALTER TABLE dossiers DROP COLUMN deleted_at;
PRAGMA user_version = 2;
"""


def test_what_is_lost_with_something_doubted_is_not_believed_before_it(
    tenant: Callable[..., Tenant],
) -> None:
    given = tenant(10)
    only, own = Want("only", "/1/only"), given.wants
    given.wants = lambda work: (*own(work), only) if work.path == "/1" else own(work)  # type: ignore[method-assign] # a dossier with something of its own
    with given.store as store:
        given.run()
        given.lost = {"/1/only": 404, **{f"/{each}/part": 404 for each in given.dossiers}}
        given.night()
        assert store.body("/1/only") is not None
        assert [each.subject for each in store.progress().unacknowledged] == ["part"]
        store.accept(["part"])
        given.night()
        assert store.body("/1/only") is None


# -- creeping --------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["part", "dossier"])
@pytest.mark.parametrize("hours", [8.0, 23.0, 24.0])
def test_h1_three_wrong_losses_a_run_over_twenty_runs_do_not_creep_past(
    tenant: Callable[..., Tenant], hours: float, what: str
) -> None:
    """Few are believed at one look; from then on two looks, and both within what a week may."""
    given = tenant(60)
    looks: Counter[str] = Counter()
    with given.store as store:
        given.run()
        known = list(given.dossiers)
        for night in range(20):
            for each in known[3 * night : 3 * night + 3]:
                given.lost[f"/{each}" + "/part" * (what == "part")] = 404
            if what == "dossier":
                given.dossiers = [each for each in known if f"/{each}" not in given.lost]
            given.night(hours=hours)
            looks.update(given.lost)
            shown = {path for path, _ in store.bodies()}
            believed = [path for path in given.lost if path not in shown]
            # No more than three by one look, and all others by one of at least 20 hours before.
            by_one_look = [path for path in believed if (looks[path] - 1) * hours < 20]
            assert len(by_one_look) <= 3
            assert len(believed) <= 12
            if night:
                assert [each.subject for each in store.progress().unacknowledged] == [what]
        assert store.purge() <= 12 * (1 if what == "part" else 2)
        # In the end the server has them all again.
        given.lost, given.dossiers = {}, known
        given.night()
        given.night()
        assert store.progress().concerns == ()
        assert {f"/{each}/part" for each in known} <= {path for path, _ in store.bodies()}


# -- by silence ------------------------------------------------------------------------------------


def test_a_relation_that_has_another_name_for_many_nights_costs_nothing(
    tenant: Callable[..., Tenant],
) -> None:
    """Few as they are, that all of them are unlinked is no word of the API's."""
    given = tenant(8)
    with given.store as store:
        given.run()
        wants = given.wants
        given.wants = lambda work: tuple(each for each in wants(work) if each.kind != "part")  # type: ignore[method-assign] # this server's answers
        for _ in range(4):
            given.night()
            assert (given.parts(), store.purge()) == (8, 0)
            (concern,) = store.progress().unacknowledged
            assert (concern.subject, concern.state, concern.count) == ("part", "doubted", 8)
        given.wants = wants  # type: ignore[method-assign] # as before
        given.night()
        assert (given.parts(), store.progress().concerns) == (8, ())


def test_a_few_of_a_kind_that_are_unlinked_indeed_end_their_doubt(
    tenant: Callable[..., Tenant],
) -> None:
    given = tenant(30)
    with given.store as store:
        given.run()
        wants = given.wants
        given.wants = lambda work: tuple(  # type: ignore[method-assign] # this server's answers
            each for each in wants(work) if each.kind != "part" or int(work.dossier) > 5
        )
        given.night()
        assert (given.parts(), [each.count for each in store.progress().unacknowledged]) == (
            30,
            [5],
        )
        given.night()
        assert (given.parts(), store.progress().concerns) == (25, ())


# -- missing rights --------------------------------------------------------------------------------


def test_a_missing_right_is_acknowledged_until_it_grows_and_ends_when_it_is_given_back(
    tenant: Callable[..., Tenant],
) -> None:
    given = tenant(30)
    with given.store as store:
        given.run()
        given.lose(5, 403)
        given.night()
        (concern,) = store.progress().unacknowledged
        assert (concern.subject, concern.state, concern.count) == ("part", "forbidden", 5)
        store.accept(["part"])
        given.night()
        assert store.progress().unacknowledged == ()
        given.lose(6, 403)
        given.night()
        (concern,) = store.progress().unacknowledged
        assert (concern.count, concern.accepted) == (6, 5)
        given.lose(2, 403)
        given.night()
        assert store.progress().unacknowledged == ()
        given.lose(3, 403)  # fewer than were acknowledged once, and more than were left
        given.night()
        assert [each.count for each in store.progress().unacknowledged] == [3]
        assert (given.parts(), store.purge()) == (30, 0)
        given.lost = {}
        given.night()
        assert (given.parts(), store.progress().concerns) == (30, ())


def test_a_forbidden_that_becomes_a_doubt_is_told_although_it_was_acknowledged(
    tenant: Callable[..., Tenant],
) -> None:
    given = tenant(30)
    with given.store as store:
        given.run()
        given.lose(8, 403)
        given.night()
        store.accept(["part"])
        given.lose(8, 404)
        given.night()
        (concern,) = store.progress().unacknowledged
        assert (concern.state, concern.count, concern.accepted) == ("doubted", 8, 0)
        assert given.parts() == 30


class Office(Tenant):
    """A store whose dossiers have rows in the listing, and documents beside their details."""

    def list(self) -> None:
        number = self.store.begin_listing()
        for each in self.dossiers:
            documents = Want("documents", f"/{each}/documents")
            # Of some kinds the row is all there is.
            detail = (Want("birth", f"/births/{each}"),) if each % 3 else ()
            row = (Want("row", f"/row/{each}"), Row(b'{"dossierId":"%d"}' % each))
            self.store.add_dossiers(
                [Root(each, Discovery((*detail, documents)), row)], listing=number
            )
        self.store.finish_listing(include=("all",), requests=0, listing=number, lists_all=True)

    def wants(self, work: Work) -> tuple[Want, ...]:
        return ()


@pytest.mark.parametrize("kind", ["documents", "birth"])
def test_procura_s_roots_that_were_never_granted_are_asked_for_once_a_day(
    tmp_path: Path, kind: str
) -> None:
    given = Office(tmp_path, 30)
    many = {"documents": 30, "birth": 20}
    paths = {"documents": "/{}/documents", "birth": "/births/{}"}
    given.lost = {paths[kind].format(each): 403 for each in given.dossiers}
    with given.store as store:
        assert given.run() == 50
        (concern,) = store.progress().concerns
        assert (concern.subject, concern.state, concern.is_open) == (kind, "not granted", False)
        assert (concern.count, len(store.deleted())) == (many[kind], 0)
        for _ in range(3):
            assert given.night() == 50 - many[kind] + 1
            progress = store.progress()
            assert (progress.unacknowledged, progress.refreshing) == ((), 0)
        given.lost = {}
        given.night()
        given.night()
        assert store.progress().concerns == ()
        assert sum(kind in path for path, _ in store.bodies()) == many[kind]


def test_dossiers_that_may_not_be_read_at_all_are_no_right_that_was_never_granted(
    tenant: Callable[..., Tenant],
) -> None:
    given = tenant(10)
    with given.store as store:
        given.lost = {f"/{each}": 403 for each in given.dossiers}
        given.run()
        (concern,) = store.progress().unacknowledged
        assert (concern.subject, concern.state) == ("dossier", "forbidden")


# -- other ends ------------------------------------------------------------------------------------


def test_a_run_that_ends_early_leaves_its_losses_to_the_next_which_judges_them_as_its_own(
    tenant: Callable[..., Tenant],
) -> None:
    """Nine of nine that a short run has asked for are all, however many were read before."""
    given = tenant(300)
    with given.store as store:
        given.run()
        everybody = given.dossiers
        given.night()
        given.clock.seconds += 23 * 3600
        given.lose(9)
        given.list()
        work = store.begin_refresh(range(1, 10))
        while work:
            work += given.fetch(work.pop(0)).work
        # The quota is used up, or patience over: nobody judges.
        assert (given.parts(), store.progress().concerns) == (300, ())
        assert store.purge() == 0
        store.close()
        given.clock.seconds += 3600
        given.store = Store.open(given.path, tenant="t", clock=given.clock)
        with given.store as again:
            given.dossiers = everybody
            given.list()
            again.judge()
            (concern,) = again.progress().unacknowledged
            assert (concern.subject, concern.state, concern.count) == ("part", "doubted", 9)
            assert given.parts() == 300


def test_one_that_is_lost_while_the_rest_of_its_kind_may_not_be_read_is_doubted(
    tenant: Callable[..., Tenant],
) -> None:
    given = tenant(3)
    with given.store as store:
        given.run()
        given.lose(3, 403)
        given.lost["/1/part"] = 404
        given.night()
        states = {(each.state, each.count) for each in store.progress().concerns}
        assert states == {("doubted", 1), ("forbidden", 2)}
        assert given.parts() == 3
        given.lost = {"/1/part": 404}
        given.night()
        assert (given.parts(), store.progress().concerns) == (2, ())
