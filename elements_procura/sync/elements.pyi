"""Made by tests/guests/stubs.py: do not edit."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
import contextlib
import datetime as dt
from elements_procura.auth.credentials import Given
from elements_procura.auth.grants import Grant
from elements_procura.core.answers import JsonResponse
from elements_procura.core.answers import Response
from elements_procura.core.api import Query
from elements_procura.core.client import ClientOptions
from elements_procura.core.observe import Observer
from elements_procura.core.request_state import Counters
from elements_procura.core.timeouts import Timeouts
from elements_procura.elements import bodies
from elements_procura.elements import choices
from elements_procura.elements import links
from elements_procura.elements._api import CreatedId
from elements_procura.elements.klantdossiers import Dossierfilters
from elements_procura.elements.models.adviseurs import Adviseur
from elements_procura.elements.models.bankgaranties import Bankgarantie
from elements_procura.elements.models.bezittingen import Bezitting
from elements_procura.elements.models.consumptiefkredieten import Consumptiefkrediet
from elements_procura.elements.models.contact import Adres
from elements_procura.elements.models.contact import Emailadres
from elements_procura.elements.models.contact import Rekeningnummer
from elements_procura.elements.models.contact import Telefoonnummer
from elements_procura.elements.models.contracten import Contract
from elements_procura.elements.models.diensten import Dienst
from elements_procura.elements.models.hypotheken import Hypotheek
from elements_procura.elements.models.kantoor import Code
from elements_procura.elements.models.kantoor import Kantoor
from elements_procura.elements.models.klantdossiers import Klantdossier
from elements_procura.elements.models.klanten import Kenmerk
from elements_procura.elements.models.klanten import Particulier
from elements_procura.elements.models.klanten import Socialmedia
from elements_procura.elements.models.klanten import Zakelijk
from elements_procura.elements.models.productdetail import ProductDetail
from elements_procura.elements.models.producten import Product
from elements_procura.elements.models.profielfoto import Profielfoto
from elements_procura.elements.models.registraties import Registratie
from elements_procura.errors import ElementsProcuraError
from elements_procura.evidence import AnswerKind
from elements_procura.paths import Path
from elements_procura.scheduler import Priority
from elements_procura.scheduler import Usage
from elements_procura.schema.hal import Row
from elements_procura.schema.model import Body
from elements_procura.schema.model import Link
from elements_procura.schema.model import Model
from elements_procura.schema.sealed import Json
from elements_procura.sync.mirror import Mirror
from elements_procura.sync.portal import Iteration
import os
from types import TracebackType
from typing import Any
from typing import Literal
from typing import Self
from typing import Unpack

class Resource(Mirror):
    ...

class DossierHandle(Resource):
    def get(self) -> Klantdossier:
        """Get the dossier itself, as ``get`` of its collection does.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}``
        """
    @property
    def adviseurs(self) -> Adviseurs:
        """Adviseurs (financial advisers) of the dossier."""
    def adviseur(self, adviseur_id: int) -> AdviseurHandle:
        """One adviseur of the dossier, by id. Sends nothing."""
    @property
    def kantoor(self) -> KantoorResource:
        """Kantoor (office) that the dossier belongs to."""
    @property
    def klanten(self) -> Klanten:
        """Klanten (customers) of the dossier."""
    def particulier(self, persoon_id: int) -> ParticulierHandle:
        """One customer who is a natural person, by id. Sends nothing."""
    def zakelijk(self, organisatie_id: int) -> ZakelijkHandle:
        """One customer that is an organisation, by id. Sends nothing."""
    @property
    def registraties(self) -> Registraties:
        """Registraties (notes) of the dossier."""
    @property
    def bezittingen(self) -> Bezittingen:
        """Bezittingen (possessions) of the dossier."""
    @property
    def acties(self) -> Acties:
        """Acties (campaigns) of the dossier."""
    @property
    def panden(self) -> Panden:
        """Panden (real estate) of the dossier."""
    @property
    def proposities(self) -> Proposities:
        """Proposities (proposals) of the dossier."""
    @property
    def producten(self) -> Producten:
        """Producten (products) of every kind."""
    @property
    def bankgaranties(self) -> Bankgaranties:
        """Bankgaranties (bank guarantees) of the dossier."""
    def product(self, row: Product) -> ProductDetail:
        """A product in full, of whatever kind: from its row in ``producten.list()``.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/{soort}/{PRODUCT_ID}``
        """
    def bankgarantie(self, product_id: int) -> BankgarantieHandle:
        """One bankgarantie, by id. Sends nothing."""
    @property
    def consumptiefkredieten(self) -> Consumptiefkredieten:
        """Consumptiefkredieten (consumer loans) of the dossier."""
    def consumptiefkrediet(self, product_id: int) -> ConsumptiefkredietHandle:
        """One consumptiefkrediet, by id. Sends nothing."""
    @property
    def contracten(self) -> Contracten:
        """Contracten (contracts) of the dossier."""
    def contract(self, product_id: int) -> ContractHandle:
        """One contract, by id. Sends nothing."""
    @property
    def diensten(self) -> Diensten:
        """Diensten (services of the firm itself) of the dossier."""
    def dienst(self, product_id: int) -> DienstHandle:
        """One dienst, by id. Sends nothing."""
    @property
    def hypotheken(self) -> Hypotheken:
        """Hypotheken (mortgages) of the dossier."""

class Klantdossiers(Resource):
    def search(self, *, relatienummer: str | None=..., omschrijving: str | None=..., dossierstatus: int | str | None=..., kantoor: int | str | None=..., achternaam: str | None=..., geboortedatum: dt.date | str | None=..., organisatie: str | None=..., kvknummer: str | None=..., straat: str | None=..., nummer: int | str | None=..., postcode: str | None=..., plaatsnaam: str | None=..., telefoonnummer: str | None=..., emailadres: str | None=..., contractnummer: str | None=..., kenteken: str | None=..., zoekwaarde: str | None=...) -> tuple[Klantdossier, ...]:
        """The dossiers that fit every filter given.

        ``GET /api/data/klantdossiers``
        """
    def list(self, **given: Unpack[Dossierfilters]) -> tuple[Klantdossier, ...]:
        """The dossiers that fit every filter given: :meth:`search` by the name of other lists.

        ``GET /api/data/klantdossiers``
        """
    def iterate(self, **given: Unpack[Dossierfilters]) -> Iteration[Klantdossier]:
        """Every dossier that fits every filter given, each as soon as it has arrived.

        ``GET /api/data/klantdossiers``
        """
    def rows(self) -> Iteration[Row]:
        """As :meth:`iterate`, each row as it came.

        ``GET /api/data/klantdossiers``
        """
    def get(self, dossier_id: int) -> Klantdossier:
        """One dossier.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}``
        """
    def add(self, dossier: bodies.KlantdossierBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a dossier. The documented path ends in a slash.

        ``POST /api/data/klantdossiers/``
        """
    def update(self, dossier_id: int, dossier: bodies.CorrespondentieadresBody | Json, *, validate: bool=...) -> None:
        """Change a dossier.

        ``PATCH /api/data/klantdossiers/{DOSSIER_ID}``
        """

