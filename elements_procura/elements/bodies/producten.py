"""Bodies for the products of a dossier."""

from typing import ClassVar

import attrs

from elements_procura.elements.choices.banken import Bank
from elements_procura.elements.choices.landen import Land
from elements_procura.elements.choices.producten import (
    Aanvragerrol,
    Financieringsdoel,
    Kortingtype,
    Portefeuille,
    Propositietype,
    Provisietype,
    Termijn,
)
from elements_procura.schema.body import ExactlyOne, Rule
from elements_procura.schema.fields import (
    AnyNumber,
    AnyText,
    Count,
    Date,
    Long,
    Money,
    MonthlyRate,
    Reference,
    References,
    Short,
    YearlyRate,
)
from elements_procura.schema.model import Body

__all__ = [
    "ConsumptiefkredietBody",
    "ContractBody",
    "DeelBody",
    "DienstBody",
    "HypotheekBody",
    "OnderdeelBody",
]


@attrs.define(eq=False, repr=False, kw_only=True)
class ConsumptiefkredietBody(Body):
    """A consumer loan.

    Exactly one of ``dossier_verantwoordelijke`` and ``dossier_verantwoordelijke_workflowgroep`` is
    required.

    Attributes:
        eerste_aanvrager: Deprecated by the vendor; ``eerste_aanvrager_particulier`` replaces it.
        afgesloten_door: The adviser who closed the sale.
        nominale_maandrente: Per cent a month.
        effectieve_jaarrente: Per cent a year.
        theoretische_looptijd: Months.
        toonindigimap: Whether the customer sees it in his own environment.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        ExactlyOne("dossier_verantwoordelijke", "dossier_verantwoordelijke_workflowgroep"),
    )

    omschrijving: Short | None = None
    status: Reference
    bestaande_propositie: Reference
    afgesloten_door: Reference
    acceptant: Reference | None = None
    acceptant_workflowgroep: Reference | None = None
    dossier_verantwoordelijke: Reference | None = None
    dossier_verantwoordelijke_workflowgroep: Reference | None = None
    bronvermelding: Reference | None = None
    aanbrenger_persoon: Reference | None = None
    aanbrenger_organisatie: Reference | None = None
    offertenummer: Short | None = None
    aanvraag_verzonden: Date
    aanvraag_verzonden_definitief: bool
    uitbetalingsdatum: Date
    uitbetalingsdatum_definitief: bool
    akkoord_bank: Date | None = None
    contract_ontvangen: Date | None = None
    stukken_opgevraagd: Date | None = None
    contract_verzonden_naar_klant: Date | None = None
    stukken_compleet: Date | None = None
    contract_getekend_retour: Date | None = None
    getekend_contract_naar_maatschappij: Date | None = None
    contract_vervaldatum: Date | None = None
    aanvragers_particulier: References | None = None
    aanvrager_zakelijk: Reference | None = None
    eerste_aanvrager: Reference | None = None
    eerste_aanvrager_particulier: Reference | None = None
    eerste_aanvrager_zakelijk: Reference | None = None
    correspondentieadres: Reference
    financieringsdoel: Financieringsdoel | str
    maatschappij: Reference
    inkoop_via: Reference
    gewenst_bedrag: Money
    gewenst_maandbedrag: Money | None = None
    aantal_kinderen: Count | None = None
    toelichting: Long | None = None
    artikel: Reference
    codeprovisiemijtype: Provisietype | str | None = None
    contractnummer: Short | None = None
    leenbedrag: Money | None = None
    depot: Money | None = None
    blokkade: bool | None = None
    inlossaldo: Money | None = None
    uit_te_betalen: Money | None = None
    termijnbedrag: Money | None = None
    percentage_doorlopend_krediet: Money | None = None
    aflossingsvrij: Count | None = None
    nominale_maandrente: MonthlyRate | None = None
    effectieve_jaarrente: YearlyRate | None = None
    kredietvergoeding: Money | None = None
    totale_kredietsom: Money | None = None
    theoretische_looptijd: Count | None = None
    theoretische_einddatum: Date | None = None
    uitbetaling_land: Land | str | None = None
    uitbetaling_bank: Bank | str | None = None
    uitbetaling_rekeningnummer: Short | None = None
    uitbetaling_bicnummer: Short | None = None
    uitbetaling_ibannummer: Short | None = None
    toonindigimap: bool
    gearchiveerd: bool | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class ContractBody(Body):
    """A contract, as for energy or telephone.

    Exactly one of ``account_beheerder`` and ``account_beheerder_workflowgroep`` is required.

    Attributes:
        toonindigimap: Whether the customer sees it in his own environment.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        ExactlyOne("account_beheerder", "account_beheerder_workflowgroep"),
    )

    omschrijving: Short | None = None
    status: Reference
    bestaande_propositie: Reference
    accountmanager: Reference
    administratie: Reference | None = None
    administratie_workflowgroep: Reference | None = None
    account_beheerder: Reference | None = None
    account_beheerder_workflowgroep: Reference | None = None
    bronvermelding: Reference
    aanbrenger_persoon: Reference | None = None
    aanbrenger_organisatie: Reference | None = None
    aanvrager_zakelijk: Reference | None = None
    aanvragers_particulier: References | None = None
    eerste_aanvrager: Reference
    correspondentieadres: Reference
    contractnummer: Short | None = None
    contract_datum: Date
    contract_datum_definitief: bool
    startdatum: Date
    startdatum_definitief: bool
    einde_tekendatum: Date | None = None
    getekend_contract_ontvangen: Date | None = None
    dossier_compleet: Date | None = None
    finaal_akkoord: Date | None = None
    leverancier: Reference
    inkoop_via: Reference
    toelichting: Long | None = None
    gearchiveerd: bool
    toonindigimap: bool


