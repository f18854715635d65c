"""What an API hands out to everything above it, and what a harvest asks of it.

Each API's package holds a module ``spec`` with one :class:`~elements_procura.spec.api.ApiSpec`
named ``SPEC``; :mod:`elements_procura.registry` knows where those are. Nothing above the two
packages names an API: it goes through the registry.
"""

from elements_procura.spec.api import ApiSpec

__all__ = ["ApiSpec"]
