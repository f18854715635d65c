"""The registry of APIs. Packages above the APIs' own reach them only through it."""

import importlib
from typing import TYPE_CHECKING

from elements_procura.errors import InputError
from elements_procura.spec.api import ApiSpec

if TYPE_CHECKING:
    from elements_procura.spec.harvest import HarvestSpec

__all__ = ["names", "register", "spec_of", "specs"]

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


def harvest_spec_of(name: str | None) -> "HarvestSpec":
    """The dossiers of an API, as harvests, exports, plans and drift reports see them.

    Args:
        name: The API's, as a store records it; None for one of a source of your own, of which
            nothing is known.
    """
    from elements_procura.spec.harvest import UNKNOWN

    return UNKNOWN if name is None else spec_of(name).harvest


def api_of_path(path: str) -> str | None:
    """The API that a stored path belongs to: stores of earlier releases do not record theirs.

    Args:
        path: As it was sent.
    """
    return next((spec.name for spec in specs() if path.startswith(f"{spec.root}/")), None)
