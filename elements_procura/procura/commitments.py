"""Commitments: marriages and registered partnerships."""

from collections.abc import Coroutine
from typing import Any

import attrs

from elements_procura.core.http import Request
from elements_procura.errors import InputError
from elements_procura.paths import Path
from elements_procura.procura._create import GENERATED, Cases, Reference
from elements_procura.procura._endpoint import endpoint
from elements_procura.procura._looking import make_sure
from elements_procura.procura._proof import CANCELLED, REPLACED
from elements_procura.procura.models.commitments import CancelBody, Commitment, CommitmentBody
from elements_procura.procura.models.enums import DossierType
from elements_procura.schema.sealed import Json, sealed
from elements_procura.secret import veiled

__all__ = ["Commitments"]


class Commitments(Cases[Commitment]):
    """Marriages and registered partnerships."""

    @endpoint("POST", "/api/v1/commitments")
    @sealed
    async def add(
        self,
        body: CommitmentBody | Json,
        *,
        reference: Reference = GENERATED,
        validate: bool = True,
        settle: float | None = None,
    ) -> Commitment:
        """File a commitment, exactly once.

        No client can rule out two cases where a first attempt is stored later than both waits, or
        where two callers use one reference at the same moment. When noticed, that raises
        :class:`OutcomeUnknown` (docs/night.md, "Writes").

        Args:
            body: The commitment. Location, options and officials must be known to the server.
            reference: An id of your own by which it can be found; by default one is made. None
                sends none, and then a lost answer is never looked into.
            validate: Whether the body is checked, and citizen numbers are padded.
            settle: Seconds to wait before it is sent once more; by default as the client has it.

        Raises:
            OutcomeUnknown: Nobody knows whether it exists, or it exists twice: look for
                ``error.reference``.
            ElementsProcuraError: It was not filed; the class says why.
        """
        return await self._create(
            body,
            CommitmentBody,
            Commitment,
            DossierType.COMMITMENT,
            reference=reference,
            validate=validate,
            settle=settle,
        )

    @endpoint("POST", "/api/v1/commitments/{dossierId}")
    @sealed
    async def update(
        self,
        dossier_id: str,
        body: CommitmentBody | Commitment | Json,
        *,
        validate: bool = True,
    ) -> Commitment:
        """Replace a commitment as a whole. Never repeated.

        Parts missing from ``body`` are removed: location, officials, witnesses, names. So read it,
        change it, and send it back: what :meth:`get` returned is a body as well, and so is the JSON
        that it stands for. The partners cannot be changed; start date and references stay as they
        are.
        """
        path = self._at(dossierId=dossier_id)
        return await self._api.post(
            path, body, CommitmentBody, Commitment, validate=validate, success=REPLACED
        )

    @endpoint("GET", "/api/v1/commitments/{dossierId}")
    @sealed
    async def get(self, dossier_id: str) -> Commitment:
        """One commitment, by its id or a reference."""
        return await self._api.fetch(self._at(dossierId=dossier_id), Commitment)

    # Not async: rule 2 of elements_procura.secret.
    @endpoint("POST", "/api/v1/commitments/{dossierId}/cancel")
    def cancel(
        self, dossier_id: str, *, message: str | None = None, look: bool = True
    ) -> Coroutine[Any, Any, None]:
        """Cancel a commitment. Never repeated.

        The server cancels whatever dossier has this id, of any kind. So its kind is checked first.

        Args:
            dossier_id: Its id or a reference.
            message: The reason. Without it the request has no body, as the server requires.
            look: Whether to make sure that it is a commitment, which takes one request more.

        Raises:
            NotFound: The dossier does not exist. Nothing was cancelled.
            BadRequest: It is of another kind. Nothing was cancelled.
            ElementsProcuraError: See :meth:`ProcuraApi.send`.
        """
        dossier_id, message = veiled(dossier_id), veiled(message)
        own = self._at(dossierId=dossier_id)
        path = own.at("cancel")
        if message is None:
            bare = self._api.request("POST", path)
            return self._cancel(attrs.evolve(bare, success=CANCELLED), own if look else None)
        body = CancelBody(message=message)
        request = self._api.writing(
            "POST", path, body, CancelBody, validate=False, success=CANCELLED
        )
        return self._cancel(request, own if look else None)

    async def _cancel(self, request: Request | InputError, look_at: Path | None) -> None:
        if look_at is not None and isinstance(request, Request):
            self._api.session.check(request)
            await make_sure(self._api, look_at, Commitment, DossierType.COMMITMENT)
        await self._api.send(request)
