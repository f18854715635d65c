"""Second looks: no doubt waits for a look that nothing can take any more."""

from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from elements_procura.spec.source import Want, Work
from tests.harvest.inside import db_of
from tests.harvest.test_doubt import Tenant

MANY = 40


class Office(Tenant):
    """Asks for dossiers as well that its listing lacks."""

    def run(self, *, judge: bool = True) -> int:
        self.list()
        work = self.store.queued(after=0, limit=1_000)
        if not work:
            work = self.store.begin_refresh(range(1, MANY + 1))
        while work:
            work += self.fetch(work.pop(0)).work
        if judge:
            self.store.judge()
        return 0


@attrs.define
class Advisers:
    """Which adviser each dossier leads to, and below a collection of its own what else."""

    of: dict[int, int | None]
    below: dict[int, int] = attrs.field(factory=dict)

    def wants(self, work: Work) -> tuple[Want, ...]:
        assert isinstance(work.dossier, int)
        path = f"/{work.dossier}"
        if work.kind == "dossier":
            adviser = self.of[work.dossier]
            address = f"{path}/adviseur/{adviser}/adres"
            own = [Want("list", f"{path}/list"), Want("part", f"{path}/part")]
            shared = Want("adres", address, f"adviseur/{adviser}/adres")
            return (*own, shared) if adviser is not None else (*own,)
        if work.kind == "list":
            return tuple(
                Want("item", f"{work.path}/{each}") for each in range(self.below[work.dossier])
            )
        return ()


@pytest.fixture
def led(tmp_path: Path) -> Callable[[int], tuple[Office, Advisers]]:
    """A store of many dossiers whose advisers are so many."""

    def made(advisers: int) -> tuple[Office, Advisers]:
        given = Office(tmp_path, MANY)
        leading = Advisers(
            {each: each % advisers for each in given.dossiers}, dict.fromkeys(given.dossiers, 1)
        )
        given.wants = leading.wants  # type: ignore[method-assign] # this server's answers
        given.run()
        return given, leading

    return made


def told(given: Office) -> list[tuple[str, int]]:
    return [(each.subject, each.count) for each in given.store.progress().unacknowledged]


def held(given: Office, ending: str) -> int:
    return sum(path.endswith(ending) for path, _ in given.store.bodies())


def test_a_dossier_that_is_deleted_takes_the_doubts_about_it_along(
    led: Callable[[int], tuple[Office, Advisers]],
) -> None:
    """Nobody can look at a part of what is gone, so the dossier does not wait for its parts."""
    given, _ = led(1)
    given.lose(4)
    given.night()
    assert told(given) == [("part", 4)]
    given.lost["/1"] = 404
    given.dossiers = range(2, MANY + 1)
    given.night()
    assert told(given) == [("part", 1)]  # one look at the dossier ends no doubt
    assert given.store.body("/1") is not None
    given.night()
    assert told(given) == []
    assert given.store.body("/1") is None
    given.night()
    given.store.purge()
    assert not [path for path, _ in given.store.bodies() if path.startswith("/1/")]
    given.store.close()


def test_a_collection_that_is_gone_takes_the_doubts_below_it_along(
    led: Callable[[int], tuple[Office, Advisers]],
) -> None:
    """Of a collection that is 404 nobody knows what it leads to: it is believed before that."""
    given, leading = led(1)
    leading.below = {each: int(each > 4) for each in given.dossiers}
    given.night()
    assert told(given) == [("item", 4)]
    given.lost = {"/1/list": 404}
    given.night()
    assert told(given) == [("item", 1)]
    assert given.store.body("/1/list") is not None
    given.night()
    assert given.store.body("/1/list") is None
    given.night()
    assert told(given) == []
    given.store.close()


def test_what_hangs_on_a_doubted_collection_waits_for_it_however_often_it_is_looked_at(
    led: Callable[[int], tuple[Office, Advisers]],
) -> None:
    given, leading = led(1)
    leading.below[1] = 0
    lists = Advisers.wants
    given.wants = lambda work: tuple(  # type: ignore[method-assign] # a relation has another name
        each for each in lists(leading, work) if each.kind != "list" or each.path == "/40/list"
    )
    for _ in range(3):
        given.night()
        assert ("list", MANY - 1) in told(given)
        assert (held(given, "/list"), held(given, "/list/0")) == (MANY, MANY)
        assert given.store.purge() == 0
    given.store.close()


