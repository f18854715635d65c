"""Every documented endpoint and the public call that stands for it.

The key is the method and the path template, spelled as in the documentation; the value makes
exactly that request. ``ids`` are keyed by placeholder, ``query`` holds the documented names.
"""

import base64
import datetime as dt
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elements_procura import ElementsClient
from elements_procura.elements.adviseurs import AdviseurHandle
from elements_procura.elements.choices import Rol
from elements_procura.elements.klantdossiers import DossierHandle
from elements_procura.elements.klanten import MedewerkerHandle, ParticulierHandle, ZakelijkHandle
from elements_procura.elements.producten import (
    BankgarantieHandle,
    ConsumptiefkredietHandle,
    ContractHandle,
    DienstHandle,
)
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.dossiers import Documents
from elements_procura.procura.models.dossiers import DatePeriod, DateTimePeriod

Ids = Mapping[str, Any]
Query = Mapping[str, str]
Call = Callable[[Any, Ids, Any, Query], Awaitable[Any]]
Endpoint = tuple[str, str]

# ------------------------------------------------------------------------------------ Elements


@dataclass(frozen=True)
class Elements:
    """What a call is given: client, ids by placeholder, body and query."""

    client: ElementsClient
    ids: Ids
    body: Any
    query: Query

    def __getitem__(self, placeholder: str) -> Any:
        return self.ids[placeholder]

    def flag(self, name: str) -> bool | None:
        return bool(int(self.query[name])) if name in self.query else None

    @property
    def dossier(self) -> DossierHandle:
        return self.client.dossier(self["DOSSIER_ID"])

    @property
    def particulier(self) -> ParticulierHandle:
        return self.dossier.particulier(self["PERSOON_ID"])

    @property
    def zakelijk(self) -> ZakelijkHandle:
        return self.dossier.zakelijk(self["ORGANISATIE_ID"])

    @property
    def medewerker(self) -> MedewerkerHandle:
        return self.zakelijk.medewerker(self["PERSOON_ID"])

    @property
    def adviseur(self) -> AdviseurHandle:
        return self.dossier.adviseur(self["ADVISEUR_ID"])

    @property
    def bankgarantie(self) -> BankgarantieHandle:
        return self.dossier.bankgarantie(self["PRODUCT_ID"])

    @property
    def krediet(self) -> ConsumptiefkredietHandle:
        return self.dossier.consumptiefkrediet(self["PRODUCT_ID"])

    @property
    def contract(self) -> ContractHandle:
        return self.dossier.contract(self["PRODUCT_ID"])

    @property
    def dienst(self) -> DienstHandle:
        return self.dossier.dienst(self["PRODUCT_ID"])


