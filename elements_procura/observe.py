"""Watching what a client does: :class:`Observer` and what it is called with."""

from elements_procura.core.observe import Call, Observer

__all__ = ["Call", "Observer"]
