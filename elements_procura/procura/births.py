"""Births, and lookups before one is declared."""

import datetime as dt
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any

import attrs

from elements_procura.core.http import Request
from elements_procura.errors import InputError, NotFound
from elements_procura.procura._bsn import arguments
from elements_procura.procura._create import GENERATED, Cases, Reference
from elements_procura.procura._endpoint import endpoint
from elements_procura.procura.models.births import (
    Acknowledgement,
    Birth,
    BirthBody,
    FamilySituation,
    NameSelectionInfo,
)
from elements_procura.procura.models.enums import DossierType
from elements_procura.redact import body_shape
from elements_procura.schema.sealed import Json, sealed
from elements_procura.schema.structure import camel

__all__ = ["Births"]


class Births(Cases[Birth]):
    """Births."""

    @endpoint("POST", "/api/v1/births")
    @sealed
    async def add(
        self,
        body: BirthBody | Json,
        *,
        reference: Reference = GENERATED,
        validate: bool = True,
        settle: float | None = None,
    ) -> Birth:
        """File a birth, exactly once.

        No client can rule out two cases where a first attempt is stored later than both waits, or
        where two callers use one reference at the same moment. When noticed, that raises
        :class:`OutcomeUnknown` (docs/night.md, "Writes").

        Args:
            body: The birth.
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
            BirthBody,
            Birth,
            DossierType.BIRTH,
            reference=reference,
            validate=validate,
            settle=settle,
        )

    @endpoint("GET", "/api/v1/births/{dossierId}")
    @sealed
    async def get(self, dossier_id: str) -> Birth:
        """One birth, by its id or a reference."""
        return await self._api.fetch(self._at(dossierId=dossier_id), Birth)

    # These are not async: rule 2 of elements_procura.secret.
    @endpoint("GET", "/api/v1/births/info/family-situation")
    def family_situation(
        self, *, bsn_mother: str, birth_date: dt.date, validate: bool = True
    ) -> Coroutine[Any, Any, FamilySituation]:
        """The partnership of the mother at the birth.

        Args:
            bsn_mother: Citizen number (BSN) of the mother.
            birth_date: The day of the birth.
            validate: Whether citizen numbers are checked, and padded to nine digits.
        """
        request = self._about("family-situation", {"bsn_mother": bsn_mother}, birth_date, validate)
        return self._api.ask(request, FamilySituation)

    @endpoint("GET", "/api/v1/births/info/name-selection")
    def name_selection(
        self, *, bsn_mother: str, bsn_father_or_duo_mother: str, validate: bool = True
    ) -> Coroutine[Any, Any, NameSelectionInfo]:
        """The name of earlier children.

        Args:
            bsn_mother: Citizen number (BSN) of the mother.
            bsn_father_or_duo_mother: That of the other parent.
            validate: Whether citizen numbers are checked, and padded to nine digits.
        """
        both = {"bsn_mother": bsn_mother, "bsn_father_or_duo_mother": bsn_father_or_duo_mother}
        request = self._about("name-selection", both, None, validate)
        return self._api.ask(request, NameSelectionInfo)

    @endpoint("GET", "/api/v1/births/info/acknowledgement")
    def acknowledgement(
        self, *, bsn_mother: str, validate: bool = True
    ) -> Coroutine[Any, Any, Acknowledgement | None]:
        """The acknowledgement of the unborn child.

        Args:
            bsn_mother: Citizen number (BSN) of the mother.
            validate: Whether citizen numbers are checked, and padded to nine digits.

        Returns: None when there is none, which the server answers by 404 without a body.
        """
        request = self._about("acknowledgement", {"bsn_mother": bsn_mother}, None, validate)
        if isinstance(request, Request):
            request = attrs.evolve(request, empty=frozenset({HTTPStatus.NOT_FOUND}))
        return self._acknowledgement(request)

    async def _acknowledgement(self, request: Request | InputError) -> Acknowledgement | None:
        try:
            return await self._api.ask(request, Acknowledgement)
        except NotFound as error:
            is_none = error.status == HTTPStatus.NOT_FOUND and error.body == _EMPTY
            if is_none and error.is_proven:
                return None
            raise

    def _about(
        self,
        name: str,
        people: dict[str, str],
        birth_date: dt.date | None,
        validate: bool,
    ) -> Request | InputError:
        found = arguments(people, validate=validate)
        if isinstance(found, InputError):
            return found
        query = [(camel(who), bsn) for who, bsn in found.items()]
        query += [] if birth_date is None else [("birthDate", f"{birth_date:%Y-%m-%d}")]
        return self._api.request("GET", self._at("info", name), tuple(query))


_EMPTY = body_shape(b"")
