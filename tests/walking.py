"""All modules of the package that the extra ``test`` can import."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import elements_procura

_OF_DLT = (
    "elements_procura.export.warehouse.dlt_dataset",
    "elements_procura.export.warehouse.dlt_target",
)
"""They need the extra ``dlt``; the tests of session ``fleet`` import them."""


def modules_below(
    package: ModuleType = elements_procura, *, but: tuple[str, ...] = ()
) -> Iterator[ModuleType]:
    """Import every module below a package, but those whose names begin so."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.startswith((*_OF_DLT, *but)):
            yield importlib.import_module(found.name)
