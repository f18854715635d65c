"""Bodies: what is documented goes over the wire as it is, and what is not is never sent."""

import copy
import datetime as dt
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elements_procura.elements import bodies, choices
from elements_procura.elements._api import CreatedId
from elements_procura.elements._wire import elements_bodies
from elements_procura.elements.client import ElementsClient
from elements_procura.elements.models.kantoor import Kantoor
from elements_procura.errors import BadRequest, BodyError, BodyFault, NotSent
from elements_procura.schema.fields import Choice, Pointer, Pointers
from elements_procura.schema.model import Body
from tests.client_kit import client_at, told
from tests.contract import BY_KEY, ENDPOINTS, Documented, recording
from tests.contract_calls import CALLS
from tests.elements.body_cases import CHECKED, Case, Checked, exact, violations, written

NOWHERE = "http://127.0.0.1:9"
BODIES = elements_bodies()
KINDS: list[type[Body]] = [getattr(bodies, name) for name in dir(bodies)]
QUERY = {"rol": "partner"}
ALL = [
    (checked, case)
    for checked in CHECKED
    for schema, example in checked.shapes()
    for case in violations(schema, example)
]
each_endpoint = pytest.mark.parametrize("checked", CHECKED, ids=lambda each: each.endpoint.name)


async def call(client: ElementsClient, endpoint: Documented, body: Any) -> Any:
    return await CALLS[endpoint.key](client, endpoint.ids({"body": None}), body, QUERY)


async def refused(client: ElementsClient, endpoint: Documented, body: Any) -> BodyError:
    """The refusal; if anything were sent, it would be :class:`NotSent` instead."""
    with pytest.raises(BodyError) as caught:
        await call(client, endpoint, body)
    return caught.value


# ---------------------------------------------------------------- what is documented is sent


BY_SEGMENT: dict[str, tuple[type[Body], ...]] = {
    "": (bodies.KlantdossierBody,),
    "{DOSSIER_ID}": (bodies.CorrespondentieadresBody,),
    "{PERSOON_ID}": (bodies.CorrespondentieadresBody,),
    "acties": (bodies.ActieBody,),
    "adressen": (bodies.AdresBody, bodies.ExistingAdresBody),
    "consumptiefkredieten": (bodies.ConsumptiefkredietBody,),
    "contracten": (bodies.ContractBody,),
    "delen": (bodies.DeelBody,),
    "diensten": (bodies.DienstBody,),
    "emailadressen": (bodies.EmailadresBody,),
    "hypotheken": (bodies.HypotheekBody,),
    "kenmerken": (bodies.KenmerkBody,),
    "medewerkers": (bodies.MedewerkerBody, bodies.ExistingMedewerkerBody),
    "onderdelen": (bodies.OnderdeelBody,),
    "overige": (bodies.OverigeBody,),
    "panden": (bodies.AdresBody, bodies.ExistingAdresBody),
    "particulier": (bodies.ParticulierBody,),
    "proposities": (bodies.PropositieBody,),
    "registraties": (bodies.RegistratieBody,),
    "rekeningnummers": (bodies.RekeningnummerBody, bodies.ExistingRekeningnummerBody),
    "taken": (bodies.TaakBody,),
    "telefoonnummers": (bodies.TelefoonnummerBody,),
    "voertuig": (bodies.VoertuigBody,),
    "voertuigen": (bodies.VoertuigBody,),
    "workflows": (bodies.WorkflowBody,),
    "zakelijk": (bodies.ZakelijkBody,),
}


def kinds_of(endpoint: Documented) -> tuple[type[Body], ...]:
    """The classes that an endpoint takes."""
    kinds = BY_SEGMENT[endpoint.path.rsplit("/", 1)[1]]
    return kinds[:1] if "zakelijk/{ORGANISATIE_ID}/adressen" in endpoint.path else kinds


def kind_of(endpoint: Documented, body: Mapping[str, Any]) -> type[Body]:
    """Of those, the one that ``body`` is."""
    return next(
        kind for kind in kinds_of(endpoint) if isinstance(BODIES.encode(body, [kind]), bytes)
    )


def faults_of(body: Any, kind: type[Body]) -> tuple[BodyFault, ...]:
    found = BODIES.encode(body, [kind])
    assert not isinstance(found, bytes)
    return found


def as_python(kind: Any, value: Any) -> Any:
    """A JSON value as a caller of the body class would write it."""
    if isinstance(kind, Pointers):
        return tuple(item["id"] for item in value)
    if isinstance(kind, Pointer):
        return value["id"]
    if isinstance(value, str) and kind.right.startswith("a date, ") and len(value) == 10:
        return dt.date.fromisoformat(value)
    if isinstance(value, str) and kind.right.startswith("a date and time"):
        return dt.datetime.fromisoformat(value)
    return value


