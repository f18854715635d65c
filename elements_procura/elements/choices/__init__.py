"""The documented choices, one enumeration each. Their values are what goes over the wire."""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.elements.choices.banken import *
    from elements_procura.elements.choices.bezittingen import *
    from elements_procura.elements.choices.contact import *
    from elements_procura.elements.choices.klanten import *
    from elements_procura.elements.choices.landen import *
    from elements_procura.elements.choices.nationaliteiten import *
    from elements_procura.elements.choices.producten import *
    from elements_procura.elements.choices.taken import *
else:
    __getattr__, __dir__ = lazy(
        __name__,
        "banken",
        "bezittingen",
        "contact",
        "klanten",
        "landen",
        "nationaliteiten",
        "producten",
        "taken",
    )
