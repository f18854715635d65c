"""Options and the settings that they stand for: the same names, defaults and bounds."""

from collections.abc import Iterator
from typing import Any

import click
import pytest

from elements_procura import registry
from elements_procura.cli.given import options as given
from elements_procura.cli.given.help import Option
from elements_procura.cli.given.tables import TABLES, parameters
from elements_procura.fleet import Job
from elements_procura.schema.settings import read

OF_API = {spec.name: given.options_of(spec) for spec in registry.specs()}
OF_JOB = (*given.REFRESH, *given.RETRY, given.SUPPRESSION)
DUMMY = {"host": "a", "url": "https://a.example", "client_id": "b", "organisation": "1"}


def pairs(options: tuple[Option, ...], *kinds: Any) -> Iterator[tuple[click.Option, Any, Any]]:
    """Every option with its setting's class and field."""
    for option in parameters(options):
        if option.name == "secret_stdin":
            continue
        (found,) = (
            (kind, field)
            for kind in kinds
            for field in kind.__attrs_attrs__
            if field.name == option.name
        )
        yield option, *found


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_option_has_the_default_and_the_bounds_of_its_setting(table: Any) -> None:
    kind = registry.spec_of(table.name).settings
    options = (*table.options, *OF_API[table.name], *OF_JOB)
    for option, home, field in pairs(options, kind, Job):
        if isinstance(option.default, str | float | int | tuple) and option.default is not None:
            values, faults = read(home, {**DUMMY, option.name: option.default})
            assert not [fault for fault in faults if fault.setting == option.name]
            assert values[str(option.name)] == field.default, option.name
        bounds = option.type
        if isinstance(bounds, click.IntRange | click.FloatRange):
            assert (bounds.min, bounds.max) == (field.metadata["least"], field.metadata["most"])
        if isinstance(bounds, click.Choice):
            assert tuple(bounds.choices) == field.metadata["choices"], option.name


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_setting_has_its_option(table: Any) -> None:
    names = {each.name for each in parameters((*table.options, *OF_API[table.name], *OF_JOB))}
    settings = {*registry.spec_of(table.name).settings.names(), *Job.names()}
    without = {"wait", "ids"} if table.name == "procura" else set()
    assert settings - names - without == set()
