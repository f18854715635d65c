"""What the server's request objects hold, as tables; ``reading`` goes by them."""

import re
from typing import Final

import attrs


@attrs.frozen(kw_only=True)
class Field:
    """One field.

    Attributes:
        kind: ``text``, ``int``, ``bool``, ``date``, ``moment`` (no fraction), ``instant``
            (fraction and offset allowed), ``clock``, ``base64``, ``texts`` (an object of texts),
            or the name of an object.
        needed: The message when it is missing; empty when it may be.
        filled: The message when it is there but empty.
        takes_blank: Whether a text of nothing but spaces is not empty.
        values: The values of an enum.
        many: Whether it is a list.
        cascades: Whether the objects in it are validated.
    """

    kind: str = "text"
    needed: str = ""
    filled: str = ""
    takes_blank: bool = False
    values: tuple[str, ...] = ()
    many: bool = False
    cascades: bool = True


def _enum(values: str, needed: str = "") -> Field:
    return Field(values=tuple(values.split()), needed=needed)


def _of(kind: str, needed: str = "", *, cascades: bool = True) -> Field:
    return Field(kind=kind, needed=needed, cascades=cascades)


_TEXT: Final = Field()
_TEXTS: Final = Field(many=True)
_INT: Final = Field(kind="int")
_ANY_PERSON: Final = {
    "bsn": Field(needed="bsn is mandatory"),
    "contactInformation": _of("contact"),
}
_DEATH: Final = {
    "dossier": _of("dossier", "dossier is mandatory"),
    "deceased": _of("deceased", "deceased is mandatory"),
    "deathByNaturalCauses": _of("bool", "deathByNaturalCauses is mandatory"),
    "municipality": _of("municipality", "municipality is mandatory"),
    "funeralServices": _of("funeral", "funeralServices is mandatory"),
    "correspondence": _of("correspondence", "correspondence is mandatory"),
    "extracts": Field(kind="extract", needed="extracts is mandatory", many=True),
}
_INTRA: Final = {
    "dossier": _of("dossier", "dossier is mandatory"),
    "declarant": _of("person", "declarant is mandatory"),
    "newAddress": _of("address", "newAddress is mandatory"),
    "relocators": Field(
        kind="relocator",
        needed="relocators are mandatory",
        filled="list of relocators may not be empty",
        many=True,
    ),
}
_PAGING: Final = {
    "pageNumber": _of("int", "pageNumber is mandatory"),
    "pageSize": _of("int", "pageSize is mandatory"),
}
CLOCK: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}")

