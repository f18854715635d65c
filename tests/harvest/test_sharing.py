"""What several dossiers share: whoever leads there has it, and nobody else."""

from collections.abc import Iterable
from pathlib import Path

import attrs

from elements_procura.harvest import Store
from elements_procura.spec.source import DossierId, Work
from tests.harvest.ledger_world import Dossier, Wall, World

MAIL = "office/0/mail"


@attrs.frozen
class Office:
    """A store of dossiers that share an office, and the server they are from."""

    store: Store
    clock: Wall
    world: World

    def harvest(self) -> None:
        """List everything and fetch what is queued."""
        number = self.store.begin_listing()
        self.store.add_dossiers(self.world.roots(), listing=number)
        self.store.finish_listing(
            include=("all",), requests=0, listing=number, lists_all=True, accept_vanished=True
        )
        self.fetch()

    def refresh(self, dossiers: Iterable[DossierId]) -> int:
        """Refresh some a day later; how many requests it takes."""
        self.clock.seconds += 25 * 3600
        self.store.begin_refresh(dossiers)
        return self.fetch()

    def fetch_until(self, path: str) -> Work:
        """Fetch what is queued, up to what is at ``path``."""
        self._fetch(until=path)
        [last] = self.store.queued(after=0, limit=1)
        assert last.path == path
        return last

    def fetch(self) -> int:
        requests = self._fetch()
        self.store.judge()
        return requests

    def _fetch(self, *, until: str = "") -> int:
        requests = 0
        while queued := self.store.queued(after=0, limit=1):
            if queued[0].path == until:
                break
            self.world.settle(self.store, queued[0])
            requests += 1
        return requests

    def mails(self) -> set[str]:
        """Where the mail of offices is stored from."""
        return {path for path, _ in self.store.bodies() if path.endswith("office/mail")}


def office(path: Path, *dossiers: int) -> Office:
    clock = Wall()
    world = World({each: Dossier(each, set(), set(), 0) for each in dossiers})
    return Office(Store.create(path / "s.sqlite", tenant="t", clock=clock), clock, world)


def test_a_dossier_may_move_to_another_office(tmp_path: Path) -> None:
    given = office(tmp_path, 1, 2)
    with given.store as store:
        given.harvest()
        assert given.mails() == {"/1/office/mail"}
        given.world.dossiers[1].office = 1
        given.refresh([1])
        # The same path is the other office's now; the first is reached by whom it is left to.
        assert given.mails() == {"/1/office/mail", "/2/office/mail"}
        assert b"office/1/mail" in (store.body("/1/office/mail") or b"")
        assert MAIL.encode() in (store.body("/2/office/mail") or b"")
        given.world.dossiers[2].office = 1
        given.refresh([1, 2])
        assert given.mails() == {"/1/office/mail"} or given.mails() == {"/2/office/mail"}
        assert store.purge() == 0  # it was lacked by one look alone
        given.world.dossiers[2].office = 0
        given.refresh([2])
        assert MAIL.encode() in (store.body("/2/office/mail") or b"")


def test_what_nobody_led_to_for_a_while_is_asked_for_by_a_new_dossier(tmp_path: Path) -> None:
    given = office(tmp_path, 1)
    with given.store:
        given.harvest()
        given.world.dossiers[1].office = 1
        given.refresh([1])
        given.world.dossiers[3] = Dossier(3, set(), set(), 0)
        given.harvest()
        assert given.mails() == {"/1/office/mail", "/3/office/mail"}


def test_what_could_never_be_read_is_asked_for_by_the_next_refresh(tmp_path: Path) -> None:
    given = office(tmp_path, 1)
    given.world.faults[MAIL] = None
    with given.store as store:
        given.harvest()
        assert store.states() == {1: "quarantined"}
        del given.world.faults[MAIL]
        given.refresh([1])
        assert given.mails() == {"/1/office/mail"}
        assert store.states() == {1: "complete"}


def test_a_refresh_that_reads_it_at_last_frees_all_that_wait_for_it(tmp_path: Path) -> None:
    given = office(tmp_path, 1, 2, 3)
    given.world.faults[MAIL] = None
    with given.store as store:
        given.harvest()
        assert set(store.states().values()) == {"quarantined"}
        # Whoever is refreshed meanwhile, it is still known whom it is missing.
        given.refresh([1])
        given.refresh([2])
        assert set(store.states().values()) == {"quarantined"}
        assert store.progress().quarantined == 3
        del given.world.faults[MAIL]
        given.refresh([2])
        assert set(store.states().values()) == {"complete"}
        assert store.quarantined() == []


def test_what_a_deleted_dossier_led_to_is_reached_by_those_who_are_left(tmp_path: Path) -> None:
    given = office(tmp_path, 1, 2)
    with given.store as store:
        given.harvest()
        given.world.dossiers[1].exists = False
        given.harvest()
        given.refresh([1])
        assert store.states() == {1: "gone", 2: "complete"}
        assert given.mails() == {"/2/office/mail"}
        assert list(store.shared()) == []
        assert given.refresh([2]) == 5


def test_a_dossier_that_is_gone_says_nothing_of_what_another_could_not_read(
    tmp_path: Path,
) -> None:
    given = office(tmp_path, 1, 2)
    with given.store as store:
        given.harvest()
        given.world.dossiers[2].exists = False  # and nobody has asked for it since
        given.clock.seconds += 25 * 3600
        store.begin_refresh([1])
        given.world.faults[MAIL] = None
        mail = given.fetch_until("/1/office/mail")
        [other] = store.quarantine(mail, error="broken", requests=1).work
        assert other.path == "/2/office/mail"
        assert store.gone(other, status=404, requests=1).work == ()
        store.judge()
        assert store.states()[1] == "quarantined"
        assert [error for *_, error in store.quarantined()] == ["broken"]
        assert given.mails() == {"/1/office/mail"}
        del given.world.faults[MAIL]
        given.refresh([1])
        assert store.states()[1] == "complete"
        assert given.mails() == {"/1/office/mail"}


def test_a_dossier_that_is_gone_says_nothing_of_a_right_that_another_lacks(tmp_path: Path) -> None:
    given = office(tmp_path, 1, 2)
    with given.store as store:
        given.harvest()
        given.world.dossiers[2].exists = False
        given.clock.seconds += 25 * 3600
        store.begin_refresh([1])
        mail = given.fetch_until("/1/office/mail")
        [other] = store.gone(mail, status=403, requests=1).work
        store.gone(other, status=404, requests=1)
        store.judge()
        assert [each.state for each in store.progress().concerns] == ["forbidden"]
        assert given.mails() == {"/1/office/mail"}