async def _downloaded(download: Callable[[Path], Awaitable[int]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        await download(Path(folder) / "file")
        return (Path(folder) / "file").read_bytes()


def _of_elements(row: Callable[[Elements], Awaitable[Any]]) -> Call:
    return lambda client, ids, body, query: row(Elements(client, ids, body, query))


D = "/api/data/klantdossiers/{DOSSIER_ID}"
P = f"{D}/klanten/particulier/{{PERSOON_ID}}"
Z = f"{D}/klanten/zakelijk/{{ORGANISATIE_ID}}"
M = f"{Z}/medewerkers/{{PERSOON_ID}}"
A = f"{D}/adviseurs/{{ADVISEUR_ID}}"
K = f"{D}/kantoor"
BG = f"{D}/bankgaranties/{{PRODUCT_ID}}"
CK = f"{D}/consumptiefkredieten/{{PRODUCT_ID}}"
CT = f"{D}/contracten/{{PRODUCT_ID}}"
DI = f"{D}/diensten/{{PRODUCT_ID}}"

ELEMENTS: dict[Endpoint, Callable[[Elements], Awaitable[Any]]] = {
    ("GET", "/api/data/klantdossiers"): lambda it: it.client.klantdossiers.search(**it.query),
    ("POST", "/api/data/klantdossiers/"): lambda it: it.client.klantdossiers.add(it.body),
    ("GET", D): lambda it: it.client.klantdossiers.get(it["DOSSIER_ID"]),
    ("PATCH", D): lambda it: it.client.klantdossiers.update(it["DOSSIER_ID"], it.body),
    ("POST", f"{D}/acties"): lambda it: it.dossier.acties.add(it.body),
    ("POST", f"{D}/panden"): lambda it: it.dossier.panden.add(it.body),
    ("POST", f"{D}/proposities"): lambda it: it.dossier.proposities.add(it.body),
    ("GET", f"{D}/registraties"): lambda it: it.dossier.registraties.list(
        publiek=it.flag("publiek"), gearchiveerd=it.flag("gearchiveerd")
    ),
    ("POST", f"{D}/registraties"): lambda it: it.dossier.registraties.add(it.body),
    ("GET", f"{D}/bezittingen"): lambda it: it.dossier.bezittingen.list(
        gearchiveerd=it.flag("gearchiveerd")
    ),
    ("GET", f"{D}/bezittingen/{{BEZITTING_ID}}"): lambda it: it.dossier.bezittingen.get(
        it["BEZITTING_ID"]
    ),
    ("POST", f"{D}/bezittingen/overige"): lambda it: it.dossier.bezittingen.overige.add(it.body),
    ("POST", f"{D}/bezittingen/voertuigen"): lambda it: it.dossier.bezittingen.voertuigen.add(
        it.body
    ),
    ("POST", f"{D}/bezittingen/voertuig"): lambda it: it.dossier.bezittingen.voertuig.add(it.body),
    ("GET", f"{D}/klanten/particulier"): lambda it: it.dossier.klanten.particulier.list(),
    ("POST", f"{D}/klanten/particulier"): lambda it: it.dossier.klanten.particulier.add(
        it.body, rol=Rol(it.query["rol"])
    ),
    ("GET", P): lambda it: it.dossier.klanten.particulier.get(it["PERSOON_ID"]),
    ("PATCH", P): lambda it: it.dossier.klanten.particulier.update(it["PERSOON_ID"], it.body),
    ("GET", f"{P}/adressen"): lambda it: it.particulier.adressen.list(),
    ("GET", f"{P}/adressen/{{ADRES_ID}}"): lambda it: it.particulier.adressen.get(it["ADRES_ID"]),
    ("POST", f"{P}/adressen"): lambda it: it.particulier.adressen.add(it.body),
    ("GET", f"{P}/emailadressen"): lambda it: it.particulier.emailadressen.list(),
    ("GET", f"{P}/emailadressen/{{EMAILADRES_ID}}"): lambda it: it.particulier.emailadressen.get(
        it["EMAILADRES_ID"]
    ),
    ("POST", f"{P}/emailadressen"): lambda it: it.particulier.emailadressen.add(it.body),
    ("GET", f"{P}/rekeningnummers"): lambda it: it.particulier.rekeningnummers.list(),
    ("GET", f"{P}/rekeningnummers/{{REKENINGNUMMER_ID}}"): lambda it: (
        it.particulier.rekeningnummers.get(it["REKENINGNUMMER_ID"])
    ),
    ("POST", f"{P}/rekeningnummers"): lambda it: it.particulier.rekeningnummers.add(it.body),
    ("GET", f"{P}/telefoonnummers"): lambda it: it.particulier.telefoonnummers.list(),
    ("GET", f"{P}/telefoonnummers/{{TELEFOONNUMMER_ID}}"): lambda it: (
        it.particulier.telefoonnummers.get(it["TELEFOONNUMMER_ID"])
    ),
    ("POST", f"{P}/telefoonnummers"): lambda it: it.particulier.telefoonnummers.add(it.body),
    ("GET", f"{P}/profielfoto"): lambda it: it.particulier.profielfoto.get(),
    ("GET", f"{P}/profielfoto/download"): lambda it: _downloaded(
        it.particulier.profielfoto.download
    ),
    ("GET", f"{P}/kenmerken"): lambda it: it.particulier.kenmerken.list(),
    ("GET", f"{P}/kenmerken/{{KENMERK_ID}}"): lambda it: it.particulier.kenmerken.get(
        it["KENMERK_ID"]
    ),
    ("POST", f"{P}/kenmerken"): lambda it: it.particulier.kenmerken.add(it.body),
    ("GET", f"{P}/socialmedia"): lambda it: it.particulier.socialmedia.list(),
    ("GET", f"{P}/socialmedia/{{SOCIALMEDIA_ID}}"): lambda it: it.particulier.socialmedia.get(
        it["SOCIALMEDIA_ID"]
    ),
    ("GET", f"{D}/klanten/zakelijk"): lambda it: it.dossier.klanten.zakelijk.list(),
    ("POST", f"{D}/klanten/zakelijk"): lambda it: it.dossier.klanten.zakelijk.add(it.body),
    ("GET", f"{D}/klanten/zakelijk/{{KLANT_ID}}"): lambda it: it.dossier.klanten.zakelijk.get(
        it["KLANT_ID"]
    ),
    ("GET", f"{Z}/adressen"): lambda it: it.zakelijk.adressen.list(),
    ("GET", f"{Z}/adressen/{{ADRES_ID}}"): lambda it: it.zakelijk.adressen.get(it["ADRES_ID"]),
    ("POST", f"{Z}/adressen"): lambda it: it.zakelijk.adressen.add(it.body),
    ("GET", f"{Z}/emailadressen"): lambda it: it.zakelijk.emailadressen.list(),
    ("GET", f"{Z}/emailadressen/{{EMAILADRES_ID}}"): lambda it: it.zakelijk.emailadressen.get(
        it["EMAILADRES_ID"]
    ),
    ("POST", f"{Z}/emailadressen"): lambda it: it.zakelijk.emailadressen.add(it.body),
    ("GET", f"{Z}/rekeningnummers"): lambda it: it.zakelijk.rekeningnummers.list(),
    ("GET", f"{Z}/rekeningnummers/{{REKENINGNUMMER_ID}}"): lambda it: (
        it.zakelijk.rekeningnummers.get(it["REKENINGNUMMER_ID"])
    ),
    ("POST", f"{Z}/rekeningnummers"): lambda it: it.zakelijk.rekeningnummers.add(it.body),
    ("GET", f"{Z}/telefoonnummers"): lambda it: it.zakelijk.telefoonnummers.list(),
    ("GET", f"{Z}/telefoonnummers/{{TELEFOONNUMMER_ID}}"): lambda it: (
        it.zakelijk.telefoonnummers.get(it["TELEFOONNUMMER_ID"])
    ),
    ("POST", f"{Z}/telefoonnummers"): lambda it: it.zakelijk.telefoonnummers.add(it.body),
    ("GET", f"{Z}/profielfoto"): lambda it: it.zakelijk.profielfoto.get(),
    ("GET", f"{Z}/profielfoto/download"): lambda it: _downloaded(it.zakelijk.profielfoto.download),
    ("GET", f"{Z}/kenmerken"): lambda it: it.zakelijk.kenmerken.list(),
    ("GET", f"{Z}/kenmerken/{{ORGANISATIEKENMERK_ID}}"): lambda it: it.zakelijk.kenmerken.get(
        it["ORGANISATIEKENMERK_ID"]
    ),
    ("GET", f"{Z}/codes"): lambda it: it.zakelijk.codes.list(),
    ("POST", f"{Z}/medewerkers"): lambda it: it.zakelijk.medewerkers.add(it.body),
    ("POST", f"{M}/emailadressen"): lambda it: it.medewerker.emailadressen.add(it.body),
    ("POST", f"{M}/rekeningnummers"): lambda it: it.medewerker.rekeningnummers.add(it.body),
    ("POST", f"{M}/telefoonnummers"): lambda it: it.medewerker.telefoonnummers.add(it.body),
    ("GET", f"{D}/adviseurs"): lambda it: it.dossier.adviseurs.list(),
    ("GET", A): lambda it: it.dossier.adviseurs.get(it["ADVISEUR_ID"]),
    ("GET", f"{A}/adressen"): lambda it: it.adviseur.adressen.list(),
    ("GET", f"{A}/adressen/{{ADRES_ID}}"): lambda it: it.adviseur.adressen.get(it["ADRES_ID"]),
    ("GET", f"{A}/emailadressen"): lambda it: it.adviseur.emailadressen.list(),
    ("GET", f"{A}/emailadressen/{{EMAILADRES_ID}}"): lambda it: it.adviseur.emailadressen.get(
        it["EMAILADRES_ID"]
    ),
    ("GET", f"{A}/rekeningnummers"): lambda it: it.adviseur.rekeningnummers.list(),
    ("GET", f"{A}/rekeningnummers/{{REKENINGNUMMER_ID}}"): lambda it: (
        it.adviseur.rekeningnummers.get(it["REKENINGNUMMER_ID"])
    ),
    ("GET", f"{A}/telefoonnummers"): lambda it: it.adviseur.telefoonnummers.list(),
    ("GET", f"{A}/telefoonnummers/{{TELEFOONNUMMER_ID}}"): lambda it: (
        it.adviseur.telefoonnummers.get(it["TELEFOONNUMMER_ID"])
    ),
    ("GET", f"{A}/profielfoto"): lambda it: it.adviseur.profielfoto.get(),
    ("GET", f"{A}/profielfoto/download"): lambda it: _downloaded(it.adviseur.profielfoto.download),
    ("GET", K): lambda it: it.dossier.kantoor.get(),
    ("GET", f"{K}/adressen"): lambda it: it.dossier.kantoor.adressen.list(),
    ("GET", f"{K}/adressen/{{ADRES_ID}}"): lambda it: it.dossier.kantoor.adressen.get(
        it["ADRES_ID"]
    ),
    ("GET", f"{K}/emailadressen"): lambda it: it.dossier.kantoor.emailadressen.list(),
    ("GET", f"{K}/emailadressen/{{EMAILADRES_ID}}"): lambda it: (
        it.dossier.kantoor.emailadressen.get(it["EMAILADRES_ID"])
    ),
    ("GET", f"{K}/telefoonnummers"): lambda it: it.dossier.kantoor.telefoonnummers.list(),
    ("GET", f"{K}/telefoonnummers/{{TELEFOONNUMMER_ID}}"): lambda it: (
        it.dossier.kantoor.telefoonnummers.get(it["TELEFOONNUMMER_ID"])
    ),
    ("GET", f"{K}/profielfoto"): lambda it: it.dossier.kantoor.profielfoto.get(),
    ("GET", f"{K}/profielfoto/download"): lambda it: _downloaded(
        it.dossier.kantoor.profielfoto.download
    ),
    ("GET", f"{K}/codes"): lambda it: it.dossier.kantoor.codes.list(),
    ("GET", f"{D}/producten"): lambda it: it.dossier.producten.list(
        publiek=it.flag("publiek"), gearchiveerd=it.flag("gearchiveerd")
    ),
    ("GET", BG): lambda it: it.dossier.bankgaranties.get(it["PRODUCT_ID"]),
    ("GET", f"{BG}/registraties"): lambda it: it.bankgarantie.registraties.list(
        publiek=it.flag("publiek")
    ),
    ("POST", f"{BG}/registraties"): lambda it: it.bankgarantie.registraties.add(it.body),
    ("POST", f"{BG}/taken"): lambda it: it.bankgarantie.taken.add(it.body),
    ("POST", f"{BG}/workflows"): lambda it: it.bankgarantie.workflows.add(it.body),
    ("POST", f"{BG}/facturen"): lambda it: it.bankgarantie.facturen.add(it.body or {}),
    ("POST", f"{BG}/facturen/{{FACTUUR_ID}}/regels"): lambda it: it.bankgarantie.factuur(
        it["FACTUUR_ID"]
    ).regels.add(it.body or {}),
    ("GET", CK): lambda it: it.dossier.consumptiefkredieten.get(it["PRODUCT_ID"]),
    ("POST", f"{D}/consumptiefkredieten"): lambda it: it.dossier.consumptiefkredieten.add(it.body),
    ("GET", f"{CK}/registraties"): lambda it: it.krediet.registraties.list(
        publiek=it.flag("publiek")
    ),
    ("POST", f"{CK}/registraties"): lambda it: it.krediet.registraties.add(it.body),
    ("POST", f"{CK}/taken"): lambda it: it.krediet.taken.add(it.body),
    ("POST", f"{CK}/workflows"): lambda it: it.krediet.workflows.add(it.body),
    ("POST", f"{CK}/facturen"): lambda it: it.krediet.facturen.add(it.body or {}),
    ("POST", f"{CK}/facturen/{{FACTUUR_ID}}/regels"): lambda it: it.krediet.factuur(
        it["FACTUUR_ID"]
    ).regels.add(it.body or {}),
    ("GET", CT): lambda it: it.dossier.contracten.get(it["PRODUCT_ID"]),
    ("POST", f"{D}/contracten"): lambda it: it.dossier.contracten.add(it.body),
    ("GET", f"{CT}/registraties"): lambda it: it.contract.registraties.list(
        publiek=it.flag("publiek")
    ),
    ("POST", f"{CT}/onderdelen"): lambda it: it.contract.onderdelen.add(it.body),
    ("POST", f"{CT}/registraties"): lambda it: it.contract.registraties.add(it.body),
    ("POST", f"{CT}/taken"): lambda it: it.contract.taken.add(it.body),
    ("POST", f"{CT}/workflows"): lambda it: it.contract.workflows.add(it.body),
    ("POST", f"{CT}/facturen"): lambda it: it.contract.facturen.add(it.body or {}),
    ("POST", f"{CT}/facturen/{{FACTUUR_ID}}/regels"): lambda it: it.contract.factuur(
        it["FACTUUR_ID"]
    ).regels.add(it.body or {}),
    ("GET", DI): lambda it: it.dossier.diensten.get(it["PRODUCT_ID"]),
    ("POST", f"{D}/diensten"): lambda it: it.dossier.diensten.add(it.body),
    ("POST", f"{DI}/delen"): lambda it: it.dienst.delen.add(it.body),
    ("POST", f"{DI}/registraties"): lambda it: it.dienst.registraties.add(it.body),
    ("POST", f"{DI}/taken"): lambda it: it.dienst.taken.add(it.body),
    ("POST", f"{DI}/workflows"): lambda it: it.dienst.workflows.add(it.body),
    ("POST", f"{DI}/facturen"): lambda it: it.dienst.facturen.add(it.body or {}),
    ("POST", f"{DI}/facturen/{{FACTUUR_ID}}/regels"): lambda it: it.dienst.factuur(
        it["FACTUUR_ID"]
    ).regels.add(it.body or {}),
    ("GET", f"{D}/hypotheken/{{PRODUCT_ID}}"): lambda it: it.dossier.hypotheken.get(
        it["PRODUCT_ID"]
    ),
    ("POST", f"{D}/hypotheken"): lambda it: it.dossier.hypotheken.add(it.body),
}

# ------------------------------------------------------------------------------------ Procura


@dataclass(frozen=True)
class Procura:
    """What a call is given; bodies go out as they are, unchecked and without a reference."""

    client: ProcuraClient
    ids: Ids
    body: Any
    query: Query

    @property
    def dossier_id(self) -> str:
        return str(self.ids["dossierId"])

    @property
    def documents(self) -> Documents:
        return self.client.dossier(self.dossier_id).documents


def _add(cases: Any, body: Any) -> Awaitable[Any]:
    added: Awaitable[Any] = cases.add(body, reference=None, validate=False)
    return added


def _searched_dossiers(it: Procura) -> Awaitable[Any]:
    body = dict(it.body)
    paging = body.pop("paging", None)
    filed, starts = body.pop("entryDateTimePeriod", None), body.pop("startDatePeriod", None)
    return it.client.dossiers.search(
        dossier_ids=body.pop("dossierIds", None),
        entry_date_time_period=filed and DateTimePeriod(**_ends(filed, dt.datetime.fromisoformat)),
        start_date_period=starts and DatePeriod(**_ends(starts, dt.date.fromisoformat)),
        page_size=paging and paging["pageSize"],
        validate=False,
        **body,
    )


def _ends(period: Mapping[str, str], read: Callable[[str], Any]) -> dict[str, Any]:
    names = {"from": "from_", "to": "to"}
    return {names[end]: read(text) for end, text in period.items()}


def _searched_tasks(it: Procura) -> Awaitable[Any]:
    codes = {
        name: [item["code"] for item in it.body[name]]
        for name in ("types", "statusses")
        if name in it.body
    }
    return it.client.tasks.search(bsns=it.body["bsns"], validate=False, **codes)


def _added_document(it: Procura) -> Awaitable[Any]:
    content = base64.b64decode(it.body["content"])
    return it.documents.add(
        filename=it.body["filename"], content=content, title=it.body.get("title")
    )


V = "/api/v1"
PROCURA: dict[Endpoint, Callable[[Procura], Awaitable[Any]]] = {
    ("POST", f"{V}/relocations/intra"): lambda it: _add(it.client.relocations.intra, it.body),
    ("GET", f"{V}/relocations/intra/{{dossierId}}"): lambda it: it.client.relocations.intra.get(
        it.dossier_id
    ),
    ("POST", f"{V}/relocations/intra/consent"): lambda it: it.client.relocations.intra.consent(
        it.body, validate=False
    ),
    ("POST", f"{V}/relocations/inter"): lambda it: _add(it.client.relocations.inter, it.body),
    ("GET", f"{V}/relocations/inter/{{dossierId}}"): lambda it: it.client.relocations.inter.get(
        it.dossier_id
    ),
    ("POST", f"{V}/relocations/inter/consent"): lambda it: it.client.relocations.inter.consent(
        it.body, validate=False
    ),
    ("GET", f"{V}/relocations/info/relatives/{{bsn}}"): lambda it: it.client.relocations.relatives(
        str(it.ids["bsn"]), validate=False
    ),
    ("POST", f"{V}/births"): lambda it: _add(it.client.births, it.body),
    ("GET", f"{V}/births/{{dossierId}}"): lambda it: it.client.births.get(it.dossier_id),
    ("GET", f"{V}/births/info/family-situation"): lambda it: it.client.births.family_situation(
        bsn_mother=it.query["bsnMother"],
        birth_date=dt.date.fromisoformat(it.query["birthDate"]),
        validate=False,
    ),
    ("GET", f"{V}/births/info/name-selection"): lambda it: it.client.births.name_selection(
        bsn_mother=it.query["bsnMother"],
        bsn_father_or_duo_mother=it.query["bsnFatherOrDuoMother"],
        validate=False,
    ),
    ("GET", f"{V}/births/info/acknowledgement"): lambda it: it.client.births.acknowledgement(
        bsn_mother=it.query["bsnMother"], validate=False
    ),
    ("POST", f"{V}/commitments"): lambda it: _add(it.client.commitments, it.body),
    ("POST", f"{V}/commitments/{{dossierId}}"): lambda it: it.client.commitments.update(
        it.dossier_id, it.body, validate=False
    ),
    ("GET", f"{V}/commitments/{{dossierId}}"): lambda it: it.client.commitments.get(it.dossier_id),
    ("POST", f"{V}/commitments/{{dossierId}}/cancel"): lambda it: it.client.commitments.cancel(
        it.dossier_id, message=it.body and it.body["message"], look=False
    ),
    ("POST", f"{V}/deaths/in-municipality"): lambda it: _add(
        it.client.deaths.in_municipality, it.body
    ),
    ("GET", f"{V}/deaths/in-municipality/{{dossierId}}"): lambda it: (
        it.client.deaths.in_municipality.get(it.dossier_id)
    ),
    ("POST", f"{V}/deaths/discovered-body"): lambda it: _add(
        it.client.deaths.discovered_body, it.body
    ),
    ("GET", f"{V}/deaths/discovered-body/{{dossierId}}"): lambda it: (
        it.client.deaths.discovered_body.get(it.dossier_id)
    ),
    ("POST", f"{V}/dossiers/search"): _searched_dossiers,
    ("POST", f"{V}/dossiers/{{dossierId}}/documents"): _added_document,
    ("GET", f"{V}/dossiers/{{dossierId}}/documents"): lambda it: it.documents.list(),
    ("GET", f"{V}/dossiers/{{dossierId}}/documents/{{documentId}}"): lambda it: (
        it.documents.download(str(it.ids["documentId"]))
    ),
    ("POST", f"{V}/tasks/search"): _searched_tasks,
    ("POST", f"{V}/dataimport/add"): lambda it: it.client.dataimport.add(it.body, validate=False),
    ("GET", f"{V}/relatives/{{bsn}}"): lambda it: it.client.relatives.get(
        str(it.ids["bsn"]), validate=False
    ),
    ("GET", f"{V}/info"): lambda it: it.client.info(),
}


def _of_procura(row: Callable[[Procura], Awaitable[Any]]) -> Call:
    return lambda client, ids, body, query: row(Procura(client, ids, body, query))


CALLS: dict[Endpoint, Call] = {
    **{endpoint: _of_elements(row) for endpoint, row in ELEMENTS.items()},
    **{endpoint: _of_procura(row) for endpoint, row in PROCURA.items()},
}
