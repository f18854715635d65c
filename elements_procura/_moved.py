"""Names that have moved or been renamed; the old ones work for one more release."""

import importlib
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any

Getter = Callable[[str], Any]
"""The ``__getattr__`` of a module."""


def moved(old: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a module whose names have moved.

    Args:
        old: The module's own name.
        homes: By name, the public module that has it now.
    """

    def getattribute(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {old!r} has no attribute {name!r}")
        warnings.warn(
            f"import {name} from {homes[name]}: {old} will be removed in the next release",
            DeprecationWarning,
            stacklevel=2,
        )
        return getattr(importlib.import_module(homes[name]), name)

    return getattribute


def warn_renamed(old: str, new: str) -> None:
    """Warn that a name has changed; the caller's caller asked for the old one."""
    warnings.warn(
        f"{old} is {new} now; the old name will be removed in the next release",
        DeprecationWarning,
        stacklevel=3,
    )


def renamed(module: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a module whose names have changed.

    Args:
        module: The module's own name.
        names: By old name, the new one.
    """

    def getattribute(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        warn_renamed(name, names[name])
        return getattr(sys.modules[module], names[name])

    return getattribute
