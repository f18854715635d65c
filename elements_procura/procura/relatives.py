"""Relatives of somebody."""

from collections.abc import Coroutine
from typing import Any

import attrs

from elements_procura.core.http import Request
from elements_procura.core.timeouts import Timeouts
from elements_procura.errors import InputError
from elements_procura.paths import Path
from elements_procura.procura._api import ProcuraApi, ProcuraResource
from elements_procura.procura._bsn import arguments
from elements_procura.procura._endpoint import endpoint
from elements_procura.procura.models.relatives import Relatives

__all__ = ["RelativesResource"]

_PATIENT = Timeouts(total=300.0, read=280.0)


class RelativesResource(ProcuraResource):
    """Relatives of somebody, and the cases that can be started for them."""

    # Not async: rule 2 of elements_procura.secret.
    @endpoint("GET", "/api/v1/relatives/{bsn}")
    def get(self, bsn: str, *, validate: bool = True) -> Coroutine[Any, Any, Relatives]:
        """Partner, children and parents.

        Slow: the server asks for one relative after the other. So it gets minutes to answer,
        unless the client or :meth:`ProcuraClient.with_options` sets other timeouts.

        Args:
            bsn: Citizen number (BSN) of the person.
            validate: Whether citizen numbers are checked, and padded to nine digits.
        """
        return self._api.ask(about(self._api, self._path, bsn, validate=validate), Relatives)


def about(api: ProcuraApi, path: Path, bsn: str, *, validate: bool) -> Request | InputError:
    """``GET {path}/{bsn}`` with minutes to answer, unless timeouts were set."""
    found = arguments({"bsn": bsn}, validate=validate)
    if isinstance(found, InputError):
        return found
    request = api.request("GET", path.at(**found))
    return attrs.evolve(request, timeouts=_PATIENT) if request.timeouts == Timeouts() else request