def test_what_is_lost_beside_something_doubted_waits_for_it(
    led: Callable[[int], tuple[Office, Advisers]],
) -> None:
    """The same weather may have hit both, however often it is looked at."""
    given, leading = led(1)
    own = Advisers.wants
    only = Want("only", "/1/only")

    def wants(work: Work) -> tuple[Want, ...]:
        return (*own(leading, work), *([only] if work.path == "/1" else []))

    given.wants = wants  # type: ignore[method-assign] # a dossier with something of its own
    given.night()
    assert given.store.body("/1/only") is not None
    given.wants = lambda work: tuple(  # type: ignore[method-assign] # relations have other names
        each for each in wants(work) if each.kind not in ("part", "only")
    )
    for _ in range(3):
        given.night()
        assert told(given) == [("part", MANY)]
        assert (given.store.purge(), given.store.body("/1/only")) == (
            0,
            b'{"_links":{"self":{"href":"/1/only"}}}',
        )
    given.store.close()


def test_advisers_that_leave_for_good_end_their_doubt_at_the_second_look(
    led: Callable[[int], tuple[Office, Advisers]],
) -> None:
    """No dossier leads to them any more, so the one that did last looks for all."""
    given, leading = led(8)
    leading.of = {each: max(adviser or 0, 5) for each, adviser in leading.of.items()}
    given.night()
    for hours in (10, 25):
        assert (told(given), held(given, "/adres"), given.store.purge()) == ([("adres", 5)], 8, 0)
        given.night(hours=hours)
    assert (told(given), held(given, "/adres"), given.store.purge()) == ([], 3, 5)
    given.store.close()


def test_one_adviser_that_leaves_is_erased_after_the_second_look(
    led: Callable[[int], tuple[Office, Advisers]],
) -> None:
    given, leading = led(3)
    leading.of = {each: max(adviser or 0, 1) for each, adviser in leading.of.items()}
    given.night()
    assert (told(given), held(given, "/adres"), given.store.purge()) == ([], 2, 0)
    given.night()
    assert given.store.purge() == 1
    given.store.close()


def test_no_look_is_a_pass_that_could_not_read_what_leads_there(
    led: Callable[[int], tuple[Office, Advisers]],
) -> None:
    """While anything of its last owner is lost, an answer may lead there that nobody can read."""
    given, leading = led(8)
    leading.of = {each: max(adviser or 0, 5) for each, adviser in leading.of.items()}
    given.night()
    given.lost = {f"/{each}/part": 404 for each in given.dossiers}
    for _ in range(3):
        given.night()
        assert told(given) == [("adres", 5), ("part", MANY)]
        assert (held(given, "/adres"), given.store.purge()) == (8, 0)
    given.lost = {}
    given.night()
    given.night()
    assert (told(given), held(given, "/adres")) == ([], 3)
    given.store.close()


def test_advisers_of_deleted_dossiers_are_looked_for_by_the_listing(
    led: Callable[[int], tuple[Office, Advisers]],
) -> None:
    """While something of others was lost, they might have led there: so that is looked at later."""
    given, leading = led(8)
    leading.of = {each: each % 8 if each in range(1, 5) else 0 for each in given.dossiers}
    given.night(hours=25)
    given.night(hours=25)
    given.lost = {f"/{each}": 404 for each in range(1, 5)}
    given.dossiers = range(5, MANY + 1)
    given.night(hours=25)
    assert told(given) == [("dossier", 4)]
    given.lost["/9/part"] = 404
    given.night(hours=25)
    assert (told(given), held(given, "/adres")) == ([("adres", 4)], 5)
    given.night(hours=25)
    assert (told(given), held(given, "/adres")) == ([], 1)
    given.store.purge()
    bodies = db_of(given.store).execute(
        "SELECT share FROM bodies JOIN resources ON id = resource WHERE share IS NOT NULL"
    )
    assert bodies.fetchall() == [("adviseur/0/adres",)]
    given.store.close()
