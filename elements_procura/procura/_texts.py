"""The texts in the server's 400s and 500s, and their meanings. Pure.

They are the server's own (English) or its back office's (Dutch), and hold names, numbers and ids in
places: a text of ours is shown instead. A variable part may quote anything, even another text of
this table, so a text is recognised by how it begins before it is looked for further on.
"""

import re
from collections.abc import Sequence

import attrs

from elements_procura.errors import (
    AlreadyExists,
    AmbiguousReference,
    BadRequest,
    NotFound,
    ServerError,
    StatusError,
)


@attrs.frozen
class Meaning:
    """The meaning of a text.

    Attributes:
        read: The exception for a read.
        write: The exception for a write. A :class:`ServerError` proves nothing.
        text: The text to show instead.
    """

    read: type[StatusError]
    write: type[StatusError]
    text: str

    @property
    def is_settled(self) -> bool:
        """Whether sending it again is useless."""
        return self.read is not ServerError


def meaning_of(texts: Sequence[str]) -> Meaning | None:
    """The meaning of an answer's nested causes, from the outermost; None if unknown."""
    plain = [_CLASS_NAMES.sub("", text) for text in texts]
    for text in plain:
        for pattern, meaning in _TABLE:
            if pattern.match(text):
                return meaning
    for text in plain:
        for pattern, meaning in _TABLE:
            if pattern.search(text):
                return meaning
    return None


def is_timeout(text: str) -> bool:
    """Whether the answer took too long, so that a shorter one may succeed."""
    return _TIMEOUT.search(text) is not None


_TIMEOUT = re.compile(r"Timeout on blocking read|ReadTimeoutException|timed? ?out\b", re.IGNORECASE)
_CLASS_NAMES = re.compile(r"^(?:[A-Za-z_$][\w$]*\.)*\w*(?:Exception|Error): ")
"""The class names that Java puts before a message."""


def _entries(
    read: type[StatusError], write: type[StatusError], *pairs: tuple[str, str]
) -> list[tuple[re.Pattern[str], Meaning]]:
    flags = re.IGNORECASE | re.DOTALL
    return [(re.compile(pattern, flags), Meaning(read, write, text)) for pattern, text in pairs]


_TABLE: tuple[tuple[re.Pattern[str], Meaning], ...] = (
    *_entries(
        NotFound,
        NotFound,
        (r"Er is geen zaak met zaak-id", "there is no dossier with this id"),
        (r"(?:The )?requested resource could not be found", "there is no such thing"),
    ),
    *_entries(
        NotFound,
        BadRequest,
        (
            r"Er is een zaak met zaak-id .*maar dat is van type",
            "the dossier with this id is of another kind",
        ),
        (r"Given zaak is of .*expected", "the dossier with this id is of another kind"),
    ),
    *_entries(
        AlreadyExists,
        AlreadyExists,
        (r"Er is al een zaak met zaak-id", "the id or reference is taken"),
    ),
    *_entries(
        AmbiguousReference,
        AmbiguousReference,
        (
            r"Er zijn meerdere zaken met zaak-id",
            "the id or reference is ambiguous: several dossiers have it",
        ),
    ),
    *_entries(
        BadRequest,
        BadRequest,
        # Births.
        (
            r"De geboortedatum kan niet in de toekomst liggen",
            "a date of birth lies in the future",
        ),
        (
            r"Kan de huidige gemeente niet bepalen",
            "the server cannot tell the present municipality",
        ),
        (r"Geen persoon met bsn", "the server knows nobody with this BSN"),
        (r"Bsn .*is incorrect|Incorrecte BSN", "the server finds a BSN wrong"),
        # Commitments.
        (
            r"Maximaal \S+ ambtenaren toegestaan|The maximum of preferred officials is",
            "too many officials are preferred",
        ),
        (r"Geen huwelijkslocatie gevonden", "the server does not know the location"),
        (r"Geen huwelijksoptie gevonden", "the server does not know the option"),
        (r"Geen getuige met bsn", "the server does not know the witness"),
        (r"Geen ambtenaar genaamd", "the server does not know the official"),
        (
            r"BSN's van de partners kunnen niet",
            "the partners of a commitment cannot be changed",
        ),
        (
            r"Name or alias of the .*is required",
            "an official or an option of a location has neither a name nor an alias",
        ),
        (r"Birthdate of the witness is required", "a witness has no date of birth"),
        (r"First ?name of the witness is required", "a witness has no first name"),
        (r"Last ?name of the witness is required", "a witness has no last name"),
        # Deaths.
        (
            r"Plaats van overlijden .*komt niet overeen met de gemeentecode",
            "the place of death is not in the municipality",
        ),
        (
            r"Als er via e-?mail wordt gecorrespondeerd",
            "of every extract only one can be sent by email",
        ),
        (
            r"Document niet gevonden met DMS[ -]?code",
            "the server does not know the code of an extract",
        ),
        (
            r"Meerdere documenten gevonden met DMS[ -]?code",
            "the code of an extract is ambiguous",
        ),
        # All of them.
        (r"Element .*is niet gezet", "a field that the back office needs is missing"),
        (r"Element .*is leeg", "a field that the back office needs is empty"),
        (r"Geen zaak-id", "there is no id of a dossier"),
        (r"Unknown type:", "the server does not know this type of import"),
        (r"Only one BSN is supported", "only one BSN can be searched by"),
        # Parameters.
        (r"Illegal dossier type with code", "the server does not know a type of dossier"),
        (r"Illegal dossier status with code", "the server does not know a status"),
        (r"No value with code", "the server does not know a code"),
        (r"Page (?:size|index) must not be less than", "the page is less than one"),
    ),
    *_entries(NotFound, NotFound, (r"Document niet gevonden", "there is no such document")),
    *_entries(
        ServerError,
        ServerError,
        (r"Timeout on blocking read", "the back office took too long"),
        (r".{0,200}\bReadTimeoutException", "the back office took too long"),
        (r".{0,400}\bConnection refused", "the back office is not there"),
        (
            r"401 Unauthorized from (?:GET|POST|PUT|DELETE)",
            "the back office does not let the server in",
        ),
        (r"Er is een systeemfout", "the back office has failed"),
    ),
    # Whose beginning varies.
    *_entries(
        NotFound,
        BadRequest,
        (r"\A.{0,200}\bis nog niet uitgewerkt", "the server does not read this kind of dossier"),
    ),
    *_entries(
        BadRequest,
        BadRequest,
        (
            r"\A(?!Request method|Content.type).{1,200}\bnot supported\b",
            "the server does not support a value",
        ),
    ),
)
"""In this order: the first that fits holds."""
