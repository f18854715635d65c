"""Both clients without ``await``, for scripts, notebooks, Django and Celery.

::

    with ElementsClient("kantoor", credentials=..., organisation=14830, scopes=[...]) as elements:
        dossier = elements.klantdossiers.get(5526)

They have the names, arguments and results of the asynchronous clients, whose calls they run on an
event loop in a thread of their own. They may be shared among threads.
"""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.sync.elements import ElementsClient as ElementsClient
    from elements_procura.sync.portal import Iteration as Iteration
    from elements_procura.sync.procura import ProcuraClient as ProcuraClient
else:
    __getattr__, __dir__ = lazy(
        __name__, "portal:Iteration", "elements:ElementsClient", "procura:ProcuraClient"
    )
