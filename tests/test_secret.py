import copy
import json
import pickle
from collections.abc import Callable

import attrs
import orjson
import pytest

from elements_procura.auth.credentials import Credentials
from elements_procura.auth.oauth import Token
from elements_procura.secret import Secret

TEXT = "canary-3f9c"
SECRET = Secret(TEXT)
TOKEN = Token(SECRET, 60.0, 0.0, refresh=SECRET)


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        ascii,
        "{}".format,
        "{:>40}".format,
        "{!r:>40}".format,
        "%s".__mod__,
        lambda value: str([value]) + str({"x": value}),
        lambda value: str(attrs.asdict(Credentials("me", value))),
        lambda value: repr(Credentials("me", value)),
        lambda _: str(attrs.asdict(TOKEN)) + str(attrs.astuple(TOKEN)) + repr(TOKEN),
        lambda value: str(TypeError(value)) + repr(ValueError(value)),
    ],
)
def test_it_never_shows_itself(show: Callable[[object], str]) -> None:
    assert TEXT not in show(SECRET)
    assert show(SECRET)


@pytest.mark.parametrize(
    "dump",
    [
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        json.dumps,
        orjson.dumps,
        lambda value: json.dumps(attrs.asdict(Credentials("me", value))),
        lambda value: pickle.dumps(Credentials("me", value)),
        list,
        len,
        vars,
    ],
)
def test_it_goes_into_no_file(dump: Callable[[object], object]) -> None:
    with pytest.raises(TypeError) as caught:
        dump(SECRET)
    assert TEXT not in str(caught.value)


def test_reveal_is_the_way_to_the_text() -> None:
    assert SECRET.reveal() == TEXT


def test_equality_and_truth() -> None:
    assert Secret(TEXT) == SECRET
    assert hash(SECRET) == hash(Secret(TEXT))
    assert Secret("other") != SECRET
    assert SECRET != TEXT
    assert hash(SECRET) != hash(TEXT)
    assert SECRET
    assert not Secret("")
