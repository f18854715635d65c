"""What a type checker has to accept, with the types that come back. Never run."""

import datetime as dt
from decimal import Decimal
from typing import assert_type

from elements_procura import CreatedId, ElementsClient
from elements_procura.elements import (
    Adres,
    HalResource,
    Klantdossier,
    Land,
    Profielfoto,
    Rol,
    bodies,
)


async def right(elements: ElementsClient, row: dict[str, str]) -> None:
    """The calls of the documentation, as a user writes them."""
    dossier = await elements.klantdossiers.get(5526)
    assert_type(dossier, Klantdossier)
    adressen = await elements.dossier(5526).adviseur(112115).adressen.list()
    assert_type(adressen, tuple[Adres, ...])
    kantoor = await elements.dossier(5526).kantoor.get()
    made = await elements.klantdossiers.add(
        bodies.KlantdossierBody(
            omschrijving="x", dossierstatus=1, kantoor=kantoor, aanmaakdatum=dt.datetime.now(dt.UTC)
        )
    )
    assert_type(made, CreatedId)
    here = elements.dossier(made)
    await here.klanten.particulier.add(row, rol="partner", validate=False)
    await here.klanten.particulier.add(bodies.ParticulierBody(achternaam="x"), rol=Rol.KIND)
    await here.panden.add(bodies.AdresBody(plaatsnaam="x", type="Pand", land=Land.NL))
    await here.panden.add(bodies.ExistingAdresBody(id=1, type="Pand"))
    await here.bezittingen.overige.add(
        bodies.OverigeBody(bezittingtype="Overige", huidige_waarde=Decimal("12.50"))
    )
    assert_type(await here.contract(1).workflows.add(bodies.WorkflowBody(workflow=21)), None)
    assert_type(await elements.klantdossiers.update(1, {"standaardCorrespondentieadres": 1}), None)
    assert_type(await here.kantoor.profielfoto.get(), Profielfoto | None)
    assert_type(await elements.follow(dossier.links["documenten"]), HalResource)
