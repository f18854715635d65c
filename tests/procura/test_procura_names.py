"""What can be imported from where."""

import importlib
import pkgutil

import pytest

from elements_procura import procura
from elements_procura.procura import models
from elements_procura.schema.model import Model


def test_everything_is_to_be_had_from_the_package() -> None:
    homes = {
        name: value
        for module in pkgutil.iter_modules(models.__path__, f"{models.__name__}.")
        for name, value in vars(importlib.import_module(module.name)).items()
        if isinstance(value, type) and value.__module__ == module.name
    }
    public = {name: value for name, value in homes.items() if not name.startswith("_")}
    others = {"MADE", "ProcuraClient", "Reference", "raise_for_findings"}
    assert set(procura.__all__) == set(public) | others == set(dir(procura))
    assert len(procura.__all__) == len(set(procura.__all__))
    assert all(getattr(procura, name) is value for name, value in public.items())
    assert all(hasattr(procura, name) for name in others)
    assert sum(issubclass(value, Model) for value in public.values()) > 60
    with pytest.raises(AttributeError):
        _ = procura.nothing
