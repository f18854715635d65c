"""Records of Elements, one module per resource; no wire spelling in here."""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.elements.models.adviseurs import *
    from elements_procura.elements.models.bankgaranties import *
    from elements_procura.elements.models.bezittingen import *
    from elements_procura.elements.models.consumptiefkredieten import *
    from elements_procura.elements.models.contact import *
    from elements_procura.elements.models.contracten import *
    from elements_procura.elements.models.diensten import *
    from elements_procura.elements.models.hypotheken import *
    from elements_procura.elements.models.kantoor import *
    from elements_procura.elements.models.klantdossiers import *
    from elements_procura.elements.models.klanten import *
    from elements_procura.elements.models.productdetail import *
    from elements_procura.elements.models.producten import *
    from elements_procura.elements.models.profielfoto import *
    from elements_procura.elements.models.registraties import *
else:
    __getattr__, __dir__ = lazy(
        __name__,
        "adviseurs",
        "bezittingen",
        "contact",
        "kantoor",
        "klantdossiers",
        "klanten",
        "bankgaranties",
        "consumptiefkredieten",
        "contracten",
        "diensten",
        "hypotheken",
        "productdetail",
        "producten",
        "profielfoto",
        "registraties",
    )
