"""What can be imported from where."""

import importlib
import pkgutil

import pytest

from elements_procura import procura
from elements_procura._model import Model
from elements_procura.procura import models


def test_every_model_is_to_be_had_from_the_package() -> None:
    homes = {
        name: value
        for module in pkgutil.iter_modules(models.__path__, f"{models.__name__}.")
        for name, value in vars(importlib.import_module(module.name)).items()
        if isinstance(value, type) and value.__module__ == module.name
    }
    public = {name: value for name, value in homes.items() if not name.startswith("_")}
    assert set(models.__all__) == set(public) == set(dir(models))
    assert all(getattr(models, name) is value for name, value in public.items())
    assert sum(issubclass(value, Model) for value in public.values()) > 60


def test_the_client_is_to_be_had_from_the_package() -> None:
    assert procura.ProcuraClient.__name__ == "ProcuraClient"
    assert set(procura.__all__) == set(dir(procura))
    assert all(hasattr(procura, name) for name in procura.__all__)
    with pytest.raises(AttributeError):
        _ = procura.nothing
