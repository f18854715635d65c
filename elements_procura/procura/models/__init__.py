"""Records and bodies of Procura, one module per resource; no wire spelling in here."""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.procura.models.births import *
    from elements_procura.procura.models.brp_date import *
    from elements_procura.procura.models.commitments import *
    from elements_procura.procura.models.common import *
    from elements_procura.procura.models.dataimport import *
    from elements_procura.procura.models.deaths import *
    from elements_procura.procura.models.dossiers import *
    from elements_procura.procura.models.enums import *
    from elements_procura.procura.models.info import *
    from elements_procura.procura.models.relatives import *
    from elements_procura.procura.models.relocations import *
    from elements_procura.procura.models.tasks import *
else:
    __getattr__, __dir__ = lazy(
        __name__,
        "births",
        "brp_date",
        "commitments",
        "common",
        "dataimport",
        "deaths",
        "dossiers",
        "enums",
        "info",
        "relatives",
        "relocations",
        "tasks",
    )
