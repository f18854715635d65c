"""Run tenants: one in any thread or process, or many on one loop.

Nothing here sets a signal handler, configures logging or reads a command line. Names are imported
on first use.
"""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.fleet.events import FleetEvent, QuotaShort, Sleeping
    from elements_procura.fleet.job import Job
    from elements_procura.fleet.outcome import Exit, Outcome
    from elements_procura.fleet.run import harvest_tenants, run_tenant
    from elements_procura.fleet.secrets import EnvSecret, FileSecret
    from elements_procura.fleet.spec import TenantSpec

__all__ = [
    "EnvSecret",
    "Exit",
    "FileSecret",
    "FleetEvent",
    "Job",
    "Outcome",
    "QuotaShort",
    "Sleeping",
    "TenantSpec",
    "harvest_tenants",
    "run_tenant",
]

__getattr__, __dir__ = lazy(
    __name__,
    {
        "events": ("FleetEvent", "QuotaShort", "Sleeping"),
        "job": ("Job",),
        "outcome": ("Exit", "Outcome"),
        "run": ("harvest_tenants", "run_tenant"),
        "secrets": ("EnvSecret", "FileSecret"),
        "spec": ("TenantSpec",),
    },
)
