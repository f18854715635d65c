"""Relocations: within the municipality, from another one, and consent to them."""

from collections.abc import Coroutine
from typing import Any

from elements_procura.procura._api import ProcuraResource
from elements_procura.procura._create import GENERATED, Cases, Reference
from elements_procura.procura._endpoint import endpoint
from elements_procura.procura.models.enums import DossierType
from elements_procura.procura.models.relatives import Relatives
from elements_procura.procura.models.relocations import (
    ConsentBody,
    InterRelocation,
    InterRelocationBody,
    IntraRelocation,
    IntraRelocationBody,
)
from elements_procura.procura.relatives import about
from elements_procura.schema.sealed import Json, sealed

__all__ = ["InterRelocations", "IntraRelocations", "Relocations"]


class IntraRelocations(Cases[IntraRelocation]):
    """Relocations within the municipality."""

    @endpoint("POST", "/api/v1/relocations/intra")
    @sealed
    async def add(
        self,
        body: IntraRelocationBody | Json,
        *,
        reference: Reference = GENERATED,
        validate: bool = True,
        settle: float | None = None,
    ) -> IntraRelocation:
        """File a relocation within the municipality, exactly once.

        No client can rule out two cases where a first attempt is stored later than both waits, or
        where two callers use one reference at the same moment. When noticed, that raises
        :class:`OutcomeUnknown` (docs/night.md, "Writes").

        Args:
            body: The relocation.
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
            IntraRelocationBody,
            IntraRelocation,
            DossierType.INTRA_MUN_RELOCATION,
            reference=reference,
            validate=validate,
            settle=settle,
        )

    @endpoint("GET", "/api/v1/relocations/intra/{dossierId}")
    @sealed
    async def get(self, dossier_id: str) -> IntraRelocation:
        """One relocation within the municipality, by its id or a reference."""
        return await self._api.fetch(self._at(dossierId=dossier_id), IntraRelocation)

    @endpoint("POST", "/api/v1/relocations/intra/consent")
    @sealed
    async def consent(self, body: ConsentBody | Json, *, validate: bool = True) -> None:
        """Consent to a relocation, or decline it. Never repeated."""
        await self._api.submit(self._at("consent"), body, ConsentBody, validate=validate)


class InterRelocations(Cases[InterRelocation]):
    """Relocations from another municipality."""

    @endpoint("POST", "/api/v1/relocations/inter")
    @sealed
    async def add(
        self,
        body: InterRelocationBody | Json,
        *,
        reference: Reference = GENERATED,
        validate: bool = True,
        settle: float | None = None,
    ) -> InterRelocation:
        """File a relocation from another municipality, exactly once.

        No client can rule out two cases where a first attempt is stored later than both waits, or
        where two callers use one reference at the same moment. When noticed, that raises
        :class:`OutcomeUnknown` (docs/night.md, "Writes").

        Args:
            body: The relocation.
            reference: As for a relocation within the municipality.
            validate: Whether the body is checked, and citizen numbers are padded.
            settle: Seconds to wait before it is sent once more; by default as the client has it.

        Raises:
            OutcomeUnknown: Nobody knows whether it exists, or it exists twice: look for
                ``error.reference``.
            ElementsProcuraError: It was not filed; the class says why.
        """
        return await self._create(
            body,
            InterRelocationBody,
            InterRelocation,
            DossierType.INTER_MUN_RELOCATION,
            reference=reference,
            validate=validate,
            settle=settle,
        )

    @endpoint("GET", "/api/v1/relocations/inter/{dossierId}")
    @sealed
    async def get(self, dossier_id: str) -> InterRelocation:
        """One relocation from another municipality, by its id or a reference."""
        return await self._api.fetch(self._at(dossierId=dossier_id), InterRelocation)

    @endpoint("POST", "/api/v1/relocations/inter/consent")
    @sealed
    async def consent(self, body: ConsentBody | Json, *, validate: bool = True) -> None:
        """Consent to a relocation, or decline it. Never repeated."""
        await self._api.submit(self._at("consent"), body, ConsentBody, validate=validate)


class Relocations(ProcuraResource):
    """Relocations of both kinds."""

    @property
    def intra(self) -> IntraRelocations:
        """Relocations within the municipality."""
        return IntraRelocations(self._api, self._at("intra"))

    @property
    def inter(self) -> InterRelocations:
        """Relocations from another municipality."""
        return InterRelocations(self._api, self._at("inter"))

    # Not async: rule 2 of elements_procura.secret.
    @endpoint("GET", "/api/v1/relocations/info/relatives/{bsn}")
    def relatives(self, bsn: str, *, validate: bool = True) -> Coroutine[Any, Any, Relatives]:
        """The relatives who could move along.

        Deprecated by the vendor: ``procura.relatives`` returns more.

        Args:
            bsn: Citizen number (BSN) of the person.
            validate: Whether citizen numbers are checked, and padded to nine digits.
        """
        path = self._at("info", "relatives")
        return self._api.ask(about(self._api, path, bsn, validate=validate), Relatives)
