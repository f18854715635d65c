"""The values that Procura's fields take, as they go over the wire.

Answers may hold others: those are kept as they came, as text.
"""

from enum import StrEnum
from typing import Self

__all__ = [
    "AddressFunction",
    "CauseOfDeath",
    "CommitmentType",
    "Communication",
    "Consent",
    "DeclarationType",
    "DeclaringQualification",
    "DossierState",
    "DossierType",
    "FuneralService",
    "Gender",
    "NameUse",
    "Obstruction",
    "OptionType",
    "Relationship",
    "SuitableFor",
    "TaskState",
    "TaskType",
    "TitlePredicate",
    "WrittenDeclarant",
]


class DeclarationType(StrEnum):
    """The capacity in which a relocation is declared for somebody.

    Dutch forms know each by a letter: :meth:`from_letter` and :attr:`letter`.
    """

    EX_OFFICIO = "EX_OFFICIO"
    MINISTERIAL_DECISION = "MINISTERIAL_DECISION"
    AUTHORITY_HOLDER = "AUTHORITY_HOLDER"
    HEAD_OF_AN_INSTITUTION = "HEAD_OF_AN_INSTITUTION"
    REGISTERED = "REGISTERED"
    ADULT_CHILD_LIVING_WITH_PARENTS = "ADULT_CHILD_LIVING_WITH_PARENTS"
    ADULT_AUTHORIZED_REPRESENTATIVE = "ADULT_AUTHORIZED_REPRESENTATIVE"
    PARTNER = "PARTNER"
    PARENT_LIVING_WITH_ADULT_CHILD = "PARENT_LIVING_WITH_ADULT_CHILD"

    @classmethod
    def from_letter(cls, letter: str) -> Self:
        """The type behind the letter of a Dutch form.

        Raises:
            ValueError: The letter is unknown.
        """
        number = _LETTERS.find(letter.strip().upper())
        if number < 0 or len(letter.strip()) != 1:
            raise ValueError(f"a declaration's letter is one of {', '.join(_LETTERS)}")
        return list(cls)[number]

    @property
    def letter(self) -> str:
        """The letter of Dutch forms."""
        return _LETTERS[list(type(self)).index(self)]


_LETTERS = "ABGHIKMPO"


class Consent(StrEnum):
    """Whether whoever lives at an address consents to somebody moving in."""

    NOT_APPLICABLE = "NOT_APPLICABLE"
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"


class AddressFunction(StrEnum):
    """The purpose of an address."""

    LIVING_ADDRESS = "LIVING_ADDRESS"
    MAILING_ADDRESS = "MAILING_ADDRESS"


class Obstruction(StrEnum):
    """The obstacle to doing something for a relative.

    ``EXISTING_RELOCATION`` is what the deprecated call says for ``EXISTING_RELOCATION_CASE``.
    """

    EXISTING_CONFIDENTIALITY_CASE = "EXISTING_CONFIDENTIALITY_CASE"
    EXISTING_RELOCATION_CASE = "EXISTING_RELOCATION_CASE"
    EXISTING_RELOCATION = "EXISTING_RELOCATION"
    DIFFERENT_ADDRESS = "DIFFERENT_ADDRESS"
    MULTIPLE_PERSON_RECORDS_FOUND = "MULTIPLE_PERSON_RECORDS_FOUND"
    NO_PERSON_RECORD_FOUND = "NO_PERSON_RECORD_FOUND"
    RELATIONSHIP_HAS_ENDED = "RELATIONSHIP_HAS_ENDED"
    PERSON_IS_DECEASED = "PERSON_IS_DECEASED"
    PERSON_IS_EMIGRATED = "PERSON_IS_EMIGRATED"
    PERSON_RECORD_IS_BLOCKED = "PERSON_RECORD_IS_BLOCKED"
    PERSON_RECORD_IS_SUSPENDED = "PERSON_RECORD_IS_SUSPENDED"
    PERSON_HAS_CURATOR = "PERSON_HAS_CURATOR"
    PERSON_HAS_CONFIDENTIALITY = "PERSON_HAS_CONFIDENTIALITY"


class Relationship(StrEnum):
    """The relation of somebody to the person asked about."""

    REGISTERED = "REGISTERED"
    PARENT = "PARENT"
    PARTNER = "PARTNER"
    EX_PARTNER = "EX_PARTNER"
    CHILD = "CHILD"