@pytest.mark.parametrize(
    ("endpoint", "example"),
    [(each, body) for each in ENDPOINTS for body in each.examples],
    ids=lambda each: each.name if isinstance(each, Documented) else "",
)
def test_a_body_class_writes_the_documented_example(
    endpoint: Documented, example: dict[str, Any]
) -> None:
    kind = kind_of(endpoint, example)
    fields = BODIES.fields(kind)
    given = {
        name: as_python(field.kind, example[field.key])
        for name, field in fields.items()
        if field.key in example
    }
    encoded = BODIES.encode(kind(**given), [kind])
    assert isinstance(encoded, bytes)
    assert orjson.loads(encoded) == example


def test_every_body_class_is_shown_by_an_example() -> None:
    shown = {kind_of(each, body) for each in ENDPOINTS for body in each.examples}
    # The documentation says how a medewerker that is there already is added, and shows none.
    assert set(KINDS) - shown == {bodies.ExistingMedewerkerBody}


async def test_what_an_undocumented_body_holds_is_sent_as_it_is() -> None:
    endpoint = next(each for each in ENDPOINTS if each.path.endswith("/facturen"))
    body = {"null": None, "leeg": "", "bedrag": Decimal("12.10"), "op": dt.date(2026, 1, 2)}
    async with recording(endpoint.answers[0]) as server, client_at(server.url) as client:
        await call(client, endpoint, body)
    assert server.seen[0].body == b'{"null":null,"leeg":"","bedrag":12.10,"op":"2026-01-02"}'


# ---------------------------------------------------------------- what is not is refused


def test_every_keyword_of_every_schema_is_violated(capsys: pytest.CaptureFixture[str]) -> None:
    """The judge agrees that the cases are wrong, and no keyword is left out."""
    wrong = [case for checked, case in ALL if checked.is_right(case.body)]
    assert not wrong
    counted = Counter(case.keyword for _, case in ALL)
    assert set(counted) == KEYWORDS
    with capsys.disabled():
        shown = ", ".join(f"{keyword} {count}" for keyword, count in sorted(counted.items()))
        print(f"\n{len(ALL)} violations of {len(CHECKED)} endpoints' schemas: {shown}")


KEYWORDS = {
    *("type", "enum", "required", "additionalProperties", "oneOf", "format", "pattern"),
    *("minLength", "maxLength", "minimum", "maximum", "multipleOf", "minItems", "uniqueItems"),
}


@each_endpoint
@pytest.mark.filterwarnings("ignore:POST .*/voertuig .*:DeprecationWarning")
async def test_violations_are_refused_before_anything_is_sent(checked: Checked) -> None:
    cases = [case for owner, case in ALL if owner is checked]
    assert cases
    async with client_at(NOWHERE) as client:
        for case in cases:
            error = await refused(client, checked.endpoint, case.body)
            paths = [fault.path for fault in error.faults]
            assert any(points_at(path, case, checked) for path in paths), (case, paths)
            assert all(f"{fault.path} {fault.message}" in str(error) for fault in error.faults)
        assert client.counters.sent == 0


def points_at(path: str, case: Case, checked: Checked) -> bool:
    """A fault names its place; of what is too little for two shapes, that of the first."""
    is_either = case.keyword == "required" and len(list(checked.shapes())) > 1
    return path.startswith(case.path) or (is_either and len(case.body) == 1)


def pool() -> list[Any]:
    found: list[Any] = [None, True, False, 0, 1, -1, 1.5, 19.99, 0.001, 0.0000011, 1e8, 1e12]
    found += ["", "x", "12", "x" * 26, "x" * 51, "x" * 256, "x" * 301, "NL", "Algemeen", "Incasso"]
    found += ["2016-02-29", "2015-02-29", "2016-02-29 10:00:00", "2016-02-29T00:00:00+01:00"]
    found += ["Persoon", "Workflowgroep", "WorkflowgroepMetPersoon", "Man", "Overige", "Fiets"]
    found += [{}, {"id": 1}, {"id": 0}, {"id": "1"}, {"id": 1, "x": 2}, {"id": None}]
    found += [[], [{"id": 1}], [{"id": 1}, {"id": 1}], [{"id": 1}, {"id": 2}], [1], "erbij"]
    return found