class Acties(Resource):
    def add(self, actie: bodies.ActieBody | Json, *, validate: bool=...) -> CreatedId:
        """Add an actie.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/acties``
        """

class AdviseurHandle(Resource):
    def get(self) -> Adviseur:
        """Get the adviseur itself, as ``get`` of its collection does.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}``
        """
    @property
    def adressen(self) -> AdressenReader:
        """Postal addresses of the adviseur."""
    @property
    def emailadressen(self) -> EmailadressenReader:
        """Email addresses of the adviseur."""
    @property
    def rekeningnummers(self) -> RekeningnummersReader:
        """Bank accounts of the adviseur."""
    @property
    def telefoonnummers(self) -> TelefoonnummersReader:
        """Telephone numbers of the adviseur."""
    @property
    def profielfoto(self) -> ProfielfotoResource:
        """Picture of the adviseur."""

class Adviseurs(Resource):
    def list(self) -> tuple[Adviseur, ...]:
        """All adviseurs.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs``
        """
    def get(self, adviseur_id: int) -> Adviseur:
        """One adviseur.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}``
        """

class ProductHandle(Resource):
    @property
    def taken(self) -> Taken:
        """Taken (tasks) of the product."""
    @property
    def workflows(self) -> Workflows:
        """Workflows of the product."""
    @property
    def facturen(self) -> Facturen:
        """Facturen (invoices) of the product."""
    def factuur(self, factuur_id: int) -> FactuurHandle:
        """One factuur, by id. Sends nothing."""

class BankgarantieHandle(ProductHandle):
    def get(self) -> Bankgarantie:
        """Get the bankgarantie itself, as ``get`` of its collection does.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}``
        """
    @property
    def registraties(self) -> ProductRegistraties:
        """Registraties (notes) of the bankgarantie."""

