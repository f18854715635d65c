"""Bodies that nest as deep as they are read: nobody's rights end in a RecursionError."""

import json

import pytest

from elements_procura import _json
from elements_procura.harvest.drift import Report
from elements_procura.registry import harvest_spec_of
from elements_procura.rights import disclosing
from elements_procura.spec.shapes import without_erased

LEVELS = 990
DEEP = b"[" * LEVELS + b'{"erased":true},1' + b"]" * LEVELS
BODY = b'{"id":5,"a":{"erased":true},"b":[{"erased":true},{"c":2}],"x":' + DEEP + b"}"


def test_whom_was_erased_is_left_out_however_deep() -> None:
    left = without_erased(_json.loads(BODY), BODY)
    inside = left.pop("x")
    assert left == {"id": 5, "b": [{"c": 2}]}
    for _ in range(LEVELS - 1):
        (inside,) = inside
    assert inside == [1]
    assert without_erased({"erased": True}, b'{"erased":true}') is None


def test_such_a_body_is_typed_and_is_looked_at_for_drift() -> None:
    shape = harvest_spec_of("elements").shape_of("dossier")
    assert shape is not None
    assert shape.records(BODY)[0]["id"] == 5
    report = Report()
    report.add("dossier", BODY, api="elements")
    assert report.bodies["dossier"] == 1


@pytest.mark.parametrize("body", [BODY, b'{"a":' * 900 + b"1" + b"}" * 900])
def test_it_is_disclosed_as_its_text(body: bytes) -> None:
    told = disclosing._read(body)
    assert told == {"text": body.decode()}
    assert json.loads(json.dumps(told, indent=2)) == told
    assert disclosing._read(b'{"a":[1]}') == {"a": [1]}
    assert disclosing._read(b"\xff\xd8\xff") == {"base64": "/9j/"}
