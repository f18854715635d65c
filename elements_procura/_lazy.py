"""Packages that hand out names of their modules and load a module when one is asked for.

A name stands once: in ``__all__`` of the module that defines it. The package lists its modules,
for type checkers as ``from … import *`` and for the interpreter as the arguments of :func:`lazy`::

    if TYPE_CHECKING:
        from elements_procura.procura.client import *
        from elements_procura.procura.models import *
    else:
        __getattr__, __dir__ = lazy(__name__, "models", "client:ProcuraClient")

Type checkers must not see ``__getattr__``: with it, every name would exist.

A module that needs another one only now and then names it likewise, and uses it as if it had
imported it::

    if TYPE_CHECKING:
        from elements_procura.schema import hal
    else:
        hal = later("elements_procura.schema.hal")
"""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy(
    package: str, *homes: str, renamed: Mapping[str, str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the ``__getattr__`` and ``__dir__`` of a package.

    Args:
        package: Its name.
        homes: Modules below it, each with ``__all__``, in the order in which they are loaded until
            a name is found. One that takes long to load is given as ``module:Name``, and is loaded
            for that name only.
        renamed: By old name, the new one: the old names work for one more release.
    """
    modules = [home for home in homes if ":" not in home]
    single = {name: home for home, _, name in (each.partition(":") for each in homes) if name}

    def names() -> list[str]:
        return sorted({*single, *(name for home in modules for name in _load(package, home)[0])})

    def find(name: str) -> Any:
        if renamed is not None and name in renamed:
            from elements_procura._moved import warn_renamed  # noqa: PLC0415 - loaded on need

            warn_renamed(name, renamed[name])
            return find(renamed[name])
        if name == "__all__":
            return names()
        # Importing a submodule asks the package for its name first: that must load nothing else.
        if not name.startswith("_") and importlib.util.find_spec(f"{package}.{name}") is None:
            for home in [single[name]] if name in single else modules:
                public, module = _load(package, home)
                if name in public:
                    found = getattr(module, name)
                    setattr(sys.modules[package], name, found)  # from now on without this search
                    return found
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return find, names


class later:  # noqa: N801 - it stands where an import would
    """A module that is loaded when something in it is asked for first.

    Args:
        module: Its whole name.
    """

    def __init__(self, module: str) -> None:
        self.__name__ = module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # somebody looks around, and needs nothing
            raise AttributeError(name)
        found = getattr(importlib.import_module(self.__name__), name)
        setattr(self, name, found)  # from now on without this search
        return found

    def __repr__(self) -> str:
        return f"<{self.__name__}, loaded when it is needed>"


def load(*modules: object) -> None:
    """Load those of ``modules`` that are :class:`later`."""
    for module in modules:
        if isinstance(module, later):
            importlib.import_module(module.__name__)


def _load(package: str, home: str) -> tuple[list[str], Any]:
    module = importlib.import_module(f"{package}.{home}")
    return module.__all__, module
