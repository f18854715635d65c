"""The description of an API for the rest of the package, and the interface that harvests need.

Each API's package holds a module ``spec`` with one :class:`~elements_procura.spec.api.ApiSpec`
named ``SPEC``; :mod:`elements_procura.registry` knows where those are. Nothing above the two
packages names an API: it goes through the registry. Names are imported on first use.
"""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.spec.api import *
    from elements_procura.spec.harvest import *
    from elements_procura.spec.options import *
    from elements_procura.spec.settings import *
    from elements_procura.spec.shapes import *
else:
    __getattr__, __dir__ = lazy(__name__, "api", "options", "shapes", "harvest", "settings")
