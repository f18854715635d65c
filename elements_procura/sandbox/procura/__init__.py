"""The sandbox of Procura: the server as it behaves, not as it is documented.

    async with ProcuraSandbox(dossiers=60, seed=1) as sandbox:
        ...  # a client of sandbox.url with sandbox.credentials
        sandbox.truth(sandbox.dossier_ids[0])  # what it must have got, byte by byte
"""

from elements_procura.sandbox.procura.server import ProcuraSandbox

__all__ = ["ProcuraSandbox"]
