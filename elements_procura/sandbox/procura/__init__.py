"""The sandbox of Procura: the server as it behaves, not as it is documented.

It is made and used as the one of Elements; ``truth`` tells what a client must have got.
"""

from elements_procura.sandbox.procura.server import ProcuraSandbox

__all__ = ["ProcuraSandbox"]