POOL = pool()
NAMES = {
    checked.endpoint.key: sorted(
        {name for schema, _ in checked.shapes() for name in schema["properties"]} | {"erbij"}
    )
    for checked in CHECKED
}


@settings(max_examples=800, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_verdict_is_that_of_a_json_schema_library(data: st.DataObject) -> None:
    """Whatever is changed in a documented example."""
    checked = data.draw(st.sampled_from(CHECKED))
    body = copy.deepcopy(data.draw(st.sampled_from(checked.endpoint.bodies)))
    names = st.sampled_from(NAMES[checked.endpoint.key])
    for _ in range(data.draw(st.integers(1, 3))):
        if data.draw(st.booleans()):
            body.pop(data.draw(st.sampled_from(sorted(body))) if body else "", None)
        else:
            body[data.draw(names)] = data.draw(st.sampled_from(POOL))
    kinds = kinds_of(checked.endpoint)
    verdict = BODIES.encode(body, kinds)
    if checked.is_right(body):
        assert isinstance(verdict, bytes), (body, verdict)
        assert orjson.loads(verdict) == body
    elif isinstance(verdict, bytes):
        sent = orjson.loads(verdict)
        assert checked.is_right(sent), (body, sent)
        # Where a day is documented, one with a time is taken, and the day is sent.
        changed = [name for name in body if body[name] != sent[name]]
        assert changed
        assert all(body[name][:10] == sent[name] for name in changed), (body, sent)


REFERENCE = 'an object with an id, as {"id": 1}; a body class also takes the id alone'


def test_one_error_lists_every_fault() -> None:
    body = {
        "omschrijving": "",
        "kantoor": {"id": 0, "x": 1},
        "relatienumer": "1",
        "aanmaakdatum": 5,
    }
    faults = BODIES.encode(body, [bodies.KlantdossierBody])
    assert faults == (
        ("$.omschrijving", "must be a text of 1 to 255 characters"),
        ("$.aanmaakdatum", "must be a date and time, as 2016-01-31 10:00:00"),
        (
            "$.dossierstatus",
            f"is missing; it must be {REFERENCE}",
        ),
        ("$.kantoor.id", "must be a whole number of at least 1"),
        ("$.kantoor.x", "is not a field here; only 'id' is"),
        ("$.relatienumer", "is not a field of this body; 'relatienummer' is"),
    )


def test_the_rules_between_fields_say_what_is_needed() -> None:
    taak = BY_KEY["POST", f"{D}/bankgaranties/{{PRODUCT_ID}}/taken"].examples[0]
    alone = taak | {"verantwoordelijke": "Workflowgroep"}
    del alone["verantwoordelijkeWorkflowgroep"]
    [fault] = faults_of(alone, bodies.TaakBody)
    assert fault == (
        "$.verantwoordelijkeWorkflowgroep",
        'is missing; it is needed when verantwoordelijke is "Workflowgroep"',
    )
    [fault] = faults_of({"type": "Algemeen"}, bodies.EmailadresBody)
    assert fault == ("$", "must hold exactly one of id and naam; none is there")
    both = {"type": "Algemeen", "id": 1, "naam": "a@b.nl"}
    [fault] = faults_of(both, bodies.EmailadresBody)
    assert fault == ("$", "must hold exactly one of id and naam; more than one is there")


D = "/api/data/klantdossiers/{DOSSIER_ID}"


# ---------------------------------------------------------------- body classes


def sent(body: Body) -> Any:
    encoded = BODIES.encode(body, [type(body)])
    assert isinstance(encoded, bytes), encoded
    return orjson.loads(encoded)


def test_references_take_an_id_a_record_or_what_was_just_added() -> None:
    for kantoor in (14830, Kantoor(id=14830), CreatedId(14830, "/x/14830")):
        body = bodies.KlantdossierBody(omschrijving="x", dossierstatus=1, kantoor=kantoor)
        assert sent(body) == {
            "omschrijving": "x",
            "dossierstatus": {"id": 1},
            "kantoor": {"id": 14830},
        }


@pytest.mark.parametrize("wrong", [True, "14830", 14830.0, 0, [14830], Kantoor(id=0)])
def test_what_is_no_reference_is_refused(wrong: Any) -> None:
    body = bodies.KlantdossierBody(omschrijving="x", dossierstatus=1, kantoor=wrong)
    [fault] = faults_of(body, bodies.KlantdossierBody)
    assert fault[0] in ("$.kantoor", "$.kantoor.id")


def test_instants_are_written_as_documented_or_with_their_offset() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    for moment, text in (
        (dt.datetime(2017, 1, 2, 10, 0, 5, 999), "2017-01-02 10:00:05"),
        (dt.datetime(2017, 7, 2, 10, tzinfo=zone), "2017-07-02T10:00:00+02:00"),
    ):
        body = bodies.KlantdossierBody(
            omschrijving="x", dossierstatus=1, kantoor=2, aanmaakdatum=moment
        )
        assert sent(body)["aanmaakdatum"] == text


def test_an_instant_is_a_date_where_it_is_on_one_day_and_a_date_is_no_instant() -> None:
    day, moment = dt.date(2016, 1, 1), dt.datetime(2016, 1, 1, 23, 30, tzinfo=dt.UTC)
    voertuig = bodies.VoertuigBody(bezittingtype="Auto", bouwjaar=moment)
    [fault] = faults_of(voertuig, bodies.VoertuigBody)
    right = "a date, as 2016-01-31; a time with it must be on one day in the Netherlands"
    assert fault == ("$.bouwjaar", f"must be {right}")
    voertuig = bodies.VoertuigBody(bezittingtype="Auto", bouwjaar=moment.replace(hour=9))
    assert sent(voertuig)["bouwjaar"] == "2016-01-01"
    wrong: Any = day
    dossier = bodies.KlantdossierBody(
        omschrijving="x", dossierstatus=1, kantoor=2, aanmaakdatum=wrong
    )
    [fault] = faults_of(dossier, bodies.KlantdossierBody)
    assert fault[0] == "$.aanmaakdatum"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("99999999.99"), b"99999999.99"),
        (Decimal("24000.00"), b"24000.00"),
        (Decimal("1E+3"), b"1000"),
        (19.99, b"19.99"),
        (-7, b"-7"),
    ],
)
def test_amounts_are_written_exactly(amount: Any, text: bytes) -> None:
    body = bodies.OverigeBody(bezittingtype="Overige", huidige_waarde=amount)
    encoded = BODIES.encode(body, [bodies.OverigeBody])
    assert encoded == b'{"huidigeWaarde":' + text + b',"bezittingtype":"Overige"}'


