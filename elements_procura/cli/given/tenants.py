"""The file of tenants, read and checked whole before anything is sent."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from elements_procura import registry
from elements_procura.cli.given.config import fault_text, read_toml
from elements_procura.errors import ConfigError, SettingsError
from elements_procura.fleet.secrets import EnvSecret, SecretSource, read_source, secret_of
from elements_procura.fleet.spec import TenantSpec, shared, variable_of
from elements_procura.spec.settings import ApiSettings

_TOP = ("tenants", *registry.names())  # one file may hold all settings


def read_tenants(
    path: Path, *, out: Path, only: Iterable[str], are_secrets_here: bool = True, **for_all: Any
) -> tuple[TenantSpec, ...]:
    """The tenants of a file.

    Args:
        path: The file.
        out: The parent of their directories.
        only: Names of the wanted ones; empty for all.
        are_secrets_here: Whether client secrets must be known to this process.
        for_all: The settings of a job, unless a tenant's table overrides them.

    Raises:
        click.UsageError: The file has a fault, even in a tenant that is not wanted, or a client
            secret is missing. It names every faulty tenant.
    """
    document, chosen = read_toml(path), tuple(only)
    tables = document.get("tenants")
    if not isinstance(tables, dict) or not tables:
        raise click.UsageError(f"{path} lacks a table [tenants.NAME]")
    if strangers := sorted(document.keys() - set(_TOP)):
        raise click.UsageError(f"{path}: {strangers[0]} is none of {', '.join(_TOP)}")
    if unknown := sorted(set(chosen) - tables.keys()):
        raise click.UsageError(f"{path} has no tenant {unknown[0]}; it has {', '.join(tables)}")
    given = {name: value for name, value in for_all.items() if value is not None}
    specs, faults = [], []
    for name, table in tables.items():
        try:
            needs_secret = are_secrets_here and (not chosen or name in chosen)
            specs.append(_spec(name, table, given, out=out, needs_secret=needs_secret))
        except ConfigError as error:
            faults.append(f"{name}: {error}")
    faults += shared(specs)
    if faults:
        raise click.UsageError("\n  ".join([f"{path} cannot be taken:", *faults]))
    return tuple(spec for spec in specs if not chosen or spec.name in chosen)


def _spec(
    name: str, table: Any, for_all: Mapping[str, Any], *, out: Path, needs_secret: bool
) -> TenantSpec:
    """The tenant that a table stands for.

    Raises:
        ConfigError: It lists every fault.
    """
    if not isinstance(table, dict):
        raise ConfigError("it must be a table")
    if "name" in table:
        raise ConfigError("its name stands in the table's head")
    wrong: list[str] = []
    own = {key: value for key, value in table.items() if key not in ("secret", "secret_env")}
    own |= {"name": name, "out": _below(out, table.get("out", name))}
    try:
        if (source := _secret(name, table, is_needed=needs_secret)) is not None:
            own["secret"] = source
    except ConfigError as error:
        wrong.append(str(error))
    try:
        spec = TenantSpec.from_dict({**for_all, **own})
    except SettingsError as error:
        faults = dict.fromkeys(map(fault_text, error.faults))
        raise ConfigError("; ".join([*faults, *wrong]), hint=error.hint) from None
    if wrong:
        raise ConfigError("; ".join(wrong))
    return spec


def _secret(name: str, table: Mapping[str, Any], *, is_needed: bool) -> SecretSource | None:
    """Where the tenant's client secret comes from; None for its variable.

    Raises:
        ConfigError: A source is not one, or the secret is needed and not there.
    """
    source: SecretSource | None = None
    try:
        if "secret" in table:
            source = read_source(table["secret"])
        elif "secret_env" in table:
            source = EnvSecret(str(table["secret_env"]))
    except ValueError as error:
        raise ConfigError(f"secret {error.args[0]}") from None
    if is_needed and (kind := _settings_of(table)) is not None:
        secret_of(source, variable=variable_of(kind, name))
    return source


def _below(out: Path, given: Any) -> Any:
    return out / given if isinstance(given, str) else given


def _settings_of(table: Mapping[str, Any]) -> type[ApiSettings] | None:
    """The class of a tenant's settings; None when its API is unknown."""
    api = table.get("api")
    return registry.spec_of(api).settings if api in registry.names() else None