class Bankgaranties(Resource):
    def get(self, product_id: int) -> Bankgarantie:
        """One bankgarantie.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}``
        """

class Bezittingen(Resource):
    def list(self, *, gearchiveerd: bool | None=...) -> tuple[Bezitting, ...]:
        """All bezittingen.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/bezittingen``
        """
    def get(self, bezitting_id: int) -> Bezitting:
        """One bezitting.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/bezittingen/{BEZITTING_ID}``
        """
    @property
    def overige(self) -> Overige:
        """Possessions other than vehicles."""
    @property
    def voertuigen(self) -> Voertuigen:
        """Vehicles."""
    @property
    def voertuig(self) -> Voertuig:
        """Vehicles, at the older path, which the vendor calls deprecated."""

class ConsumptiefkredietHandle(ProductHandle):
    def get(self) -> Consumptiefkrediet:
        """Get the consumptiefkrediet itself, as ``get`` of its collection does.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}``
        """
    @property
    def registraties(self) -> ProductRegistraties:
        """Registraties (notes) of the consumptiefkrediet."""

class Consumptiefkredieten(Resource):
    def get(self, product_id: int) -> Consumptiefkrediet:
        """One consumptiefkrediet.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}``
        """
    def add(self, krediet: bodies.ConsumptiefkredietBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a consumptiefkrediet.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten``
        """

class ContractHandle(ProductHandle):
    def get(self) -> Contract:
        """Get the contract itself, as ``get`` of its collection does.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}``
        """
    @property
    def registraties(self) -> ProductRegistraties:
        """Registraties (notes) of the contract."""
    @property
    def onderdelen(self) -> Onderdelen:
        """Parts of the contract."""

class Contracten(Resource):
    def get(self, product_id: int) -> Contract:
        """One contract.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}``
        """
    def add(self, contract: bodies.ContractBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a contract.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/contracten``
        """

class DienstHandle(ProductHandle):
    def get(self) -> Dienst:
        """Get the dienst itself, as ``get`` of its collection does.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}``
        """
    @property
    def registraties(self) -> RegistratiesWriter:
        """Registraties (notes) of the dienst."""
    @property
    def delen(self) -> Delen:
        """Parts of the dienst."""