@attrs.define(eq=False, repr=False, kw_only=True)
class OnderdeelBody(Body):
    """One part (onderdeel) of a contract.

    Attributes:
        looptijd_verplichting: Months.
    """

    artikel: Reference
    referentie: Short | None = None
    kostprijs: Money | None = None
    btw: Reference | None = None
    aantal: Money | None = None
    verkoopprijs: Money
    premietermijnverkoopprijs: Termijn | str
    marge: Money | None = None
    korting: Money | None = None
    kortingtype: Kortingtype | str | None = None
    incasso: Money | None = None
    betalingstermijn: Termijn | str
    looptijd_verplichting: Count | None = None
    vervaldatum: Date | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class DienstBody(Body):
    """A service of the firm itself, such as advice or a subscription.

    Exactly one of ``account_beheerder`` and ``account_beheerder_workflowgroep`` is required.

    Attributes:
        aanvrager_rol: Whether it is for a person or for an organisation.
        toonindigimap: Whether the customer sees it in his own environment.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        ExactlyOne("account_beheerder", "account_beheerder_workflowgroep"),
    )

    omschrijving: Short | None = None
    status: Reference
    bestaande_propositie: Reference
    accountmanager: Reference
    administratie: Reference | None = None
    administratie_workflowgroep: Reference | None = None
    account_beheerder: Reference | None = None
    account_beheerder_workflowgroep: Reference | None = None
    bronvermelding: Reference
    aanbrenger_persoon: Reference | None = None
    aanbrenger_organisatie: Reference | None = None
    offertenummer: Short | None = None
    tekendatum: Date
    tekendatum_definitief: bool
    opleverdatum: Date
    opleverdatum_definitief: bool
    aanvrager_rol: Aanvragerrol | str
    aanvrager_zakelijk: Reference | None = None
    aanvragers_particulier: References | None = None
    eerste_aanvrager: Reference
    correspondentieadres: Reference
    leverancier: Reference
    inkoop_via: Reference
    toelichting: Long | None = None
    toonindigimap: bool
    gearchiveerd: bool


@attrs.define(eq=False, repr=False, kw_only=True)
class DeelBody(Body):
    """One part (deel) of a dienst.

    Attributes:
        looptijd: Months.
        looptijd_verplichting: Months.
    """

    artikel: Reference
    omschrijving: Short | None = None
    kostprijs: Money
    btw: Reference
    aantal_stuks: Money
    verkoopprijs: Money
    verkoopprijs_termijn: Termijn | str
    marge: Money
    kortingtype: Kortingtype | str | None = None
    korting: Money | None = None
    betalingstermijn: Termijn | str
    betalingsprofiel: Reference | None = None
    looptijd: Count
    hoofdvervaldatum: Date
    looptijd_verplichting: Count
    vervaldatum: Date


@attrs.define(eq=False, repr=False, kw_only=True)
class HypotheekBody(Body):
    """A mortgage.

    The documented schema breaks off after ``aanvrager_zakelijk``. What follows is known from the
    documented example and notes only: its types are checked, and nothing is held to be required,
    too long or unknown.

    Attributes:
        eerste_aanvrager: Deprecated by the vendor; ``eerste_aanvrager_particulier`` replaces it.
        toonindigimap: Whether the customer sees it in his own environment.
    """

    OPEN: ClassVar[bool] = True

    portefeuille: Portefeuille | str | None = None
    omschrijving: Short | None = None
    status: Reference | None = None
    bestaande_propositie: Reference | None = None
    propositietype: Propositietype | str | None = None
    afgesloten_door: Reference | None = None
    acceptant: Reference | None = None
    acceptant_workflowgroep: Reference | None = None
    dossier_verantwoordelijke: Reference | None = None
    dossier_verantwoordelijke_workflowgroep: Reference | None = None
    bronvermelding: Reference | None = None
    aanbrenger_persoon: Reference | None = None
    aanbrenger_organisatie: Reference | None = None
    offertenummer: Short | None = None
    renteaanbod_aangevraagd: Date | None = None
    ontbindende_voorwaarden: Date | None = None
    passeerdatum: Date | None = None
    passeerdatum_definitief: bool | None = None
    ontvangst_renteaanbod: Date | None = None
    einde_tekendatum_renteaanbod: Date | None = None
    verloopdatum_renteaanbod: Date | None = None
    getekend_renteaanbod_ontvangen: Date | None = None
    getekend_renteaanbod_naar_maatschappij: Date | None = None
    dossier_compleet: Date | None = None
    dossier_compleet_naar_maatschappij: Date | None = None
    finaal_akkoord: Date | None = None
    ontvangst_hypotheekaanbod: Date | None = None
    einde_tekendatum_hypotheekaanbod: Date | None = None
    verloopdatum_hypotheekaanbod: Date | None = None
    getekend_hypotheekaanbod_ontvangen: Date | None = None
    getekend_hypotheekaanbod_naar_maatschappij: Date | None = None
    dossier_naar_notaris: Date | None = None
    ontvangst_afrekening: Date | None = None
    afrekening_gecontroleerd: Date | None = None
    einddatum_verlenging: Date | None = None
    verhuisdatum: Date | None = None
    afgelegd: Date | None = None
    aanvragers_particulier: References | None = None
    aanvrager_zakelijk: Reference | None = None
    eerste_aanvrager: Reference | None = None
    eerste_aanvrager_zakelijk: Reference | None = None
    eerste_aanvrager_particulier: Reference | None = None
    maatschappij: Reference | None = None
    inkoop_via: Reference | None = None
    hoofdsom: AnyNumber | None = None
    norm: AnyText | None = None
    borgtochtprovisie_nhg: AnyNumber | None = None
    risicoklasse: AnyNumber | None = None
    risicoklassebepaling: AnyText | None = None
    inschrijving: AnyNumber | None = None
    bankgarantie_benodigd: AnyText | None = None
    bankgarantie: AnyNumber | None = None
    bankgarantie_steldatum: Date | None = None
    eenmalige_vergoeding: AnyNumber | None = None
    koopsom_woon_aov: AnyNumber | None = None
    koopsubsidie: bool | None = None
    koopsubsidie_dossiercode: AnyText | None = None
    koopsubsidie_totale_contante_waarde: AnyNumber | None = None
    koopsubsidie_bedrag: AnyNumber | None = None
    koopsubsidie_bedrag_premietermijn: AnyText | None = None
    starterslening: bool | None = None
    starterslening_bedrag: AnyNumber | None = None
    bestaande_hypotheek: bool | None = None
    bestaande_hypotheek_hoofdsom_box1: AnyNumber | None = None
    bestaande_hypotheek_hoofdsom_box3: AnyNumber | None = None
    bestaande_hypotheek_startdatum: Date | None = None
    bestaande_hypotheek_rente: AnyNumber | None = None
    bestaande_hypotheek_boeterente: AnyNumber | None = None
    bestaande_hypotheek_inschrijving: AnyNumber | None = None
    bestaande_hypotheek_norm: AnyText | None = None
    bestaande_hypotheek_maatschappij: AnyText | None = None
    notaris: Reference | None = None
    verkopende_makelaar: Reference | None = None
    taxerende_makelaar: Reference | None = None
    onderpand: Reference | None = None
    correspondentieadres: Reference | None = None
    toelichting: AnyText | None = None
    toonindigimap: bool | None = None
    gearchiveerd: bool | None = None
