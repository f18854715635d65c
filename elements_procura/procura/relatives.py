"""Relatives of somebody."""

import attrs

from elements_procura._http import Request, Timeouts
from elements_procura.paths import Path
from elements_procura.procura._api import ProcuraApi, ProcuraResource
from elements_procura.procura._bsn import argument
from elements_procura.procura.models.relatives import Relatives

_PATIENT = Timeouts(total=300.0, read=280.0)


class RelativesResource(ProcuraResource):
    """Relatives of somebody, and what can be done for them."""

    async def get(self, bsn: str, *, validate: bool = True) -> Relatives:
        """Partner, children and parents: ``GET /api/v1/relatives/{bsn}``.

        Slow: the server asks for one relative after the other. So it gets minutes to answer,
        unless the client or :meth:`ProcuraClient.with_options` sets other timeouts.
        """
        path = self._at(bsn=argument(bsn, "bsn", validate=validate))
        return await self._api.ask(patient(self._api, path), Relatives)


def patient(api: ProcuraApi, path: Path) -> Request:
    """``GET path`` with minutes to answer, unless timeouts were set."""
    request = api.request("GET", path)
    return attrs.evolve(request, timeouts=_PATIENT) if request.timeouts == Timeouts() else request
