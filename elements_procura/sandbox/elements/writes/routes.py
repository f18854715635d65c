"""The documented writes: what each takes, and what carries it out."""

import re
from collections.abc import Callable
from typing import Final

import attrs

from elements_procura.sandbox.core.answers import JSON
from elements_procura.sandbox.elements.papers import ROOT
from elements_procura.sandbox.elements.writes import contact, dossiers, klanten, products
from elements_procura.sandbox.elements.writes.write import Done, Write

ANYTHING: Final = ""
_HTML: Final = "text/html"
_DOSSIER: Final = f"{ROOT}/#"
_PERSON: Final = f"{_DOSSIER}/klanten/particulier/#"
_ORGANISATION: Final = f"{_DOSSIER}/klanten/zakelijk/#"
_EMPLOYEE: Final = f"{_ORGANISATION}/medewerkers/#"


@attrs.frozen(kw_only=True)
class Route:
    """One documented write.

    Attributes:
        method: The HTTP method.
        path: The path, with ``#`` for an id.
        schemas: What describes the body: one of them has to fit. ``ANYTHING``: any object.
        carry_out: Does it.
        status: The status when it is done.
        content_type: The content type of the empty answer.
        takes_role: Whether the query gives a person a role.
    """

    method: str = "POST"
    path: str
    schemas: tuple[str, ...]
    carry_out: Callable[[Write], Done]
    status: int = 201
    content_type: str = _HTML
    takes_role: bool = False
    pattern: re.Pattern[str] = attrs.field(init=False)

    @pattern.default
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(re.escape(self.path).replace(r"\#", "[1-9][0-9]*"))

    def owner(self, path: str) -> str:
        """What has to be there: the path up to its last id, or nothing for a new dossier."""
        return re.match(r"(?:.*/[0-9]+(?=/|$))?", path)[0]  # type: ignore[index] # it always fits


def _kept(write: Write) -> Done:
    """Nothing shows it: the record is all that is left of it."""
    return write.done()


def _kept_if_new(write: Write) -> Done:
    """As ``_kept``, for what may exist already: then its own id is the answer."""
    return write.done(write.body.get("id"))


def _line(write: Write) -> Done:
    """A line of a factuur is answered with the factuur's path."""
    return Done(write.id, write.owner)


def _started(_: Write) -> Done:
    """A workflow that was started has no id."""
    return Done()


def _post(
    path: str, *schemas: str, carry_out: Callable[[Write], Done] = _kept, takes_role: bool = False
) -> Route:
    return Route(path=path, schemas=schemas, carry_out=carry_out, takes_role=takes_role)


def _contact(owner: str, *address: str) -> tuple[Route, ...]:
    return (
        *([_post(f"{owner}/adressen", *address, carry_out=contact.adres)] if address else []),
        _post(f"{owner}/emailadressen", "emailadres", carry_out=contact.emailadres),
        _post(f"{owner}/rekeningnummers", "rekeningnummer", carry_out=contact.rekeningnummer),
        _post(f"{owner}/telefoonnummers", "telefoonnummer", carry_out=contact.telefoonnummer),
    )


def _below(kind: str) -> tuple[Route, ...]:
    """What the four kinds of products share."""
    owner = f"{_DOSSIER}/{kind}/#"
    return (
        _post(f"{owner}/registraties", "registratie", carry_out=dossiers.registratie),
        _post(f"{owner}/taken", "taak"),
        Route(
            path=f"{owner}/workflows",
            schemas=("workflow",),
            carry_out=_started,
            status=204,
            content_type=JSON,
        ),
        _post(f"{owner}/facturen", ANYTHING),
        _post(f"{owner}/facturen/#/regels", ANYTHING, carry_out=_line),
    )


ROUTES: Final = (
    _post(f"{ROOT}/", "klantdossier", carry_out=dossiers.klantdossier),
    Route(
        method="PATCH",
        path=_DOSSIER,
        schemas=("correspondentieadres",),
        carry_out=dossiers.change_klantdossier,
        status=200,
    ),
    _post(f"{_DOSSIER}/acties", "actie"),
    _post(f"{_DOSSIER}/bezittingen/overige", "overige", carry_out=dossiers.overige),
    _post(f"{_DOSSIER}/bezittingen/voertuigen", "voertuig", carry_out=dossiers.voertuig),
    _post(f"{_DOSSIER}/bezittingen/voertuig", "voertuig", carry_out=dossiers.voertuig),
    _post(f"{_DOSSIER}/panden", "adres", "bestaand adres", carry_out=_kept_if_new),
    _post(f"{_DOSSIER}/proposities", "propositie"),
    _post(f"{_DOSSIER}/registraties", "registratie", carry_out=dossiers.registratie),
    _post(
        f"{_DOSSIER}/klanten/particulier",
        "particulier",
        carry_out=klanten.particulier,
        takes_role=True,
    ),
    Route(
        method="PATCH",
        path=_PERSON,
        schemas=("correspondentieadres",),
        carry_out=klanten.change_particulier,
        status=200,
        content_type=JSON,
    ),
    # Its schema forgets that an address may exist, its second example does not.
    *_contact(_PERSON, "adres", "bestaand adres"),
    _post(f"{_PERSON}/kenmerken", "kenmerk", carry_out=contact.kenmerk),
    _post(f"{_DOSSIER}/klanten/zakelijk", "zakelijk", carry_out=klanten.zakelijk),
    *_contact(_ORGANISATION, "adres"),
    _post(f"{_ORGANISATION}/medewerkers", "medewerker", carry_out=_kept_if_new),
    *_contact(_EMPLOYEE),
    *_below("bankgaranties"),
    _post(f"{_DOSSIER}/consumptiefkredieten", "consumptiefkrediet", carry_out=products.product),
    *_below("consumptiefkredieten"),
    _post(f"{_DOSSIER}/contracten", "contract", carry_out=products.product),
    _post(f"{_DOSSIER}/contracten/#/onderdelen", "onderdeel", carry_out=products.onderdeel),
    *_below("contracten"),
    _post(f"{_DOSSIER}/diensten", "dienst", carry_out=products.product),
    _post(f"{_DOSSIER}/diensten/#/delen", "deel", carry_out=products.deel),
    *_below("diensten"),
    _post(f"{_DOSSIER}/hypotheken", "hypotheek", carry_out=products.product),
)
