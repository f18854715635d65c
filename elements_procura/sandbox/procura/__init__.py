"""The sandbox of Procura: the server as it behaves, not as it is documented.

:class:`elements_procura.sandbox.ProcuraSandbox` is made and used as the one of Elements; its
``truth`` is what a client must have got.
"""

from typing import TYPE_CHECKING

from elements_procura._moved import Getter, moved

if TYPE_CHECKING:
    from elements_procura.sandbox.procura.server import ProcuraSandbox

__all__ = ["ProcuraSandbox"]

__getattr__: Getter = moved(__name__, {"ProcuraSandbox": "elements_procura.sandbox"})
