"""Which APIs there are. Everything above the APIs' packages comes by them here."""

import importlib

from elements_procura.errors import InputError
from elements_procura.spec.api import ApiSpec

_HOMES = {
    "elements": "elements_procura.elements.spec",
    "procura": "elements_procura.procura.spec",
}


def names() -> tuple[str, ...]:
    """The names of all APIs, in the order in which commands list them."""
    return tuple(_HOMES)


def spec_of(name: str) -> ApiSpec:
    """The spec of an API.

    Args:
        name: As :func:`names` lists it.

    Raises:
        InputError: The name is unknown.
    """
    if name not in _HOMES:
        raise InputError("unknown API", hint=f"Choose among {', '.join(_HOMES)}")
    spec: ApiSpec = importlib.import_module(_HOMES[name]).SPEC
    return spec


def specs() -> tuple[ApiSpec, ...]:
    """The specs of all APIs."""
    return tuple(map(spec_of, _HOMES))


def register(name: str, module: str) -> None:
    """Add an API of your own; commands know it if this comes before they are imported.

    Args:
        name: Of the API.
        module: Importable, with the API's :class:`~elements_procura.spec.ApiSpec` as ``SPEC``.
    """
    _HOMES[name] = module
