"""Every exception class crosses processes whole, and says which ids it is about out of sight."""

import concurrent.futures
import copy
import multiprocessing
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from elements_procura import errors
from elements_procura.errors import (
    BadRequest,
    BodyError,
    BodyFault,
    ElementsProcuraError,
    Ids,
    NotFound,
    SearchGap,
    ServerFault,
)
from elements_procura.paths import Path, from_href
from tests.walking import modules_below

DOSSIER = Path.literal("/api/data/klantdossiers").at(DOSSIER_ID=5526)
GIVEN: dict[str, Any] = {
    "faults": (BodyFault("$.naam", "is missing"),),
    "resets_at": 1_800_000_000.0,
    "limit": 100_000,
    "day": "2026-11-29",
    "page_size": 200,
    "gaps": (SearchGap("2026-11-29", "2026-11-29", "birth"),),
    "records": (0, 3),
    "method": "POST",
    "template": DOSSIER.at("adviseurs", ADVISEUR_ID=112115).template,
    "attempts": 3,
    "status": 418,
    "error": "invalid_scope",
    "digest": "ab" * 32,
    "sent_at": 1_700_000_000.5,
    "path": "$.a[1]",
    "body": '{"a": str}',
    "retry_after": 12.5,
    "since": 1_700_000_000.0,
    "retry_at": 1_700_003_600.0,
    "hint": "Try something else",
}


def classes(root: type[ElementsProcuraError] = ElementsProcuraError) -> Iterator[Any]:
    yield root
    for each in root.__subclasses__():
        yield from classes(each)


list(modules_below(but=("elements_procura.cli", "elements_procura.__main__")))
KINDS = sorted(
    {each for each in classes() if each.__module__.startswith("elements_procura")},
    key=lambda each: str(each.__qualname__),
)


def an(kind: Any) -> ElementsProcuraError:
    """An error with everything on it that its class takes, and with things set afterwards."""
    code = kind.__init__.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    error: ElementsProcuraError = kind("went wrong", **{k: GIVEN[k] for k in names if k in GIVEN})
    if issubclass(kind, errors.RequestError):
        error.__dict__["server_message"] = "Kantoor 14830 bestaat niet"
    if issubclass(kind, BadRequest):
        error.__dict__["faults"] = (ServerFault("naam", "verplicht"),)
    if issubclass(kind, errors.OutcomeUnknown):
        error.__dict__["reference"] = "ABC-123"
    error.add_note("seen on a Monday")
    return error


def told(error: BaseException) -> tuple[Any, ...]:
    return type(error), str(error), repr(error), error.args, vars(error)


def pickled(error: ElementsProcuraError) -> Any:
    return pickle.loads(pickle.dumps(error))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__qualname__)
@pytest.mark.parametrize("way", [pickled, copy.copy, copy.deepcopy])
def test_every_class_survives(kind: Any, way: Callable[[Any], Any]) -> None:
    error = an(kind)
    twin = way(error)
    assert twin is not error
    assert told(twin) == told(error)
    assert twin.__notes__ == ["seen on a Monday"]
    assert twin.hint == "Try something else"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_of_pickle_will_do(protocol: int) -> None:
    for error in map(an, KINDS):
        assert told(pickle.loads(pickle.dumps(error, protocol))) == told(error)


def test_the_table_knows_every_class_of_the_tree() -> None:
    named = {each for each in vars(errors).values() if isinstance(each, type)}
    assert {each for each in named if issubclass(each, ElementsProcuraError)} <= set(KINDS)
    assert len(KINDS) >= 30


def fail(index: int) -> None:
    raise an(KINDS[index])


def test_every_class_comes_out_of_a_process_pool() -> None:
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        ended = [pool.submit(fail, index) for index in range(len(KINDS))]
        for kind, future in zip(KINDS, ended, strict=True):
            found = future.exception(timeout=60)
            assert found is not None
            assert told(found) == told(an(kind))


def test_every_class_comes_out_of_a_multiprocessing_pool() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        ended = [pool.apply_async(fail, (index,)) for index in range(len(KINDS))]
        for kind, result in zip(KINDS, ended, strict=True):
            with pytest.raises(kind) as caught:
                result.get(timeout=60)
            assert told(caught.value) == told(an(kind))


# ---------------------------------------------------------------- ids


def not_found(path: Path) -> NotFound:
    return NotFound("the server answered 404", method="GET", template=path.template, status=404)


def test_an_error_knows_its_ids_and_shows_them_nowhere() -> None:
    error = not_found(DOSSIER.at("adviseurs", ADVISEUR_ID=112115))
    assert error.ids == {"DOSSIER_ID": "5526", "ADVISEUR_ID": "112115"}
    shown = f"{error} {error!r} {vars(error)!r} {error.ids} {error.ids!r}"
    assert "5526" not in shown
    assert "112115" not in shown
    assert str(error.ids) == "<Ids DOSSIER_ID, ADVISEUR_ID>"
    assert type(error.template) is str


def test_ids_out_of_a_link_are_numbered() -> None:
    path = from_href("/999993653/12", "https://a.example")
    assert not_found(path).ids == {"ID": "999993653", "ID_2": "12"}


def test_what_is_about_no_path_has_no_ids() -> None:
    assert BodyError("no", faults=()).ids == {}
    assert not_found(Path.literal("/api/v1/info")).ids == {}
    assert ElementsProcuraError("no").ids == {}


def test_an_error_keeps_its_ids_on_the_way() -> None:
    error = pickled(not_found(DOSSIER))
    assert error.ids == {"DOSSIER_ID": "5526"}
    assert isinstance(error.ids, Ids)


def test_a_class_of_the_tree_names_its_public_home() -> None:
    for name in errors.__all__:
        found = getattr(errors, name)
        assert f"{found.__module__}.{found.__qualname__}" == f"elements_procura.errors.{name}"
    assert {each.__name__ for each in KINDS if "errors" in each.__module__} <= {*errors.__all__}
