"""S4: the texts in the server's 500s and 400s, with their variable parts filled in."""

from itertools import product

import pytest

from elements_procura.errors import (
    AmbiguousReference,
    BadRequest,
    NotFound,
    OutcomeUnknown,
    RequestError,
    ServerError,
)
from elements_procura.procura._errors import is_own_failure, is_settled
from elements_procura.procura._texts import is_timeout, meaning_of
from tests.procura.procura_kit import (
    MOTHER,
    answering,
    birth,
    client_at,
    commitment,
    problem,
    replaying,
)

REFUSED = [
    # Births.
    "De geboortedatum kan niet in de toekomst liggen.",
    "Kan de huidige gemeente niet bepalen.",
    f"Geen persoon met bsn {MOTHER} gevonden",
    f"Bsn {MOTHER} is incorrect",
    # Commitments.
    "Maximaal 2 ambtenaren toegestaan",
    "Geen huwelijkslocatie gevonden voor Kasteel Jansen",
    "Geen huwelijksoptie gevonden voor taart",
    f"Geen getuige met bsn {MOTHER} gevonden",
    "Geen ambtenaar genaamd Jan Jansen gevonden",
    "BSN's van de partners kunnen niet meer worden aangepast",
    # Deaths.
    "Plaats van overlijden (Alkmaar) komt niet overeen met de gemeentecode (0637)",
    (
        "Als er via e-mail wordt gecorrespondeerd dan moet altijd 1 aantal per document worden "
        "opgegeven"
    ),
    "Element Jansen is niet gezet",
    "Document niet gevonden met DMS code 'Jansen'",
    "Meerdere documenten gevonden met DMS code 'Jansen'",
    # Of any kind.
    "Element naam is leeg",
    "Geen zaak-id",
    "Unknown type: Jansen",
    "Incorrecte BSN of a-nummer ingegeven.",
    "Incorrecte BSN ingegeven.",
    "Only one BSN is supported, not multiple.",
    # Of the server itself.
    "The maximum of preferred officials is 2",
    "Name or alias of the official is required",
    "Name or alias of the location option is required",
    "Birthdate of the witness is required",
    "First name of the witness is required",
    "Last name of the witness is required",
    # Parameters.
    "Illegal dossier type with code Jansen",
    "Illegal dossier status with code deleted",
    "No value with code Jansen",
    "Status deleted not supported",
    "dossier type Jansen is not supported",
    "Page size must not be less than one!",
]
OTHER_KIND = [
    (
        "Er is een zaak met zaak-id 'Jansen', maar dat is van type Geboorte, niet van het type "
        "Verhuizing"
    ),
    "Naturalisatie is nog niet uitgewerkt",
    "Given zaak is of class DossierGeboorte, expected class DossierHuwelijk",
]
BACK_OFFICE = [
    "Timeout on blocking read for 10000000000 NANOSECONDS",
    "ReadTimeoutException",
    "io.netty.handler.timeout.ReadTimeoutException",
    "Connection refused: no further information: balie.jansen/10.0.0.1:8080",
    "finishConnect(..) failed: Connection refused: balie.jansen/10.0.0.1:8080",
    "401 Unauthorized from POST http://balie.jansen/rest/v2/zaken",
    "Er is een systeemfout (NullPointerException) opgetreden.",
]


@pytest.mark.parametrize(("text", "status"), list(product(REFUSED, (400, 500))))
async def test_a_text_that_refuses(text: str, status: int) -> None:
    read, write, requests = await both(text, status)
    assert type(read) is type(write) is BadRequest
    assert requests == 2


async def test_an_ambiguous_reference_is_told_as_such() -> None:
    read, write, requests = await both("Er zijn meerdere zaken met zaak-id 'Jansen'", 500)
    assert type(read) is type(write) is AmbiguousReference
    assert requests == 2
    assert "ambiguous: several dossiers have it" in str(read)


