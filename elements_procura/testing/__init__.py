"""What the pytest plugin stands on, for tests that are set up otherwise.

Each name is loaded on first use: :class:`MockedWire` needs ``aioresponses``.
"""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.testing.mocked_wire import *
    from elements_procura.testing.quick_clock import *
else:
    __getattr__, __dir__ = lazy(__name__, "quick_clock:QuickClock", "mocked_wire:MockedWire")
