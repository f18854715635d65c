"""Run tenants: one in any thread or process, or many on one loop.

Nothing here sets a signal handler, configures logging or reads a command line. Names are imported
on first use.
"""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.fleet.events import *
    from elements_procura.fleet.exits import *
    from elements_procura.fleet.job import *
    from elements_procura.fleet.outcome import *
    from elements_procura.fleet.run import *
    from elements_procura.fleet.secrets import *
    from elements_procura.fleet.spec import *
    from elements_procura.fleet.stop import *
else:
    __getattr__, __dir__ = lazy(
        __name__,
        "secrets",
        "spec",
        "job",
        "exits",
        "outcome",
        "events",
        "stop",
        "run:harvest_tenants",
        "run:run_tenant",
        renamed={"Sleeping": "Sleep"},
    )