OBJECTS: Final[dict[str, dict[str, Field]]] = {
    "contact": {"email": _TEXT, "telephoneNumber": _TEXT},
    "person": _ANY_PERSON,
    "municipality": {"code": Field(needed="municipality code is mandatory"), "description": _TEXT},
    "country": {"code": _TEXT, "description": _TEXT},
    "reference": {"id": _TEXT, "description": _TEXT},
    "code": {"code": _TEXT, "description": _TEXT},
    "status": {
        "code": _TEXT,
        "description": _TEXT,
        "entryDateTime": _of("moment"),
        "endStatus": _of("bool"),
    },
    "dossier": {
        "dossierId": _TEXT,
        "description": _TEXT,
        "referenceIds": Field(kind="reference", many=True),
        "type": _of("code"),
        "status": _of("status"),
        "startDate": _of("date", "startDate is mandatory"),
        "entryDateTime": _of("moment"),
    },
    "name": {
        "lastname": _TEXT,
        "prefix": _TEXT,
        "titlePredicate": _enum("B BS G GI H HI JH JV M MI P PS R"),
    },
    "address": {
        "street": _TEXT,
        "houseNumber": _of("int", "houseNumber is mandatory"),
        "houseLetter": _TEXT,
        "houseNumberAddition": _TEXT,
        "postalCode": Field(
            needed="postalCode is mandatory",
            filled="postalCode must not be empty",
            takes_blank=True,
        ),
        "residence": _TEXT,
        "municipality": _of("municipality"),
        "addressFunction": _enum("LIVING_ADDRESS MAILING_ADDRESS"),
        "numberOfResidents": _of("int", "numberOfResidents is mandatory"),
        "destinationCurrentResidents": _TEXT,
        "liveIn": _of("livein", "liveIn is mandatory"),
        "mainOccupant": _of("person"),
    },
    "livein": {
        "liveInApplicable": _of("bool", "liveInApplicable is mandatory"),
        "consent": _enum("NOT_APPLICABLE PENDING APPROVED DECLINED"),
        "consenter": _of("person"),
    },
    "relocator": {
        **_ANY_PERSON,
        "declarationType": _enum(
            "EX_OFFICIO MINISTERIAL_DECISION AUTHORITY_HOLDER HEAD_OF_AN_INSTITUTION REGISTERED "
            "ADULT_CHILD_LIVING_WITH_PARENTS ADULT_AUTHORIZED_REPRESENTATIVE PARTNER "
            "PARENT_LIVING_WITH_ADULT_CHILD",
            "declarationType is mandatory",
        ),
    },
    "intra": _INTRA,
    "inter": {
        **_INTRA,
        "previousMunicipality": _of("municipality", "previousMunicipality is mandatory"),
    },
    "consent": {
        "dossierId": _TEXT,
        "consenter": _of("person", "consenter is mandatory"),
        "consent": _enum("NOT_APPLICABLE PENDING APPROVED DECLINED"),
    },
    "birth": {
        "dossier": _of("dossier", "dossier is mandatory"),
        "qualificationForDeclaringType": _enum(
            "UNDERTAKER FATHER DUO_MOTHER PRESENT_AT_BIRTH BORN_IN_HOME BORN_IN_INSTITUTION MOTHER "
            "MAYOR KNOWLEDGE_CARRIER"
        ),
        "declarant": _of("person", "declarant is mandatory"),
        "mother": _of("person", "mother is mandatory"),
        "fatherDuoMother": _of("person"),
        "children": Field(
            kind="child",
            needed="children are mandatory",
            filled="list of children may not be empty",
            many=True,
        ),
        "nameSelection": _of("name", "nameSelection is mandatory"),
    },
    "child": {
        "firstname": _TEXT,
        "gender": _enum("MAN WOMAN UNKNOWN"),
        "birthDateTime": _of("moment"),
    },
    "commitment": {
        "dossier": _of("dossier", "dossier is mandatory"),
        "partner1": _of("partner", "partner1 is mandatory"),
        "partner2": _of("partner", "partner2 is mandatory"),
        "planning": _of("planning", "planning is mandatory"),
        "location": _of("location"),
        "officials": _of("officials"),
        "witnesses": _of("witnesses"),
    },
    "partner": {**_ANY_PERSON, "nameAfterCommitment": _of("nameafter", cascades=False)},
    "nameafter": {
        "nameUseType": _enum("E P V N"),
        "lastname": _TEXT,
        "title": _TEXT,
        "prefix": _TEXT,
    },
    "planning": {
        "commitmentType": _enum("MARRIAGE GPS", "commitmentType is mandatory"),
        "commitmentDateTime": _of("instant", "commitmentDateTime is mandatory"),
        "intentionDate": _of("date"),
        "remarks": _TEXT,
    },
    "location": {
        "name": Field(needed="name is mandatory", filled="name must not be empty"),
        "aliases": _TEXTS,
        "options": Field(kind="option", many=True, cascades=False),
    },
    "option": {
        "name": _TEXT,
        "value": _TEXT,
        "description": _TEXT,
        "type": _enum("TEXT NUMBER BOOLEAN"),
        "aliases": _TEXTS,
    },
    "officials": {
        "preferences": Field(kind="official", many=True, cascades=False),
        "assigned": _of("official", cascades=False),
    },
    "official": {"name": _TEXT, "contactInformation": _of("contact"), "aliases": _TEXTS},
    "witnesses": {
        "numberOfMunicipalWitnesses": _of("int", "numberOfMunicipalWitnesses is mandatory"),
        "chosen": Field(kind="witness", many=True),
    },
    "witness": {
        "bsn": _TEXT,
        "firstname": _TEXT,
        "prefix": _TEXT,
        "lastname": _TEXT,
        "birthdate": _INT,
        "remarks": _TEXT,
    },
    "message": {"message": Field(needed="message is mandatory")},
    "death": {
        **_DEATH,
        "declarant": _of("person", "declarant is mandatory"),
        "dateOfDeath": _of("date", "dateOfDeath is mandatory"),
        "timeOfDeath": _of("clock"),
    },
    "body": {
        **_DEATH,
        "writtenDeclarantType": _enum(
            "PROSECUTOR ASSISTANT_PROSECUTOR", "writtenDeclarantType is mandatory"
        ),
        "dateOfFinding": _of("date", "dateOfFinding is mandatory"),
        "timeOfFinding": _of("clock", "time is mandatory"),
        "explanation": _TEXT,
    },
    "deceased": {
        **_ANY_PERSON,
        "firstname": _TEXT,
        "prefix": _TEXT,
        "lastname": _TEXT,
        "titlePredicate": _TEXT,
        "birthdate": _INT,
        "birthplace": _TEXT,
        "birthcountry": _of("country"),
    },
    "funeral": {
        "serviceType": _enum("BURIAL_CREMATION DISSECTION", "serviceType is mandatory"),
        "date": _of("date", "date is mandatory"),
        "time": _TEXT,
        "outsideBenelux": _of("bool", "outsideBenelux is mandatory"),
        "causeOfDeathType": _enum("NATURAL_CAUSES NON_CONTAGIOUS_DISEASE"),
        "countryOfDestination": _of("country"),
        "placeOfDestination": _TEXT,
        "via": _TEXT,
        "transportation": _TEXT,
    },
    "correspondence": {
        "communicationType": _enum("EMAIL POST", "communicationType is mandatory"),
        "name": Field(needed="name is mandatory", filled="name must not be empty"),
        "organization": _TEXT,
        "departement": _TEXT,
        "email": _TEXT,
        "telephoneNumber": _TEXT,
        "street": _TEXT,
        "houseNumber": _INT,
        "houseNumberLetter": _TEXT,
        "houseNumberAddition": _TEXT,
        "postalCode": _TEXT,
        "residence": _TEXT,
    },
    "extract": {
        "code": Field(needed="code is mandatory", filled="code must not be empty"),
        "amount": _of("int", "amount is mandatory"),
        "description": _TEXT,
    },
    "dossiersearch": {
        "dossierIds": _TEXTS,
        "bsns": _TEXTS,
        "types": _TEXTS,
        "statusses": _TEXTS,
        "entryDateTimePeriod": _of("instants"),
        "startDatePeriod": _of("dates"),
        "paging": _of("paging"),
    },
    "instants": {"from": _of("instant"), "to": _of("instant")},
    "dates": {"from": _of("date"), "to": _of("date")},
    "paging": _PAGING,
    "tasksearch": {
        "bsns": _TEXTS,
        "types": Field(kind="code", many=True),
        "statusses": Field(kind="code", many=True),
        "dossierIds": _TEXTS,
        "paging": _of("paging", cascades=False),
    },
    "document": {
        "id": _TEXT,
        "title": _TEXT,
        "filename": Field(needed="filename must not be empty", filled="filename must not be empty"),
        "content": Field(
            kind="base64", needed="content must not be empty", filled="content must not be empty"
        ),
        "entryDateTime": _of("moment"),
    },
    "dataimport": {
        "name": Field(needed="must not be blank", filled="must not be blank"),
        "type": Field(needed="must not be blank", filled="must not be blank"),
        "records": Field(
            kind="record", needed="must not be empty", filled="must not be empty", many=True
        ),
        "remarks": _TEXTS,
    },
    "record": {
        "values": Field(kind="texts", needed="must not be empty", filled="must not be empty"),
        "documents": Field(kind="document", many=True),
        "remarks": _TEXTS,
    },
}
