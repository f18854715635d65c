"""Open files: how many a process with tenants needs, and how many it may have."""

import importlib
from typing import Any

from elements_procura.errors import ConfigError

EACH, OWN = 14, 100
"""Files of a tenant (8 of store and count, a connection per place), and of the process."""


def files_needed(tenants: int) -> int:
    """How many files a process with so many tenants may come to hold open."""
    return EACH * tenants + OWN


def files_allowed() -> tuple[int, int] | None:
    """How many files this process may open, and how many at most it may allow itself.

    Returns:
        None where the system has no such limit.
    """
    resource = _resource()
    if resource is None:
        return None
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft, hard = (2**31 if each == resource.RLIM_INFINITY else each for each in limits)
    return soft, hard


def allow_files(tenants: int) -> None:
    """Let this process open the files that so many tenants need; for a program of its own.

    Args:
        tenants: How many.
    """
    allowed, needed = files_allowed(), files_needed(tenants)
    if allowed is not None and allowed[0] < needed:
        resource = _resource()
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, allowed[1]), hard))


def check_files(tenants: int) -> None:
    """Make sure that so many tenants find room.

    Args:
        tenants: How many.

    Raises:
        ConfigError: This process may open too few files.
    """
    allowed, needed = files_allowed(), files_needed(tenants)
    if allowed is not None and allowed[0] < needed:
        raise ConfigError(
            f"{tenants:,} tenants need {needed:,} open files, and {allowed[0]:,} are allowed",
            hint=f"Allow them with `ulimit -n {needed}` (LimitNOFILE= of systemd), or spread the "
            "tenants over processes (--dask local:N)",
        )


def _resource() -> Any:
    try:
        return importlib.import_module("resource")
    except ImportError:  # Windows
        return None
