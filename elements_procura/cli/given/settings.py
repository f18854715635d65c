"""Options as the settings that they stand for, and faults of settings as those of options."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from elements_procura import registry
from elements_procura.cli.given.missing import way
from elements_procura.cli.given.tables import Table
from elements_procura.cli.given.texts import ids_of
from elements_procura.errors import ConfigError, SettingFault, SettingsError
from elements_procura.fleet import Job, TenantSpec
from elements_procura.schema.settings import read, refuse
from elements_procura.secret import Secret
from elements_procura.spec.settings import ApiSettings, LoginAccount

_MISSING = "is missing"


@contextlib.contextmanager
def as_options() -> Iterator[None]:
    """Inside, faults of settings become faults of the running command's options."""
    try:
        yield
    except SettingsError as error:
        known = {str(each.name): each for each in click.get_current_context().command.params}
        missing = [each.setting for each in error.faults if each.message == _MISSING]
        ways = {name: way(known[name]) if name in known else name for name in missing}
        if len(missing) == len(error.faults):
            listed = ", ".join(ways.values())
            raise ConfigError(f"Missing settings: {listed}", hint=error.hint) from None
        options = {name: known[name].opts[-1] for name in known} | ways
        faults = (
            each._replace(setting=options.get(each.setting, each.setting)) for each in error.faults
        )
        raise SettingsError(faults=tuple(faults)) from None


def spec_of(table: Table, given: Mapping[str, Any], *, secret: str, out: Path) -> TenantSpec:
    """The tenant that a harvest's options stand for.

    Args:
        table: The API's.
        given: The options' values.
        secret: The client's; empty when it is missing.
        out: Directory of the store.

    Raises:
        SettingsError: It lists every fault.
        ConfigError: A file of ids cannot be read.
    """
    values = {name: value for name, value in given.items() if value is not None}
    if isinstance(ids := values.get("ids"), Path):
        values["ids"] = list(map(int, ids_of(ids)))
    kind = registry.spec_of(table.name).settings
    names = (*kind.names(), *Job.names())
    own = {"name": table.name, "api": table.name, "out": out, "secret": Secret(secret)}
    if (store := values.get("store")) is not None:
        own["store"] = str(store)
    try:
        spec = TenantSpec.from_dict({**own, **_only(names, values)})
    except SettingsError as error:
        refuse_all(error.faults, secret, table)
        raise
    refuse_all((), secret, table)
    return spec


def settings_of(table: Table, given: Mapping[str, Any], *, secret: str | None) -> ApiSettings:
    """The settings that a command's options stand for.

    Args:
        table: The API's.
        given: The options' values.
        secret: The client's; None for a command that sends no request.

    Raises:
        SettingsError: It lists every fault.
    """
    known = {name: value for name, value in given.items() if value is not None}
    kind = registry.spec_of(table.name).settings
    values, faults = read(kind, _only(kind.names(), known))
    refuse_all(faults, secret, table)
    return kind(**values)


def account_of(table: Table, given: Mapping[str, Any], *, secret: str | None) -> LoginAccount:
    """The account that a command's options stand for, of an API that people log in to.

    Args:
        table: The API's.
        given: The options' values.
        secret: The client's; None for a command that sends no request.

    Raises:
        SettingsError: It lists every fault.
    """
    make = registry.spec_of(table.name).account_class
    settings = settings_of(table, given, secret=secret)
    return make(settings, None if secret is None else Secret(secret))


def checked_secret(secret: str, table: Table) -> Secret:
    """A client secret, out of sight.

    Args:
        secret: The text.
        table: The API's.

    Raises:
        ConfigError: It is empty.
    """
    if not secret:
        raise ConfigError("the client secret is missing", hint=_secret_hint(table))
    return Secret(secret)


def refuse_all(faults: Iterable[SettingFault], secret: str | None, table: Table) -> None:
    """Raise the faults, a missing secret among them, as one error.

    Args:
        faults: The faults.
        secret: The client's; None where none is needed.
        table: The API's.

    Raises:
        SettingsError: There are faults.
        ConfigError: Only the secret is missing.
    """
    found = [*faults]
    if found and secret == "":
        ways = f"client secret ({table.secret_variable}, or --secret-stdin)"
        found.append(SettingFault(ways, _MISSING))
    refuse(found)
    if secret is not None:
        checked_secret(secret, table)


def _secret_hint(table: Table) -> str:
    return f"Set {table.secret_variable}, or pipe it in with --secret-stdin"


def _only(names: Iterable[str], values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}
