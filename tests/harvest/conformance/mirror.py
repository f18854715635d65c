"""What an export that is kept up to date holds: each resource as its last change has told it."""

import attrs

from elements_procura.harvest.address import Where
from elements_procura.harvest.policy.sameness import Difference, difference
from elements_procura.harvest.snapshot import StorageSnapshot
from elements_procura.harvest.store import snapshot


@attrs.define
class _Copied:
    kind: str
    mark: str | None
    body: bytes
    fetched: float


@attrs.define
class Mirror:
    """Follows a store by its changes alone.

    Attributes:
        number: How far it has come in the store's sequence.
        held: What it holds, by the resource's number.
    """

    number: int = 0
    held: dict[int, _Copied] = attrs.field(factory=dict)

    def follow(self, where: Where) -> None:
        """Take over what has changed, and compare everything with the store."""
        with snapshot(where) as moment:
            truth = _all(moment)
            numbers = [each.number for each in moment.reader.changes(self.number, looks=True)]
            assert len({*numbers}) == len(numbers)
            assert all(self.number < each <= moment.reader.sequence for each in numbers)
            for change in moment.reader.changes(self.number, looks=True):
                if change.what == "stored":
                    self.held[change.resource] = truth[change.resource]
                elif change.what == "looked":
                    assert change.fetched is not None
                    self.held[change.resource].fetched = change.fetched
                    assert self.held[change.resource].mark == change.mark
                else:
                    self.held.pop(change.resource, None)
            self.number = moment.reader.sequence
        self.compare(truth)

    def compare(self, truth: dict[int, _Copied]) -> None:
        """Compare with what the store holds, but for links, which no export shows."""
        assert self.held.keys() == truth.keys()
        for resource, own in self.held.items():
            found = truth[resource]
            assert (own.kind, own.mark) == (found.kind, found.mark)
            assert difference(own.body, found.body) is Difference.NONE
            assert own.mark == "listed" or own.fetched == found.fetched


def _all(moment: StorageSnapshot) -> dict[int, _Copied]:
    return {
        each.id: _Copied(each.kind, each.mark, moment.body(each.id), each.fetched)
        for each in moment.held(moment.kinds())
    }