class SuitableFor(StrEnum):
    """The cases that can be started for a relative."""

    GENERAL_USE_CASE = "GENERAL_USE_CASE"
    NEW_RELOCATION_CASE = "NEW_RELOCATION_CASE"
    NEW_BRP_EXTRACT_CASE = "NEW_BRP_EXTRACT_CASE"
    NEW_CONFIDENTIALITY_CASE = "NEW_CONFIDENTIALITY_CASE"


class Gender(StrEnum):
    """Gender of a child."""

    MAN = "MAN"
    WOMAN = "WOMAN"
    UNKNOWN = "UNKNOWN"


class TitlePredicate(StrEnum):
    """Noble titles and predicates, from baron (B) to ridder (R)."""

    B = "B"
    BS = "BS"
    G = "G"
    GI = "GI"
    H = "H"
    HI = "HI"
    JH = "JH"
    JV = "JV"
    M = "M"
    MI = "MI"
    P = "P"
    PS = "PS"
    R = "R"


class DeclaringQualification(StrEnum):
    """The entitlement of somebody to declare a birth."""

    UNDERTAKER = "UNDERTAKER"
    FATHER = "FATHER"
    DUO_MOTHER = "DUO_MOTHER"
    PRESENT_AT_BIRTH = "PRESENT_AT_BIRTH"
    BORN_IN_HOME = "BORN_IN_HOME"
    BORN_IN_INSTITUTION = "BORN_IN_INSTITUTION"
    MOTHER = "MOTHER"
    MAYOR = "MAYOR"
    KNOWLEDGE_CARRIER = "KNOWLEDGE_CARRIER"


class CommitmentType(StrEnum):
    """Marriage or registered partnership (GPS)."""

    MARRIAGE = "MARRIAGE"
    GPS = "GPS"


class NameUse(StrEnum):
    """The name that somebody uses: own (E), partner's (P), partner's first (V), own first (N)."""

    E = "E"
    P = "P"
    V = "V"
    N = "N"


class OptionType(StrEnum):
    """The type of a location option's value; the value is always sent as text."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"


class WrittenDeclarant(StrEnum):
    """The authority that declares in writing that a body was found."""

    PROSECUTOR = "PROSECUTOR"
    ASSISTANT_PROSECUTOR = "ASSISTANT_PROSECUTOR"


class FuneralService(StrEnum):
    """The treatment of the body."""

    BURIAL_CREMATION = "BURIAL_CREMATION"
    DISSECTION = "DISSECTION"


class CauseOfDeath(StrEnum):
    """The cause of death, as far as it matters for transport abroad."""

    NATURAL_CAUSES = "NATURAL_CAUSES"
    NON_CONTAGIOUS_DISEASE = "NON_CONTAGIOUS_DISEASE"


class Communication(StrEnum):
    """The way papers are sent."""

    EMAIL = "EMAIL"
    POST = "POST"


class DossierType(StrEnum):
    """The types of dossier. All can be searched for; only the six kinds of case can be filed."""

    INTRA_MUN_RELOCATION = "intra_mun_relocation"
    INTER_MUN_RELOCATION = "inter_mun_relocation"
    EMIGRATION = "emigration"
    RESETTLEMENT = "resettlement"
    BIRTH = "birth"
    CONFIDENTIALITY = "confidentiality"
    EXTRACT = "extract"
    NAMEUSE = "nameuse"
    NAMECHOICE = "namechoice"
    COMMITMENT = "commitment"
    DEATH_IN_MUNICIPALITY = "death_in_municipality"
    DISCOVERED_BODY = "discovered_body"
    ACKNOWLEDGEMENT = "acknowledgement"
    WITHHOLDING_MISSING_DOCUMENT = "withholding_missing_document"
    TRAVEL_DOCUMENT = "travel_document"


class DossierState(StrEnum):
    """The statuses of a dossier. The last two occur in answers, but cannot be searched for."""

    INCOMPLETE = "incomplete"
    CREATED = "created"
    PROCESSING = "processing"
    ON_HOLD = "on_hold"
    PROCESSED = "processed"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    DELETED = "deleted"
    UNKNOWN = "unknown"


class TaskType(StrEnum):
    """The types of task."""

    RELOCATION_LODGING_CONSENT = "relocation_lodging_consent"


class TaskState(StrEnum):
    """The statuses of a task. Only planned ones have been seen."""

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    DONE = "done"
