"""The file that tells who the tenants are, read and checked whole before anything is sent."""

import contextlib
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
import click

from elements_procura.cli import _missing as missing
from elements_procura.cli._config import plain_values, read_toml
from elements_procura.cli._elements import ElementsTarget
from elements_procura.cli._options import OF_ELEMENTS, OF_PROCURA
from elements_procura.cli._procura import ProcuraTarget
from elements_procura.cli._settings import Job
from elements_procura.cli._tables import ELEMENTS, PROCURA, TABLES, Option, Table, parameters
from elements_procura.cli._target import Target
from elements_procura.errors import ConfigError, InputError
from elements_procura.secret import Secret

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][0-9A-Za-z_]*")
_OWN = ("api", "out", "secret_env")
_TOP = ("tenants", *(table.name for table in TABLES))  # one file may hold all settings
_NOT_ASKED_FOR = Secret("of a tenant that is left out")


@attrs.frozen
class _Api:
    table: Table
    options: tuple[Option, ...]
    target: type[ElementsTarget | ProcuraTarget]


_APIS = {
    "elements": _Api(ELEMENTS, OF_ELEMENTS, ElementsTarget),
    "procura": _Api(PROCURA, OF_PROCURA, ProcuraTarget),
}


@attrs.frozen
class Tenant:
    """One tenant, ready to be harvested.

    Attributes:
        name: As the file calls it.
        out: The directory of its store.
        target: What is harvested.
        job: How much of it.
    """

    name: str
    out: Path
    target: Target[Any]
    job: Job


def read_tenants(
    path: Path, *, out: Path, only: Iterable[str], **for_all: Any
) -> tuple[Tenant, ...]:
    """The tenants of a file.

    Args:
        path: The file.
        out: What their directories are below.
        only: Names of those that are wanted; all when there is none.
        for_all: What :meth:`Job.of` takes besides what stands in the file.

    Raises:
        click.UsageError: Something is wrong with the file, also with a tenant that is not wanted,
            or a client secret is not there. It names every tenant that something is wrong with.
    """
    document, chosen = read_toml(path), tuple(only)
    tables = document.get("tenants")
    if not isinstance(tables, dict) or not tables:
        raise click.UsageError(f"{path} holds no table [tenants.NAME]")
    if strangers := sorted(document.keys() - set(_TOP)):
        raise click.UsageError(f"{path}: {strangers[0]} is none of {', '.join(_TOP)}")
    if unknown := sorted(set(chosen) - tables.keys()):
        raise click.UsageError(f"{path} has no tenant {unknown[0]}; it has {', '.join(tables)}")
    tenants, faults = [], []
    for name, table in tables.items():
        try:
            is_asked_for = not chosen or name in chosen
            values = _checked(name, table, needs_secret=is_asked_for)
            secret = _secret(name, table) if is_asked_for else _NOT_ASKED_FOR
            target = _APIS[table["api"]].target.of(secret=secret, **values)
            job = Job.of(target, **for_all, **values)
            tenants.append(Tenant(name, out / str(table.get("out", name)), target, job))
        except (ConfigError, InputError) as error:
            faults.append(f"{name}: {error}")
    faults += _shared(tenants)
    if faults:
        raise click.UsageError("\n  ".join([f"{path} cannot be taken:", *faults]))
    return tuple(tenant for tenant in tenants if not chosen or tenant.name in chosen)


def _checked(name: str, table: Any, *, needs_secret: bool) -> dict[str, Any]:
    """The options that a tenant's table stands for."""
    if not _NAME.fullmatch(name):
        raise ConfigError("its name is not made of up to 64 letters, digits, '_' and '-'")
    if not isinstance(table, dict):
        raise ConfigError("it is no table")
    if table.get("api") not in _APIS:
        raise ConfigError(f"api is {' or '.join(_APIS)}")
    for key in _OWN:
        if not isinstance(table.get(key, ""), str):
            raise ConfigError(f"{key} is of the wrong type")
    api = _APIS[table["api"]]
    settings = [
        each
        for each in parameters((*api.table.options, *api.options))
        if each.name != "secret_stdin"
    ]
    section = {key: value for key, value in table.items() if key not in _OWN}
    values = plain_values(section, settings, secret_in=_variable(name, table))
    for each in settings:
        each.envvar = None  # the environment is about one account, not about all
    try:
        context = click.Command(name, params=list(settings)).make_context(
            name, [], default_map=values
        )
    except click.MissingParameter:
        lacking = [str(each.name) for each in settings if each.required and each.name not in values]
        told = [f"{each} is missing" for each in lacking + missing.lacking(api.table, values)]
        if needs_secret:
            with contextlib.suppress(ConfigError):
                _secret(name, table)
                needs_secret = False
        also = f"; {_no_secret(name, table)}" if needs_secret else ""
        raise ConfigError("; ".join(told) + also) from None
    except click.BadParameter as error:
        raise ConfigError(f"{error.param and error.param.name}: {error.message}") from None
    return context.params


def _variable(name: str, table: Mapping[str, Any]) -> str:
    """The environment variable with the client secret of a tenant."""
    default = f"{_APIS[table['api']].table.secret_variable}_{_spelling(name)}"
    return str(table.get("secret_env", default))


def _spelling(name: str) -> str:
    return name.upper().replace("-", "_")


def _secret(name: str, table: Mapping[str, Any]) -> Secret:
    variable = _variable(name, table)
    secret = Secret(os.environ.get(variable, "") if _VARIABLE.fullmatch(variable) else "")
    if not secret:
        raise ConfigError(_no_secret(name, table))
    return secret


def _no_secret(name: str, table: Mapping[str, Any]) -> str:
    # Not what stands there: it may be the secret itself.
    is_named = "secret_env" in table
    named = "the variable that secret_env names" if is_named else _variable(name, table)
    return f"there is no client secret: {named} is not set"


def _shared(tenants: Iterable[Tenant]) -> list[str]:
    """What two tenants would have together, and must not."""
    owners: defaultdict[tuple[str, object], list[str]] = defaultdict(list)
    for tenant in tenants:
        owners["name but for its spelling", _spelling(tenant.name)].append(tenant.name)
        owners["out", tenant.out.resolve()].append(tenant.name)
        owners["account", tenant.target.account].append(tenant.name)
    return [
        f"{' and '.join(names)}: they have the same {what}"
        for (what, _), names in owners.items()
        if len(names) > 1
    ]
