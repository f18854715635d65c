"""Every field of every model and body is described once, beside its module."""

import importlib
import pkgutil
import subprocess
import sys
import tomllib
import typing
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import attrs
import pytest

from elements_procura.elements import bodies as elements_bodies
from elements_procura.elements import models as elements_models
from elements_procura.elements.models import Adviseur, Kantoor, Particulier
from elements_procura.procura import models as procura_models
from elements_procura.procura.models import BirthBody, DeceasedBody
from elements_procura.schema.descriptions import Personal, Sort, describe
from elements_procura.schema.fields import Money
from elements_procura.schema.model import Body, Model

PACKAGES = (elements_models, elements_bodies, procura_models)
Kind = type[Model | Body]
# The documentation names none, or another field does; quantities.
_WITHOUT_UNIT = {"verbruik", "waardewisseling", "korting", "aantal", "aantal_stuks"}


def _modules() -> Iterator[ModuleType]:
    for package in PACKAGES:
        for found in pkgutil.iter_modules(package.__path__):
            yield importlib.import_module(f"{package.__name__}.{found.name}")


def _kinds(module: ModuleType) -> list[Kind]:
    return [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, Model | Body)
        and kind.__module__ == module.__name__
    ]


KINDS = [kind for module in _modules() for kind in _kinds(module)]


def test_every_field_is_described() -> None:
    fields = [(kind, name, told) for kind in KINDS for name, told in describe(kind).items()]
    assert len(fields) > _SOME
    for kind, name, told in fields:
        where = f"{kind.__name__}.{name}"
        assert told.meaning[:1].isupper(), where
        assert not told.meaning.endswith("."), where
        if not kind.__module__.startswith(procura_models.__name__):
            assert name.replace("_", " ") != told.meaning.lower(), where


_SOME = 1_000


def test_no_meaning_is_a_form_that_was_filled_in() -> None:
    by_meaning: dict[str, set[str]] = {}
    for kind in KINDS:
        for name, told in describe(kind).items():
            by_meaning.setdefault(told.meaning, set()).add(name)
            assert not told.meaning.lower().startswith(f"the {name} of")
    # The same words for fields of another name would say that one of them is not understood.
    shared = {meaning: names for meaning, names in by_meaning.items() if len(names) > _SPELLINGS}
    assert shared == {}


_SPELLINGS = 3


def test_amounts_have_a_unit() -> None:
    for kind in KINDS:
        hints = typing.get_type_hints(kind, include_extras=True)
        for name, told in describe(kind).items():
            if {hints[name], *typing.get_args(hints[name])} & {Decimal, Money}:
                assert told.unit or name in _WITHOUT_UNIT, f"{kind.__name__}.{name}"


def test_nothing_is_described_that_is_not_there() -> None:
    files = [path for package in PACKAGES for path in Path(package.__path__[0]).glob("*.toml")]
    everything = "".join(path.read_text() for path in files)
    for module in _modules():
        path = Path(str(module.__file__)).with_suffix(".toml")
        kinds = {kind.__name__: kind for kind in _kinds(module)}
        for name, section in tomllib.loads(path.read_text() if path in files else "").items():
            assert name in kinds or f'"{name}"' in everything or f':{name}"' in everything, name
            if name in kinds:
                described = {key for key, value in section.items() if isinstance(value, str)}
                for key, value in section.items():
                    if isinstance(value, dict):
                        assert key in {*Personal, "units", "sorts", "dutch"}, f"{name}.{key}"
                        described |= set(value)
                assert described <= {each.name for each in attrs.fields(kinds[name])}, name


def test_what_identifies_somebody_is_marked() -> None:
    person = describe(Particulier)
    assert {name for name, told in person.items() if told.sort is Sort.BSN} == {"bsn"}
    assert person["geboortedatum"].sort is Sort.LIFEDATE
    assert person["dossierrol"].personal is Personal.TRAIT
    assert describe(Adviseur)["achternaam"] == person["achternaam"]
    assert describe(DeceasedBody)["bsn"].sort is Sort.BSN
    assert describe(Kantoor)["type"].meaning != describe(Kantoor)["naam"].meaning


def test_every_field_of_procura_has_its_dutch_term() -> None:
    for kind in KINDS:
        if kind.__module__.startswith(procura_models.__name__):
            lacking = [name for name, told in describe(kind).items() if told.dutch is None]
            assert lacking == [], kind.__name__
    assert describe(BirthBody)["declarant"].dutch == "aangever"


def test_importing_a_model_reads_no_description() -> None:
    code = (
        "import sys; from elements_procura.elements.models import Particulier, Hypotheek;"
        "from elements_procura.procura.models import Birth;"
        "print('elements_procura.schema.descriptions' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_field_without_a_description_is_named() -> None:
    made = attrs.make_class("Made", {"naam": attrs.field(default=None)}, bases=(Model,), slots=True)
    made.__module__ = __name__
    with pytest.raises(LookupError, match="Made lacks descriptions of naam"):
        describe(made)
