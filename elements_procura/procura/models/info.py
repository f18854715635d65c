"""The server's version."""

import attrs

from elements_procura.schema.model import Model

__all__ = ["Info"]


@attrs.define(eq=False, repr=False, kw_only=True)
class Info(Model):
    """Version and time of building, both as text."""

    version: str | None = None
    build_time: str | None = None
