"""The models of the kinds of a Procura dossier, with their details for a harvest."""

from collections.abc import Iterator, Mapping

from elements_procura.procura._wire import procura_wire
from elements_procura.procura.models.births import Birth
from elements_procura.procura.models.commitments import Commitment
from elements_procura.procura.models.common import Dossier
from elements_procura.procura.models.deaths import DeathInMunicipality, DiscoveredBody
from elements_procura.procura.models.dossiers import Document
from elements_procura.procura.models.enums import DossierType
from elements_procura.procura.models.relocations import InterRelocation, IntraRelocation
from elements_procura.procura.source import CONTENT, ProcuraSource, template_of, whole
from elements_procura.schema.model import Model
from elements_procura.spec.harvest import HarvestSpec, KindSpec
from elements_procura.spec.shapes import Section, Shape

CASES: Mapping[str, type[Model]] = {
    DossierType.INTRA_MUN_RELOCATION: IntraRelocation,
    DossierType.INTER_MUN_RELOCATION: InterRelocation,
    DossierType.BIRTH: Birth,
    DossierType.COMMITMENT: Commitment,
    DossierType.DEATH_IN_MUNICIPALITY: DeathInMunicipality,
    DossierType.DISCOVERED_BODY: DiscoveredBody,
}
"""The models of the types that have a detail."""
ROW = "row"
"""The kind of the search's rows."""
_DOSSIER = "dossier"


def _kinds() -> Iterator[tuple[str, KindSpec]]:
    # A dossier is one row of the table dossiers, whatever its type; its detail one of its type's.
    inside = Section(
        table="dossiers", model=Dossier, part=_DOSSIER, without=frozenset({"dossier_id"})
    )
    for name, model in CASES.items():
        rest = Section(model=model, without=frozenset({_DOSSIER}))
        shape = Shape(model, sections=(inside, rest))
        yield str(name), KindSpec(template=template_of(name), group="details", shape=shape)
    alone = Section(table="dossiers", model=Dossier, without=inside.without)
    row = Shape(Dossier, sections=(alone,))
    yield ROW, KindSpec(template=template_of(ROW), group=None, shape=row)
    listed = Shape(Document, is_list=True)
    yield "documents", KindSpec(template=template_of("documents"), group="documents", shape=listed)
    yield CONTENT, KindSpec(template=template_of(CONTENT), group=CONTENT, is_binary=True)


HARVEST = HarvestSpec(
    source=whole,
    wire=procura_wire(),
    groups=ProcuraSource.groups,
    extra_groups=ProcuraSource.extra_groups,
    kinds=dict(_kinds()),
    dossier_id=str,
    row_kind=ROW,
    led_to={"documents": CONTENT},
)
"""The dossiers of Procura, as harvests, exports, plans and drift reports see them."""
