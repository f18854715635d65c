"""Faster Forward Elements 1.9.6: one coroutine per documented endpoint.

Client, resources, records, bodies and choices can all be had from here; each is loaded on first
use.
"""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.elements._api import *
    from elements_procura.elements._codes import *
    from elements_procura.elements._contact import *
    from elements_procura.elements._profielfoto import *
    from elements_procura.elements.adviseurs import *
    from elements_procura.elements.bezittingen import *
    from elements_procura.elements.bodies import *
    from elements_procura.elements.choices import *
    from elements_procura.elements.client import *
    from elements_procura.elements.facturen import *
    from elements_procura.elements.kantoor import *
    from elements_procura.elements.klantdossiers import *
    from elements_procura.elements.klanten import *
    from elements_procura.elements.links import *
    from elements_procura.elements.models import *
    from elements_procura.elements.producten import *
    from elements_procura.elements.registraties import *
    from elements_procura.elements.settings import *
    from elements_procura.elements.taken import *
else:
    __getattr__, __dir__ = lazy(
        __name__,
        "models",
        "choices",
        "bodies",
        "_api",
        "_codes",
        "_contact",
        "_profielfoto",
        "adviseurs",
        "bezittingen",
        "facturen",
        "kantoor",
        "klantdossiers",
        "klanten",
        "links",
        "producten",
        "registraties",
        "taken",
        "client:ElementsClient",
        "settings:ElementsSettings",
        renamed={"Created": "CreatedId"},
    )