@pytest.mark.parametrize("text", OTHER_KIND)
async def test_another_kind_of_dossier(text: str) -> None:
    read, write, requests = await both(text, 500)
    assert (type(read), type(write)) == (NotFound, BadRequest)
    assert requests == 2


@pytest.mark.parametrize("text", BACK_OFFICE)
async def test_the_back_office_proves_nothing(text: str) -> None:
    read, write, requests = await both(text, 500)
    assert (type(read), type(write)) == (ServerError, OutcomeUnknown)
    assert "the back office" in str(read)
    assert requests == 4  # the read is tried three times


@pytest.mark.parametrize("text", [REFUSED[2], OTHER_KIND[0]])
async def test_a_create_that_is_refused_was_not_carried_out(text: str) -> None:
    answers = answering(problem(text), status=500)
    async with replaying(answers) as server, client_at(server.url) as client:
        with pytest.raises(BadRequest):
            await client.births.add(birth())
    assert [seen.method for seen in server.seen] == ["POST"]


@pytest.mark.parametrize(
    ("texts", "text"),
    [
        # A variable part may quote anything.
        (["Er is al een zaak met zaak-id: Er is geen zaak met zaak-id"], "is taken"),
        (["Er is geen zaak met zaak-id 'Timeout on blocking read for'"], "no dossier with this id"),
        (["Geen ambtenaar genaamd Geen zaak-id gevonden"], "the official"),
        # Java's names of classes, and causes further in.
        (["java.lang.IllegalArgumentException: Geen zaak-id"], "no id of a dossier"),
        (["nl.procura.GbaException: Bsn 1 is incorrect"], "finds a BSN wrong"),
        (["Onbekend", "Element x is leeg"], "is empty"),
        (["I/O error on POST: Element x is leeg"], "is empty"),
        (["element X IS LEEG"], "is empty"),
        (["Er is een systeemfout (value not supported) opgetreden."], "back office has failed"),
        (["Er is een zaak met zaak-id 'a\nb', maar dat is van type x"], "of another kind"),
    ],
)
def test_a_text_is_recognised_by_how_it_begins(texts: list[str], text: str) -> None:
    meaning = meaning_of(texts)
    assert meaning is not None
    assert text in meaning.text


@pytest.mark.parametrize(
    "text",
    ["", "Read timed out", "Text '20240600' could not be parsed", "Request method not supported"],
)
def test_what_means_nothing(text: str) -> None:
    assert meaning_of([text]) is None


def test_what_settles_a_search() -> None:
    def body(text: str) -> bytes:
        return b'{"code":"internalError","cause":{"message":"%s"}}' % text.encode()

    assert is_own_failure(body("Text '20240600' could not be parsed"))
    assert is_own_failure(b'{"code":"internalError","cause":{}}')
    for text in BACK_OFFICE:
        assert not is_own_failure(body(text))
        assert not is_settled(500, body(text), is_write=False)
    for gateway in (b"", b"<html>", b"[]", b'{"message":"Internal Server Error"}'):
        assert not is_own_failure(gateway)
    assert [text for text in BACK_OFFICE if is_timeout(text)] == BACK_OFFICE[:3]
    assert is_timeout("I/O error on POST request: Read timed out")
    assert not is_own_failure(body("I/O error on POST request: Read timed out"))


async def both(text: str, status: int) -> tuple[RequestError, RequestError, int]:
    """What a read and a write raise, and how many requests they made."""
    answers = answering(problem(text), status=status)
    async with replaying(answers) as server, client_at(server.url) as client:
        with pytest.raises(RequestError) as read:
            await client.births.get("a-1")
        with pytest.raises(RequestError) as write:
            await client.commitments.update("a-1", commitment())
    for caught in (read, write):
        assert caught.value.server_message == text
        assert not any(word in str(caught.value) for word in ("Jansen", MOTHER))
    return read.value, write.value, len(server.seen)