class Diensten(Resource):
    def get(self, product_id: int) -> Dienst:
        """One dienst.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}``
        """
    def add(self, dienst: bodies.DienstBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a dienst.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/diensten``
        """

class Hypotheken(Resource):
    def get(self, product_id: int) -> Hypotheek:
        """One hypotheek.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/hypotheken/{PRODUCT_ID}``
        """
    def add(self, hypotheek: bodies.HypotheekBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a hypotheek.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/hypotheken``
        """

class KantoorResource(Resource):
    def get(self) -> Kantoor:
        """The kantoor.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/kantoor``
        """
    @property
    def adressen(self) -> AdressenReader:
        """Postal addresses of the kantoor."""
    @property
    def emailadressen(self) -> EmailadressenReader:
        """Email addresses of the kantoor."""
    @property
    def telefoonnummers(self) -> TelefoonnummersReader:
        """Telephone numbers of the kantoor."""
    @property
    def profielfoto(self) -> ProfielfotoResource:
        """Picture of the kantoor."""
    @property
    def codes(self) -> Codes:
        """Codes under which the kantoor is known elsewhere."""

class Klanten(Resource):
    @property
    def particulier(self) -> Particulieren:
        """Customers that are natural persons."""
    @property
    def zakelijk(self) -> Zakelijken:
        """Customers that are organisations."""

class Panden(Resource):
    def add(self, pand: bodies.AdresBody | bodies.ExistingAdresBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a pand.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/panden``
        """

class KlantHandle(Resource):
    @property
    def emailadressen(self) -> Emailadressen:
        """Email addresses of the klant."""
    @property
    def rekeningnummers(self) -> Rekeningnummers:
        """Bank accounts of the klant."""
    @property
    def telefoonnummers(self) -> Telefoonnummers:
        """Telephone numbers of the klant."""
    @property
    def profielfoto(self) -> ProfielfotoResource:
        """Picture of the klant."""

class ParticulierHandle(KlantHandle):
    def get(self) -> Particulier:
        """Get the particulier itself, as ``get`` of its collection does.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}``
        """
    @property
    def adressen(self) -> PersoonAdressen:
        """Postal addresses of the particulier."""
    @property
    def kenmerken(self) -> PersoonKenmerken:
        """Kenmerken (characteristics) of the particulier."""
    @property
    def socialmedia(self) -> SocialmediaResource:
        """Accounts of the particulier on social networks."""

class Producten(Resource):
    def list(self, *, publiek: bool | None=..., gearchiveerd: bool | None=...) -> tuple[Product, ...]:
        """All producten.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/producten``
        """

class Proposities(Resource):
    def add(self, propositie: bodies.PropositieBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a propositie.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/proposities``
        """

class RegistratiesWriter(Resource):
    def add(self, registratie: bodies.RegistratieBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a registratie.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/registraties``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/registraties``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}/registraties``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}/registraties``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/registraties``
        """

class Registraties(RegistratiesWriter):
    def list(self, *, publiek: bool | None=..., gearchiveerd: bool | None=...) -> tuple[Registratie, ...]:
        """All registraties.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/registraties``
        """

class ZakelijkHandle(KlantHandle):
    @property
    def adressen(self) -> OrganisatieAdressen:
        """Postal addresses of the organisation."""
    @property
    def kenmerken(self) -> OrganisatieKenmerken:
        """Kenmerken (characteristics) of the organisation."""
    @property
    def codes(self) -> Codes:
        """Codes under which the organisation is known elsewhere."""
    @property
    def medewerkers(self) -> Medewerkers:
        """Medewerkers (employees) of the organisation."""
    def medewerker(self, persoon_id: int) -> MedewerkerHandle:
        """One medewerker, by id. Sends nothing."""

class AdressenReader(Resource):
    def list(self) -> tuple[Adres, ...]:
        """All adressen.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/adressen``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/kantoor/adressen``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/adressen``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/adressen``
        """
    def get(self, adres_id: int) -> Adres:
        """One adres.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/adressen/{ADRES_ID}``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/kantoor/adressen/{ADRES_ID}``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/adressen/{ADRES_ID}``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/adressen/{ADRES_ID}``
        """

class OrganisatieAdressen(AdressenReader):
    def add(self, adres: bodies.AdresBody | Json, *, validate: bool=...) -> CreatedId:
        """Add an adres.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/adressen``
        """

class Codes(Resource):
    def list(self) -> tuple[Code, ...]:
        """All codes.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/kantoor/codes``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/codes``
        """

class EmailadressenWriter(Resource):
    def add(self, emailadres: bodies.EmailadresBody | Json, *, validate: bool=...) -> CreatedId:
        """Add an emailadres.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/emailadressen``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/emailadressen``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/medewerkers/{PERSOON_ID}/emailadressen``
        """

class EmailadressenReader(Resource):
    def list(self) -> tuple[Emailadres, ...]:
        """All emailadressen.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/emailadressen``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/kantoor/emailadressen``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/emailadressen``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/emailadressen``
        """
    def get(self, emailadres_id: int) -> Emailadres:
        """One emailadres.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/emailadressen/{EMAILADRES_ID}``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/kantoor/emailadressen/{EMAILADRES_ID}``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/emailadressen/{EMAILADRES_ID}``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/emailadressen/{EMAILADRES_ID}``
        """

class Emailadressen(EmailadressenReader, EmailadressenWriter):
    ...

class OrganisatieKenmerken(Resource):
    def list(self) -> tuple[Kenmerk, ...]:
        """All kenmerken.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/kenmerken``
        """
    def get(self, kenmerk_id: int) -> Kenmerk:
        """One kenmerk.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/kenmerken/{ORGANISATIEKENMERK_ID}``
        """

class MedewerkerHandle(Resource):
    @property
    def emailadressen(self) -> EmailadressenWriter:
        """Email addresses of the medewerker."""
    @property
    def rekeningnummers(self) -> RekeningnummersWriter:
        """Bank accounts of the medewerker."""
    @property
    def telefoonnummers(self) -> TelefoonnummersWriter:
        """Telephone numbers of the medewerker."""

class Medewerkers(Resource):
    def add(self, medewerker: bodies.MedewerkerBody | bodies.ExistingMedewerkerBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a medewerker.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/medewerkers``
        """

class ProfielfotoResource(Resource):
    def get(self) -> Profielfoto | None:
        """Metadata of the picture; None without a picture.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/profielfoto``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/kantoor/profielfoto``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/profielfoto``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/profielfoto``
        """
    def download(self, to: str | os.PathLike[str], *, expected: Profielfoto | None=...) -> int:
        """Download the picture into a file.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/profielfoto/download``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/kantoor/profielfoto/download``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/profielfoto/download``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/profielfoto/download``
        """
    def stream(self) -> Iteration[memoryview]:
        """Stream the picture in pieces.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/profielfoto/download``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/kantoor/profielfoto/download``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/profielfoto/download``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/profielfoto/download``
        """

