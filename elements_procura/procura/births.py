"""Births, and what to know before one is declared."""

import datetime as dt
from http import HTTPStatus

from elements_procura.body import Json, sealed
from elements_procura.errors import NotFound
from elements_procura.procura._bsn import argument
from elements_procura.procura._create import MADE, Cases, Reference
from elements_procura.procura.models.births import (
    Acknowledgement,
    Birth,
    BirthBody,
    FamilySituation,
    NameSelectionInfo,
)
from elements_procura.procura.models.enums import DossierType
from elements_procura.redact import body_shape


class Births(Cases[Birth]):
    """Births."""

    @sealed
    async def add(
        self, body: BirthBody | Json, *, reference: Reference = MADE, validate: bool = True
    ) -> Birth:
        """File one, exactly once: ``POST /api/v1/births``.

        Args:
            body: The birth.
            reference: An id of your own by which it can be found; by default one is made. None
                sends none, and then a lost answer is never looked into.
            validate: Whether the body is checked, and citizen numbers are padded.
        """
        return await self._create(
            body, BirthBody, Birth, DossierType.BIRTH, reference=reference, validate=validate
        )

    async def get(self, dossier_id: str) -> Birth:
        """One, by its id or a reference: ``GET /api/v1/births/{dossierId}``."""
        return await self._api.fetch(self._at(dossierId=dossier_id), Birth)

    async def family_situation(
        self, *, bsn_mother: str, birth_date: dt.date, validate: bool = True
    ) -> FamilySituation:
        """The mother's partnership then: ``GET /api/v1/births/info/family-situation``."""
        query = (
            ("bsnMother", argument(bsn_mother, "bsn_mother", validate=validate)),
            ("birthDate", f"{birth_date:%Y-%m-%d}"),
        )
        return await self._api.fetch(self._at("info", "family-situation"), FamilySituation, query)

    async def name_selection(
        self, *, bsn_mother: str, bsn_father_or_duo_mother: str, validate: bool = True
    ) -> NameSelectionInfo:
        """The name of earlier children: ``GET /api/v1/births/info/name-selection``."""
        father = argument(bsn_father_or_duo_mother, "bsn_father_or_duo_mother", validate=validate)
        query = (
            ("bsnMother", argument(bsn_mother, "bsn_mother", validate=validate)),
            ("bsnFatherOrDuoMother", father),
        )
        return await self._api.fetch(self._at("info", "name-selection"), NameSelectionInfo, query)

    async def acknowledgement(
        self, *, bsn_mother: str, validate: bool = True
    ) -> Acknowledgement | None:
        """The acknowledgement of the unborn child: ``GET /api/v1/births/info/acknowledgement``.

        Returns:
            None when there is none, which the server tells by 404 without a body.
        """
        query = (("bsnMother", argument(bsn_mother, "bsn_mother", validate=validate)),)
        try:
            return await self._api.fetch(
                self._at("info", "acknowledgement"), Acknowledgement, query
            )
        except NotFound as error:
            if error.status == HTTPStatus.NOT_FOUND and error.body == _EMPTY:
                return None
            raise


_EMPTY = body_shape(b"")