@pytest.mark.parametrize(
    "amount", [0.1 + 0.2, Decimal("0.001"), Decimal("NaN"), Decimal("sNaN"), float("inf"), 10**400]
)
def test_amounts_that_are_none_are_refused(amount: Any) -> None:
    body = bodies.OverigeBody(bezittingtype="Overige", huidige_waarde=amount)
    [fault] = faults_of(body, bodies.OverigeBody)
    assert fault[0] == "$.huidigeWaarde"


@pytest.mark.parametrize("way", ["class", "mapping"], ids=["in a body class", "in a plain mapping"])
def test_choices_are_taken_without_html_entities(way: str) -> None:
    plain = "Isra\u00eblische"
    body: Any = {"achternaam": "x", "nationaliteit": plain}
    body = bodies.ParticulierBody(**body) if way == "class" else body
    encoded = BODIES.encode(body, [bodies.ParticulierBody])
    assert isinstance(encoded, bytes)
    assert orjson.loads(encoded)["nationaliteit"] == "Isra&euml;lische"


def test_choices_are_those_of_the_schemas() -> None:
    known = {tuple(sorted(getattr(choices, name))) for name in dir(choices)}
    found: set[tuple[str, ...]] = set()

    def collect(schema: Any) -> None:
        if isinstance(schema, dict):
            values = schema.get("enum")
            if isinstance(values, list) and isinstance(values[0], str) and len(values) > 1:
                found.add(tuple(sorted(values)))
            for inner in schema.values():
                collect(inner)
        elif isinstance(schema, list):
            for inner in schema:
                collect(inner)

    for endpoint in ENDPOINTS:
        collect(endpoint.schemas)
    assert len(found) == 29
    assert known == found | {("eerste-persoon", "kind", "partner")}
    sizes = (choices.Land, choices.Nationaliteit, choices.Bank, choices.KostbaarheidType)
    assert [len(each) for each in sizes] == [250, 213, 59, 29]


def test_no_two_choices_are_the_same_without_entities() -> None:
    for name in dir(choices):
        members = getattr(choices, name)
        assert set(Choice(members).values.values()) == set(members)


def test_nothing_of_a_body_is_in_its_repr() -> None:
    body = bodies.ParticulierBody(achternaam="Geheim", bsn="999990019")
    assert repr(body) == "<ParticulierBody>"
    assert "Geheim" not in f"{body} {body!r}"


# ---------------------------------------------------------------- calls


