"""The outcomes of tenants whose worker or scheduler did not say how they ended: their stores do."""

from elements_procura import _version
from elements_procura.fleet._attended import outcome_by_store
from elements_procura.fleet.exits import Exit
from elements_procura.fleet.outcome import Outcome
from elements_procura.fleet.spec import TenantSpec

LOST = "fleet.scheduler"
"""The code of a tenant whose scheduler is gone, or could not be reached, or has no workers."""
UNABLE = "fleet.worker"
"""The code of a tenant that a worker could not begin."""


def left(spec: TenantSpec) -> Outcome:
    """The outcome after a stop of a tenant whose worker did not end in time."""
    return outcome_by_store(spec, Exit.INTERRUPTED)


def gone(spec: TenantSpec) -> Outcome:
    """The outcome of a tenant whose scheduler has ended."""
    return _lost(spec, "the Dask scheduler is gone")


def unreachable(spec: TenantSpec) -> Outcome:
    """The outcome of a tenant whose scheduler was never there."""
    return _lost(spec, "the Dask scheduler cannot be reached")


def distrusted(spec: TenantSpec) -> Outcome:
    """The outcome of a tenant whose scheduler's certificate, or ours for it, proves nothing."""
    return outcome_by_store(
        spec,
        Exit.DOWN,
        error=LOST,
        message="the Dask scheduler and this process do not accept each other's certificates",
        hint="Both have to be signed by the authority in DASK_DISTRIBUTED__COMM__TLS__CA_FILE,"
        " and not to have expired; then give the same command again",
    )


def idle(spec: TenantSpec) -> Outcome:
    """The outcome of a tenant whose scheduler has nobody to give it to."""
    start = "Start one (dask worker ADDRESS --nthreads 50 --memory-limit 0)"
    return _lost(spec, "the Dask cluster has no workers", start)


def _lost(spec: TenantSpec, message: str, first: str = "Start it") -> Outcome:
    return outcome_by_store(
        spec,
        Exit.DOWN,
        error=LOST,
        message=message,
        hint=f"{first}, and give the same command again: every tenant goes on from its store",
    )


def unable(spec: TenantSpec, error: Exception) -> Outcome:
    """The outcome of a tenant whose worker cannot run what it was sent.

    Args:
        spec: The tenant.
        error: Of the worker's Python; its text may be anything and is left out.
    """
    return outcome_by_store(
        spec,
        Exit.FAILED,
        error=UNABLE,
        message=f"a worker could not begin it: {type(error).__name__}",
        hint=f"Install elements-procura {_version.__version__} with the extra fleet on all workers",
    )
