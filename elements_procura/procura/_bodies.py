"""Bodies of Procura. Pure."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from elements_procura.errors import BodyFault
from elements_procura.procura._check import checked, dropped, in_texts
from elements_procura.procura.models.common import Case
from elements_procura.schema.body import Bodies, Data
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.structure import Wire

log = logging.getLogger("elements_procura.procura")


class ProcuraBodies(Bodies):
    def __init__(self, wire: Wire) -> None:
        super().__init__({})
        self._wire = wire

    def data(
        self, body: Any, kinds: Sequence[type[Any]], *, validate: bool = True
    ) -> Data | tuple[BodyFault, ...]:
        kind = kinds[0]
        if isinstance(body, Case):
            body = self._wire.to_wire(body)
        if not isinstance(body, kind | Mapping):
            return (BodyFault("$", f"must be a {kind.__name__} or a mapping"),)
        if isinstance(body, Mapping):
            if not validate:
                return dict(body)
            try:
                body = self._wire.structure(in_texts(body, kind), kind)
            except WireFault as fault:
                return (BodyFault(fault.where, str(fault)),)
        if validate:
            found = checked(body)
            if isinstance(found, tuple):
                return found
            body = found
            for where in dropped(body):
                log.warning("the server takes %s of this body and drops it", where)
        return self._wire.to_wire(body)

    def dumped(self, data: Data) -> bytes | tuple[BodyFault, ...]:
        try:
            return orjson.dumps(data)
        except TypeError:
            return (BodyFault("$", "holds a value that JSON has no place for"),)
