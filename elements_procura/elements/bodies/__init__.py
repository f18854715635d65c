"""Bodies of the writing calls, one class each; loaded on first use."""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.elements.bodies.bezittingen import (
        OverigeBody,
        VoertuigBody,
    )
    from elements_procura.elements.bodies.contact import (
        AdresBody,
        EmailadresBody,
        ExistingAdresBody,
        ExistingRekeningnummerBody,
        RekeningnummerBody,
        TelefoonnummerBody,
    )
    from elements_procura.elements.bodies.klantdossiers import (
        ActieBody,
        CorrespondentieadresBody,
        KlantdossierBody,
        PropositieBody,
    )
    from elements_procura.elements.bodies.klanten import (
        ExistingMedewerkerBody,
        KenmerkBody,
        MedewerkerBody,
        ParticulierBody,
        ZakelijkBody,
    )
    from elements_procura.elements.bodies.producten import (
        ConsumptiefkredietBody,
        ContractBody,
        DeelBody,
        DienstBody,
        HypotheekBody,
        OnderdeelBody,
    )
    from elements_procura.elements.bodies.registraties import RegistratieBody
    from elements_procura.elements.bodies.taken import (
        TaakBody,
        WorkflowBody,
    )

__all__ = [
    "ActieBody",
    "AdresBody",
    "ConsumptiefkredietBody",
    "ContractBody",
    "CorrespondentieadresBody",
    "DeelBody",
    "DienstBody",
    "EmailadresBody",
    "ExistingAdresBody",
    "ExistingMedewerkerBody",
    "ExistingRekeningnummerBody",
    "HypotheekBody",
    "KenmerkBody",
    "KlantdossierBody",
    "MedewerkerBody",
    "OnderdeelBody",
    "OverigeBody",
    "ParticulierBody",
    "PropositieBody",
    "RegistratieBody",
    "RekeningnummerBody",
    "TaakBody",
    "TelefoonnummerBody",
    "VoertuigBody",
    "WorkflowBody",
    "ZakelijkBody",
]

__getattr__, __dir__ = lazy(
    __name__,
    {
        "bezittingen": ("OverigeBody", "VoertuigBody"),
        "contact": (
            "AdresBody",
            "EmailadresBody",
            "ExistingAdresBody",
            "ExistingRekeningnummerBody",
            "RekeningnummerBody",
            "TelefoonnummerBody",
        ),
        "klantdossiers": (
            "ActieBody",
            "CorrespondentieadresBody",
            "KlantdossierBody",
            "PropositieBody",
        ),
        "klanten": (
            "ExistingMedewerkerBody",
            "KenmerkBody",
            "MedewerkerBody",
            "ParticulierBody",
            "ZakelijkBody",
        ),
        "producten": (
            "ConsumptiefkredietBody",
            "ContractBody",
            "DeelBody",
            "DienstBody",
            "HypotheekBody",
            "OnderdeelBody",
        ),
        "registraties": ("RegistratieBody",),
        "taken": ("TaakBody", "WorkflowBody"),
    },
)
