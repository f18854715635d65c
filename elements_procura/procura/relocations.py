"""Relocations: within the municipality, from another one, and consent to them."""

from collections.abc import Coroutine
from typing import Any

from elements_procura.procura._api import ProcuraResource
from elements_procura.procura._create import MADE, Cases, Reference
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
from elements_procura.schema.body import Json, sealed


class IntraRelocations(Cases[IntraRelocation]):
    """Relocations within the municipality."""

    @sealed
    async def add(
        self,
        body: IntraRelocationBody | Json,
        *,
        reference: Reference = MADE,
        validate: bool = True,
        settle: float | None = None,
    ) -> IntraRelocation:
        """File one, exactly once: ``POST /api/v1/relocations/intra``.

        No client can rule out two cases where a first attempt is stored later than both waits, or
        where two callers use one reference at the same moment: what is seen of that ends as
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

    @sealed
    async def get(self, dossier_id: str) -> IntraRelocation:
        """One, by its id or a reference: ``GET /api/v1/relocations/intra/{dossierId}``."""
        return await self._api.fetch(self._at(dossierId=dossier_id), IntraRelocation)

    @sealed
    async def consent(self, body: ConsentBody | Json, *, validate: bool = True) -> None:
        """Consent or decline: ``POST /api/v1/relocations/intra/consent``. Never repeated."""
        await self._api.tell(self._at("consent"), body, ConsentBody, validate=validate)


class InterRelocations(Cases[InterRelocation]):
    """Relocations from another municipality."""

    @sealed
    async def add(
        self,
        body: InterRelocationBody | Json,
        *,
        reference: Reference = MADE,
        validate: bool = True,
        settle: float | None = None,
    ) -> InterRelocation:
        """File one, exactly once: ``POST /api/v1/relocations/inter``.

        No client can rule out two cases where a first attempt is stored later than both waits, or
        where two callers use one reference at the same moment: what is seen of that ends as
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

    @sealed
    async def get(self, dossier_id: str) -> InterRelocation:
        """One, by its id or a reference: ``GET /api/v1/relocations/inter/{dossierId}``."""
        return await self._api.fetch(self._at(dossierId=dossier_id), InterRelocation)

    @sealed
    async def consent(self, body: ConsentBody | Json, *, validate: bool = True) -> None:
        """Consent or decline: ``POST /api/v1/relocations/inter/consent``. Never repeated."""
        await self._api.tell(self._at("consent"), body, ConsentBody, validate=validate)


class Relocations(ProcuraResource):
    """Relocations of both kinds."""

    @property
    def intra(self) -> IntraRelocations:
        """Within the municipality: ``/api/v1/relocations/intra``."""
        return IntraRelocations(self._api, self._at("intra"))

    @property
    def inter(self) -> InterRelocations:
        """From another municipality: ``/api/v1/relocations/inter``."""
        return InterRelocations(self._api, self._at("inter"))

    # Not async: its frame, with the number, is gone when a call fails.
    def relatives(self, bsn: str, *, validate: bool = True) -> Coroutine[Any, Any, Relatives]:
        """Who could move along: ``GET /api/v1/relocations/info/relatives/{bsn}``.

        Deprecated by the vendor: ``procura.relatives`` tells more.
        """
        path = self._at("info", "relatives")
        return self._api.ask(about(self._api, path, bsn, validate=validate), Relatives)
