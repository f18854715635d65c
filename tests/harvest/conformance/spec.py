"""The API of :mod:`tests.harvest.ledger_world`: dossiers of several parts."""

from types import SimpleNamespace

from elements_procura.registry import harvest_spec_of
from elements_procura.schema.structure import Wire
from elements_procura.spec.harvest import HarvestSpec, KindSpec

NAME = "ledger"
KINDS = {
    "root": "dossier",
    "row": "dossier",
    "persons": "persons",
    "advisers": "shared",
    "office": "shared",
    "shared": "shared",
    "leaf": "leaves",
    "detail": "details",
}
PARTS = sorted(set(KINDS.values()))
HARVEST = HarvestSpec(
    source=harvest_spec_of(None).source,
    wire=Wire({}),
    groups=("all",),
    kinds={
        name: KindSpec(
            template=f"/{name}",
            part=part,
            is_shown_by_row=name == "detail",
            hints_at=("details",) if name == "persons" else (),
        )
        for name, part in KINDS.items()
    },
    dossier_id=int,
    shared={"advisers": "adviser", "office": "office"},
)
SPEC = SimpleNamespace(name=NAME, root="/ledger", harvest=HARVEST)
