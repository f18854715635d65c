"""The documented choices, one enumeration each. Their values are what goes over the wire."""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.elements.choices.banken import Bank
    from elements_procura.elements.choices.bezittingen import (
        Alarminstallatie,
        BootType,
        FietsType,
        KostbaarheidType,
        OverigeType,
        Plaats,
        VoertuigType,
    )
    from elements_procura.elements.choices.contact import (
        Adrescategorie,
        Adrestype,
        Emailadrestype,
        Rekeningtype,
        Telefoontype,
    )
    from elements_procura.elements.choices.klanten import (
        BurgerlijkeStaat,
        Geslacht,
        MedewerkerBurgerlijkeStaat,
        Organisatietype,
        Rol,
    )
    from elements_procura.elements.choices.landen import Land
    from elements_procura.elements.choices.nationaliteiten import Nationaliteit
    from elements_procura.elements.choices.producten import (
        Aanvragerrol,
        Financieringsdoel,
        Kortingtype,
        Portefeuille,
        Propositietype,
        Provisietype,
        Termijn,
    )
    from elements_procura.elements.choices.taken import (
        Prioriteit,
        Taaktype,
        Verantwoordelijke,
    )

__all__ = [
    "Aanvragerrol",
    "Adrescategorie",
    "Adrestype",
    "Alarminstallatie",
    "Bank",
    "BootType",
    "BurgerlijkeStaat",
    "Emailadrestype",
    "FietsType",
    "Financieringsdoel",
    "Geslacht",
    "Kortingtype",
    "KostbaarheidType",
    "Land",
    "MedewerkerBurgerlijkeStaat",
    "Nationaliteit",
    "Organisatietype",
    "OverigeType",
    "Plaats",
    "Portefeuille",
    "Prioriteit",
    "Propositietype",
    "Provisietype",
    "Rekeningtype",
    "Rol",
    "Taaktype",
    "Telefoontype",
    "Termijn",
    "Verantwoordelijke",
    "VoertuigType",
]

__getattr__, __dir__ = lazy(
    __name__,
    {
        "banken": ("Bank",),
        "bezittingen": (
            "Alarminstallatie",
            "BootType",
            "FietsType",
            "KostbaarheidType",
            "OverigeType",
            "Plaats",
            "VoertuigType",
        ),
        "contact": (
            "Adrescategorie",
            "Adrestype",
            "Emailadrestype",
            "Rekeningtype",
            "Telefoontype",
        ),
        "klanten": (
            "BurgerlijkeStaat",
            "Geslacht",
            "MedewerkerBurgerlijkeStaat",
            "Organisatietype",
            "Rol",
        ),
        "landen": ("Land",),
        "nationaliteiten": ("Nationaliteit",),
        "producten": (
            "Aanvragerrol",
            "Financieringsdoel",
            "Kortingtype",
            "Portefeuille",
            "Propositietype",
            "Provisietype",
            "Termijn",
        ),
        "taken": ("Prioriteit", "Taaktype", "Verantwoordelijke"),
    },
)