class RekeningnummersWriter(Resource):
    def add(self, rekeningnummer: bodies.RekeningnummerBody | bodies.ExistingRekeningnummerBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a rekeningnummer.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/rekeningnummers``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/medewerkers/{PERSOON_ID}/rekeningnummers``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/rekeningnummers``
        """

class RekeningnummersReader(Resource):
    def list(self) -> tuple[Rekeningnummer, ...]:
        """All rekeningnummers.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/rekeningnummers``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/rekeningnummers``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/rekeningnummers``
        """
    def get(self, rekeningnummer_id: int) -> Rekeningnummer:
        """One rekeningnummer.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/rekeningnummers/{REKENINGNUMMER_ID}``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/rekeningnummers/{REKENINGNUMMER_ID}``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/rekeningnummers/{REKENINGNUMMER_ID}``
        """

class Rekeningnummers(RekeningnummersReader, RekeningnummersWriter):
    ...

class TelefoonnummersWriter(Resource):
    def add(self, telefoonnummer: bodies.TelefoonnummerBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a telefoonnummer.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/telefoonnummers``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/medewerkers/{PERSOON_ID}/telefoonnummers``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/telefoonnummers``
        """

class TelefoonnummersReader(Resource):
    def list(self) -> tuple[Telefoonnummer, ...]:
        """All telefoonnummers.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/telefoonnummers``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/kantoor/telefoonnummers``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/telefoonnummers``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/telefoonnummers``
        """
    def get(self, telefoonnummer_id: int) -> Telefoonnummer:
        """One telefoonnummer.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/telefoonnummers/{TELEFOONNUMMER_ID}``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/kantoor/telefoonnummers/{TELEFOONNUMMER_ID}``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/telefoonnummers/{TELEFOONNUMMER_ID}``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/telefoonnummers/{TELEFOONNUMMER_ID}``
        """

class Telefoonnummers(TelefoonnummersReader, TelefoonnummersWriter):
    ...

class PersoonAdressen(AdressenReader):
    def add(self, adres: bodies.AdresBody | bodies.ExistingAdresBody | Json, *, validate: bool=...) -> CreatedId:
        """Add an adres.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/adressen``
        """

class PersoonKenmerken(Resource):
    def list(self) -> tuple[Kenmerk, ...]:
        """All kenmerken.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/kenmerken``
        """
    def get(self, kenmerk_id: int) -> Kenmerk:
        """One kenmerk.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/kenmerken/{KENMERK_ID}``
        """
    def add(self, kenmerk: bodies.KenmerkBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a kenmerk.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/kenmerken``
        """

class SocialmediaResource(Resource):
    def list(self) -> tuple[Socialmedia, ...]:
        """All accounts on social networks.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/socialmedia``
        """
    def get(self, socialmedia_id: int) -> Socialmedia:
        """One account on a social network.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/socialmedia/{SOCIALMEDIA_ID}``
        """

class Particulieren(Resource):
    def list(self) -> tuple[Particulier, ...]:
        """All particulieren.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier``
        """
    def get(self, persoon_id: int) -> Particulier:
        """One particulier.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}``
        """
    def add(self, particulier: bodies.ParticulierBody | Json, *, rol: choices.Rol | Literal['eerste-persoon', 'partner', 'kind'], validate: bool=...) -> CreatedId:
        """Add a particulier.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier``
        """
    def update(self, persoon_id: int, particulier: bodies.CorrespondentieadresBody | Json, *, validate: bool=...) -> None:
        """Change a particulier.

        ``PATCH /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}``
        """

class Zakelijken(Resource):
    def list(self) -> tuple[Zakelijk, ...]:
        """All organisations.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk``
        """
    def get(self, klant_id: int) -> Zakelijk:
        """One organisation.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{KLANT_ID}``
        """
    def add(self, organisatie: bodies.ZakelijkBody | Json, *, validate: bool=...) -> CreatedId:
        """Add an organisation.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk``
        """

class Delen(Resource):
    def add(self, deel: bodies.DeelBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a part to a dienst.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}/delen``
        """

class Facturen(Resource):
    def add(self, factuur: Json) -> CreatedId:
        """Add a factuur.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/facturen``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/facturen``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}/facturen``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}/facturen``
        """

