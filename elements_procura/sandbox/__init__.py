"""A real HTTP server of the Elements API on this machine, for tests and for the demo.

It shares no code with the client on purpose: one mistake should not be made on both sides.

    async with Sandbox(dossiers=20, seed=1, limits="off") as sandbox:
        ...  # a client of sandbox.url with sandbox.credentials
        sandbox.truth(5526)  # what it must have got, byte by byte
        sandbox.records  # what it wrote, whatever it was told
        sandbox.set_weather("bad")  # what the world does to its answers
"""

from elements_procura.sandbox.core.faults import Fault
from elements_procura.sandbox.core.limits import Limits
from elements_procura.sandbox.core.log import LogEntry, Record
from elements_procura.sandbox.core.weather import Weather
from elements_procura.sandbox.elements.server import Sandbox
from elements_procura.sandbox.elements.tokens import TokenEvent
from elements_procura.sandbox.procura.server import ProcuraSandbox

__all__ = [
    "Fault",
    "Limits",
    "LogEntry",
    "ProcuraSandbox",
    "Record",
    "Sandbox",
    "TokenEvent",
    "Weather",
]
