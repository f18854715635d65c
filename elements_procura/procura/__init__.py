"""Procura / vrijBRP Dossiers: one coroutine per documented endpoint.

Bodies and records are in ``procura.models``, by the name of their resource.
"""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.procura._create import MADE, Reference
    from elements_procura.procura.client import ProcuraClient
    from elements_procura.procura.dataimport import raise_for_findings

__all__ = ["MADE", "ProcuraClient", "Reference", "raise_for_findings"]

__getattr__, __dir__ = lazy(
    __name__,
    {
        "_create": ("MADE", "Reference"),
        "client": ("ProcuraClient",),
        "dataimport": ("raise_for_findings",),
    },
)
