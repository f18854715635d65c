"""Deaths in the municipality, and bodies that were found."""

from elements_procura.procura._api import ProcuraResource
from elements_procura.procura._create import GENERATED, Cases, Reference
from elements_procura.procura._endpoint import endpoint
from elements_procura.procura.models.deaths import (
    DeathInMunicipality,
    DeathInMunicipalityBody,
    DiscoveredBody,
    DiscoveredBodyBody,
)
from elements_procura.procura.models.enums import DossierType
from elements_procura.schema.sealed import Json, sealed

__all__ = ["Deaths", "DeathsInMunicipality", "DiscoveredBodies"]


class DeathsInMunicipality(Cases[DeathInMunicipality]):
    """Deaths in the municipality."""

    @endpoint("POST", "/api/v1/deaths/in-municipality")
    @sealed
    async def add(
        self,
        body: DeathInMunicipalityBody | Json,
        *,
        reference: Reference = GENERATED,
        validate: bool = True,
        settle: float | None = None,
    ) -> DeathInMunicipality:
        """File a death in the municipality, exactly once.

        No client can rule out two cases where a first attempt is stored later than both waits, or
        where two callers use one reference at the same moment. When noticed, that raises
        :class:`OutcomeUnknown` (docs/night.md, "Writes").

        Args:
            body: The death.
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
            DeathInMunicipalityBody,
            DeathInMunicipality,
            DossierType.DEATH_IN_MUNICIPALITY,
            reference=reference,
            validate=validate,
            settle=settle,
        )

    @endpoint("GET", "/api/v1/deaths/in-municipality/{dossierId}")
    @sealed
    async def get(self, dossier_id: str) -> DeathInMunicipality:
        """One death in the municipality, by its id or a reference."""
        return await self._api.fetch(self._at(dossierId=dossier_id), DeathInMunicipality)


class DiscoveredBodies(Cases[DiscoveredBody]):
    """Bodies that were found."""

    @endpoint("POST", "/api/v1/deaths/discovered-body")
    @sealed
    async def add(
        self,
        body: DiscoveredBodyBody | Json,
        *,
        reference: Reference = GENERATED,
        validate: bool = True,
        settle: float | None = None,
    ) -> DiscoveredBody:
        """File a discovered body, exactly once.

        No client can rule out two cases where a first attempt is stored later than both waits, or
        where two callers use one reference at the same moment. When noticed, that raises
        :class:`OutcomeUnknown` (docs/night.md, "Writes").

        Args:
            body: The discovered body. It has no declarant.
            reference: As for a death in the municipality.
            validate: Whether the body is checked, and citizen numbers are padded.
            settle: Seconds to wait before it is sent once more; by default as the client has it.

        Raises:
            OutcomeUnknown: Nobody knows whether it exists, or it exists twice: look for
                ``error.reference``.
            ElementsProcuraError: It was not filed; the class says why.
        """
        return await self._create(
            body,
            DiscoveredBodyBody,
            DiscoveredBody,
            DossierType.DISCOVERED_BODY,
            reference=reference,
            validate=validate,
            settle=settle,
        )

    @endpoint("GET", "/api/v1/deaths/discovered-body/{dossierId}")
    @sealed
    async def get(self, dossier_id: str) -> DiscoveredBody:
        """One discovered body, by its id or a reference."""
        return await self._api.fetch(self._at(dossierId=dossier_id), DiscoveredBody)


class Deaths(ProcuraResource):
    """Deaths of both kinds."""

    @property
    def in_municipality(self) -> DeathsInMunicipality:
        """Deaths in the municipality."""
        return DeathsInMunicipality(self._api, self._at("in-municipality"))

    @property
    def discovered_body(self) -> DiscoveredBodies:
        """Discovered bodies."""
        return DiscoveredBodies(self._api, self._at("discovered-body"))
