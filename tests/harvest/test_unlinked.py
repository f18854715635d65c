"""The resources that the answers of a pass no longer lead to."""

import attrs
import pytest

from elements_procura.harvest.sql.unlinked import OwnResource, unlinked

PASS = 2
ROOT = OwnResource(1, "dossier", "/1", None, 1, "stored", 200, PASS, 0.0)
LIST = attrs.evolve(ROOT, id=2, kind="list", parent=1, root=0)
ITEM = attrs.evolve(LIST, id=3, kind="item", parent=2, pass_=1)
BELOW = attrs.evolve(ITEM, id=4, kind="detail", parent=3)


@pytest.mark.parametrize(
    ("changed", "fair", "unread", "lost"),
    [
        ({}, {"list"}, set(), {3, 4}),  # with what hangs on it
        ({3: {"pass_": PASS}}, {"list"}, set(), set()),  # it was met
        ({}, {"dossier"}, set(), set()),  # what leads to it was not asked for
        ({}, {"list"}, {"item"}, set()),  # of its part something could not be read
        ({2: {"state": "gone"}}, {"list"}, set(), {3, 4}),  # what is gone leads nowhere
        ({2: {"state": "quarantined"}}, {"list"}, set(), set()),
        ({2: {"state": "pending"}}, {"list"}, set(), set()),
        ({2: {"pass_": 1}}, {"list"}, set(), set()),
        ({3: {"root": 1}}, {"list"}, set(), set()),  # nothing has to lead to it
        ({3: {"parent": None}}, {"list"}, set(), set()),
        ({3: {"parent": 99}}, {"list"}, set(), set()),  # another dossier's
        ({4: {"pass_": PASS}}, {"list"}, set(), {3, 4}),
        ({4: {"root": 1}}, {"list"}, set(), {3}),
    ],
)
def test_only_what_an_answer_of_the_pass_would_have_to_lead_to(
    changed: dict[int, dict[str, object]], fair: set[str], unread: set[str], lost: set[int]
) -> None:
    own = [
        attrs.evolve(each, **changed.get(each.id, {}))  # type: ignore[arg-type] # of a table
        for each in (ROOT, LIST, ITEM, BELOW)
    ]
    parts = {each.id: each.kind for each in own}
    assert unlinked(own, parts, PASS, fair=fair, unread=unread) == lost