class FactuurHandle(Resource):
    @property
    def regels(self) -> Factuurregels:
        """Lines of the factuur."""

class Taken(Resource):
    def add(self, taak: bodies.TaakBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a taak.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/taken``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/taken``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}/taken``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}/taken``
        """

class Workflows(Resource):
    def add(self, workflow: bodies.WorkflowBody | Json, *, validate: bool=...) -> None:
        """Start a workflow.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/workflows``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/workflows``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}/workflows``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}/workflows``
        """

class Factuurregels(Resource):
    def add(self, regel: Json) -> CreatedId:
        """Add a regel.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/facturen/{FACTUUR_ID}/regels``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/facturen/{FACTUUR_ID}/regels``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}/facturen/{FACTUUR_ID}/regels``
        ``POST /api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}/facturen/{FACTUUR_ID}/regels``
        """

class Onderdelen(Resource):
    def add(self, onderdeel: bodies.OnderdeelBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a part to a contract.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}/onderdelen``
        """

class ProductRegistraties(RegistratiesWriter):
    def list(self, *, publiek: bool | None=...) -> tuple[Registratie, ...]:
        """All registraties.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/registraties``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/registraties``
        ``GET /api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}/registraties``
        """

class Overige(Resource):
    def add(self, bezitting: bodies.OverigeBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a possession other than a vehicle.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/bezittingen/overige``
        """

class Voertuig(Resource):
    def add(self, voertuig: bodies.VoertuigBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a vehicle, at the older path.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/bezittingen/voertuig``
        """

class Voertuigen(Resource):
    def add(self, voertuig: bodies.VoertuigBody | Json, *, validate: bool=...) -> CreatedId:
        """Add a vehicle.

        ``POST /api/data/klantdossiers/{DOSSIER_ID}/bezittingen/voertuigen``
        """

class ElementsClient:
    api_name: str
    def __init__(self, host: str, *, credentials: Given | None=..., organisation: int | str | None=..., webservice: str=..., scopes: str | Iterable[str]=..., grant: Grant | None=..., token_in_query: bool=..., **options: Unpack[ClientOptions]) -> None: ...
    @property
    def klantdossiers(self) -> Klantdossiers:
        """Klantdossiers (customer files)."""
    def dossier(self, dossier_id: int) -> DossierHandle:
        """One dossier, by id. Sends nothing."""
    def follow(self, link: Link | str) -> links.HalResource:
        """Get the resource behind a link, such as one that is linked but not documented."""
    def download(self, link: Link | str, to: str | os.PathLike[str]) -> int:
        """Download the resource behind a link into a file, of whatever type: ``GET`` of it."""
    def picture(self, path: Path | str, *, size: int | None=...) -> Response:
        """Get a whole picture with its headers."""
    def with_options(self, *, priority: Priority | None=..., timeout: float | Timeouts | None=..., max_response_bytes: int | None=..., max_attempts: int | None=..., on_response: Callable[[Response], object] | None=...) -> Self:
        """The same client, session and quota, with other options for the calls made on it.

        ``await client.with_options(timeout=5).…`` sets them for one call.
        """
    def read(self, path: Path | str, *, expected: AnswerKind=...) -> JsonResponse:
        """``GET`` any path of this API, checked to be the JSON asked for but not typed."""
    def request(self, method: str, path: Path | str, *, query: Query | Mapping[str, str]=..., body: bytes | memoryview | None=..., accept: str=...) -> Response:
        """Send a request and return the answer as it came: status, headers, bytes."""
    @staticmethod
    def error_of(response: Response) -> ElementsProcuraError:
        """The error that an answer of status 400 or above means."""
    def authenticate(self) -> None:
        """Make sure that there is a usable token, asking the token endpoint if there is none."""
    def to_wire(self, record: Model | Body) -> dict[str, Any]:
        """A record as JSON that structures to an equal one, a body as it is sent; without None."""
    def observed_by(self, observer: Observer | None, *, tenant: str=...) -> contextlib.AbstractContextManager[None]:
        """Let an observer see the requests that are sent in a ``with`` block."""
    @property
    def observer(self) -> Observer | None:
        """Everybody who observes it now, as one; None for nobody."""
    @property
    def tenant(self) -> str:
        """The tenant's name in logs and for observers."""
    @property
    def host(self) -> str:
        """The server's name."""
    def quota(self) -> tuple[Usage, ...]:
        """How full every window of the rates is: used, left, left for bulk, when it resets."""
    @property
    def counters(self) -> Counters:
        """What has been sent since the client was made."""
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