async def test_the_server_has_the_last_word_when_the_check_is_off() -> None:
    endpoint = BY_KEY["POST", "/api/data/klantdossiers/"]
    async with recording(endpoint.answers[0]) as server, client_at(server.url) as client:
        made = await client.klantdossiers.add({"onbekend": 1, "leeg": ""}, validate=False)
    assert (made, made.location) == (5526, "/api/data/klantdossiers/5526")
    assert server.seen[0].body == b'{"onbekend":1,"leeg":""}'


async def test_what_json_has_no_place_for_is_refused_even_then() -> None:
    async with client_at(NOWHERE) as client:
        for wrong in ({"x": object()}, {"x": 10**30}, {1: "x"}, {"x": "\ud800"}, {"x": {1, 2}}):
            with pytest.raises(BodyError, match="JSON has no place"):
                await client.klantdossiers.add(wrong, validate=False)  # type: ignore[arg-type] # on purpose


async def test_a_body_of_another_class_is_refused() -> None:
    async with client_at(NOWHERE) as client:
        wrong: Any = bodies.ActieBody(actie=1)
        with pytest.raises(BodyError, match="must be KlantdossierBody, got ActieBody"):
            await client.klantdossiers.add(wrong)
        for nothing in (None, "x", [("a", 1)]):
            with pytest.raises(BodyError, match="must be AdresBody or Mapping"):
                await client.dossier(1).zakelijk(2).adressen.add(nothing)  # type: ignore[arg-type] # on purpose


async def test_an_address_that_is_there_already_is_for_persons_and_panden_only() -> None:
    existing = {"id": 7797, "type": "Factuuradres"}
    async with client_at(NOWHERE) as client:
        with pytest.raises(BodyError, match=r"\$\.plaatsnaam is missing"):
            await client.dossier(1).zakelijk(2).adressen.add(existing)
        with pytest.raises(NotSent):
            await client.dossier(1).particulier(2).adressen.add(existing)


async def test_a_role_that_is_none_is_refused() -> None:
    async with client_at(NOWHERE) as client:
        wrong: Any = "buurman"
        with pytest.raises(
            Exception, match="rol is none of eerste-persoon, partner, kind"
        ) as found:
            await client.dossier(1).klanten.particulier.add({"achternaam": "x"}, rol=wrong)
    assert "buurman" not in str(found.value)


SECRETS = ("999990019", "Geheimenaar", "999990020")


@pytest.mark.parametrize("way", ["class", "mapping"])
async def test_nothing_of_a_body_can_be_read_off_an_error(way: str) -> None:
    """Neither off a refusal of ours, nor off one of the server, nor when nobody is there."""
    body: Any = {"achternaam": SECRETS[1], "bsn": SECRETS[0], "voornaam": SECRETS[2] * 60}
    refusal = {"total": 1, "_embedded": {"errors": [{"path": "$.bsn", "message": SECRETS[0]}]}}
    answer = {"status": 400, "headers": {}, "body": refusal}
    async with recording(answer) as server:
        for url, validate, kind in (
            (NOWHERE, True, BodyError),
            (NOWHERE, False, NotSent),
            (server.url, False, BadRequest),
        ):
            given = bodies.ParticulierBody(**body) if way == "class" else dict(body)
            async with client_at(url) as client:
                with pytest.raises(kind) as caught:
                    await client.dossier(5526).klanten.particulier.add(
                        given, rol="partner", validate=validate
                    )
            shown = told(caught.value)
            assert not [secret for secret in SECRETS if secret in shown]
    assert isinstance(caught.value, BadRequest)
    assert caught.value.faults == (("$.bsn", SECRETS[0]),)


def test_a_closing_newline_is_part_of_a_telephone_number() -> None:
    """Python's ``$`` would overlook it."""
    [fault] = faults_of({"naam": "06-1\n", "type": "Fax"}, bodies.TelefoonnummerBody)
    assert fault.path == "$.naam"


def test_body_classes_say_which_fields_are_required() -> None:
    """The class and the schema agree; the schema of hypotheken breaks off before it says so."""
    for checked in CHECKED:
        for schema, example in checked.shapes():
            kind = kind_of(checked.endpoint, written(example))
            fields = BODIES.fields(kind).values()
            assert {field.key for field in fields if field.is_required} == set(
                schema.get("required", [])
            )
            known = {field.key for field in fields}
            assert known == set(schema["properties"]) or kind is bodies.HypotheekBody
            assert all(attribute.kw_only for attribute in attrs.fields(kind))


def test_exact_is_exact() -> None:
    """The judge would else call 19.99 wrong too."""
    assert exact({"x": [19.99]}) == {"x": [Decimal("19.99")]}
