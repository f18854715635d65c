"""Bodies of the writing calls, one class each; loaded on first use."""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.elements.bodies.bezittingen import *
    from elements_procura.elements.bodies.contact import *
    from elements_procura.elements.bodies.klantdossiers import *
    from elements_procura.elements.bodies.klanten import *
    from elements_procura.elements.bodies.producten import *
    from elements_procura.elements.bodies.registraties import *
    from elements_procura.elements.bodies.taken import *
else:
    __getattr__, __dir__ = lazy(
        __name__,
        "bezittingen",
        "contact",
        "klantdossiers",
        "klanten",
        "producten",
        "registraties",
        "taken",
    )
