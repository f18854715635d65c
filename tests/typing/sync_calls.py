"""What a type checker makes of the synchronous clients: forty calls. Never run."""

from typing import assert_type

from elements_procura import Counters, CreatedId, JsonResponse, Response
from elements_procura.elements import (
    Adres,
    Adviseur,
    Consumptiefkrediet,
    Contract,
    Dienst,
    HalResource,
    Hypotheek,
    Kantoor,
    Kenmerk,
    Klantdossier,
    Particulier,
    Product,
    Profielfoto,
    Registratie,
    Zakelijk,
    bodies,
)
from elements_procura.procura import (
    Birth,
    BirthBody,
    Commitment,
    DeathInMunicipality,
    Document,
    DossierPage,
    Download,
    FoundRow,
    Info,
    IntraRelocation,
    Relatives,
    TaskPage,
)
from elements_procura.scheduler import Usage
from elements_procura.sync import ElementsClient, Iteration, ProcuraClient
from elements_procura.sync.elements import DossierHandle, Klantdossiers


def elements_calls(elements: ElementsClient, row: dict[str, str]) -> None:
    """Of Elements."""
    with elements as same:
        assert_type(same, ElementsClient)
    assert_type(elements.klantdossiers, Klantdossiers)
    assert_type(elements.dossier(1), DossierHandle)
    assert_type(elements.klantdossiers.get(1), Klantdossier)
    assert_type(elements.klantdossiers.search(achternaam="x"), tuple[Klantdossier, ...])
    assert_type(elements.klantdossiers.iterate(), Iteration[Klantdossier])
    assert_type([each.id for each in elements.klantdossiers.iterate()], list[int])
    assert_type(elements.klantdossiers.add(row), CreatedId)
    assert_type(elements.with_options(timeout=5).klantdossiers.get(1), Klantdossier)
    here = elements.dossier(1)
    assert_type(here.adviseurs.list(), tuple[Adviseur, ...])
    assert_type(here.adviseur(1).adressen.list(), tuple[Adres, ...])
    assert_type(here.kantoor.get(), Kantoor)
    assert_type(here.kantoor.profielfoto.get(), Profielfoto | None)
    assert_type(here.kantoor.profielfoto.download("x"), int)
    assert_type(here.kantoor.profielfoto.stream(), Iteration[memoryview])
    assert_type(here.klanten.particulier.get(1), Particulier)
    assert_type(
        here.klanten.particulier.add(bodies.ParticulierBody(achternaam="x"), rol="partner"),
        CreatedId,
    )
    assert_type(here.klanten.zakelijk.list(), tuple[Zakelijk, ...])
    assert_type(here.producten.list(), tuple[Product, ...])
    assert_type(here.hypotheken.get(1), Hypotheek)
    assert_type(here.consumptiefkredieten.get(1), Consumptiefkrediet)
    assert_type(here.contracten.get(1), Contract)
    assert_type(here.diensten.get(1), Dienst)
    assert_type(here.particulier(1).kenmerken.list(), tuple[Kenmerk, ...])
    assert_type(here.contract(1).workflows.add(bodies.WorkflowBody(workflow=21)), None)
    assert_type(here.registraties.list(), tuple[Registratie, ...])
    assert_type(elements.follow("/api/data/klantdossiers/1"), HalResource)
    assert_type(elements.read("/api/data/klantdossiers/1"), JsonResponse)
    assert_type(elements.request("GET", "/api/data/klantdossiers/1"), Response)
    assert_type(elements.quota(), tuple[Usage, ...])
    assert_type(elements.counters, Counters)


def procura_calls(procura: ProcuraClient, body: BirthBody) -> None:
    """Of Procura."""
    assert_type(procura.info(), Info)
    assert_type(procura.births.add(body), Birth)
    assert_type(procura.dossiers.search(page_size=3), DossierPage)
    assert_type(procura.tasks.search(bsns=["1"]), TaskPage)
    assert_type(procura.commitments.get("x"), Commitment)
    assert_type(procura.deaths.in_municipality.get("x"), DeathInMunicipality)
    assert_type(procura.dossier("x").documents.list(), tuple[Document, ...])
    assert_type(procura.dossier("x").documents.download("y"), Download)
    assert_type(procura.relocations.intra.get("x"), IntraRelocation)
    assert_type(procura.relatives.get("x"), Relatives)
    assert_type(procura.dossiers.rows_of(["x"]), Iteration[FoundRow])


def wrong_calls(elements: ElementsClient, procura: ProcuraClient) -> None:
    """What a type checker has to refuse."""
    elements.klantdossiers.gett(1)  # type: ignore[attr-defined] # on purpose
    elements.klantdossiers.search(achternam="x")  # type: ignore[call-arg] # on purpose
    print(elements.klantdossiers.get(1).omschrijvng)  # type: ignore[attr-defined] # on purpose
    procura.dossiers.search(page_size="x")  # type: ignore[arg-type] # on purpose
