"""What a type checker has to refuse. Never run.

Under ``mypy --strict`` an ignore that ignores nothing is an error: every marked line is wrong.
"""

import elements_procura.elements
from elements_procura import ElementsClient
from elements_procura.elements import bodies


async def wrong(elements: ElementsClient) -> None:
    """Each of these would be found out on the wire only, or never."""
    dossier = elements.dossier(5526)
    # A misspelt endpoint.
    await elements.klantdossier.get(5526)  # type: ignore[attr-defined]
    await dossier.adviseur(7).adresen.list()  # type: ignore[attr-defined]
    await dossier.bezittingen.lijst()  # type: ignore[attr-defined]
    # A wrong keyword, or one in the wrong place.
    await elements.klantdossiers.search(achternam="x")  # type: ignore[call-arg]
    await dossier.producten.list(publik=True)  # type: ignore[call-arg]
    await dossier.producten.list(True)  # type: ignore[call-arg]
    await dossier.klanten.particulier.add({"achternaam": "x"})  # type: ignore[call-arg]
    await dossier.klanten.particulier.add({}, rol="buurman")  # type: ignore[arg-type]
    await elements.klantdossiers.add({}, validated=False)  # type: ignore[call-arg]
    # What the owner's documentation does not hold.
    await dossier.adviseur(7).adressen.add({})  # type: ignore[attr-defined]
    await dossier.kantoor.rekeningnummers.list()  # type: ignore[attr-defined]
    await dossier.dienst(7).registraties.list()  # type: ignore[attr-defined]
    # A wrong body class, and a wrong body.
    adres = bodies.AdresBody(plaatsnaam="x", type="Pand")
    existing = bodies.ExistingAdresBody(id=1, type="Pand")
    await elements.klantdossiers.add(adres)  # type: ignore[arg-type]
    await dossier.zakelijk(7).adressen.add(existing)  # type: ignore[arg-type]
    await dossier.hypotheken.add([("hoofdsom", 1)])  # type: ignore[arg-type]
    bodies.AdresBody(plaatsnaam="x")  # type: ignore[call-arg]
    bodies.AdresBody(plaatsnaam="x", type="Pand", huisnummer="1")  # type: ignore[call-arg]
    bodies.KlantdossierBody(omschrijving=1, dossierstatus=1, kantoor=1)  # type: ignore[arg-type]
    bodies.KlantdossierBody(omschrijving="x", dossierstatus="1", kantoor=1)  # type: ignore[arg-type]
    # A name that the lazy packages do not have.
    elements_procura.Elementsclient("kantoor")  # type: ignore[attr-defined]
    elements_procura.elements.AdressBody()  # type: ignore[attr-defined]
    # What comes back is known.
    created: str = await elements.klantdossiers.add({})  # type: ignore[assignment]
    text = (await elements.klantdossiers.get(5526)).omschrijvng  # type: ignore[attr-defined]
    del created, text
