"""A tenant as JSON: the API and account, the directory, and the extent of the harvest."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import attrs

from elements_procura import registry
from elements_procura.errors import ConfigError, InputError, SettingFault, SettingsError
from elements_procura.fleet.job import Job
from elements_procura.fleet.secrets import SecretSource, read_source, secret_of
from elements_procura.harvest.address import Where, identity_of
from elements_procura.harvest.store import backend_of
from elements_procura.schema.settings import read, refuse, unknown
from elements_procura.secret import Secret
from elements_procura.spec.settings import ApiSettings
from elements_procura.spec.source import included

__all__ = ["TenantSpec"]

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")
_OWN = ("name", "api", "out", "store", "secret")


@attrs.frozen(kw_only=True)
class TenantSpec:
    """One tenant, ready to be harvested by :func:`~elements_procura.fleet.run_tenant`.

    It is made of plain values and holds no secret: it can be pickled, and written as JSON. The
    JSON is one flat object: ``name``, ``api``, ``out``, ``secret``, then the settings of the API's
    class and those of :class:`~elements_procura.fleet.Job` under their own names.

    ::

        TenantSpec.from_dict({
            "name": "kantoor-a", "api": "elements", "out": "harvests/kantoor-a",
            "secret": {"env": "KANTOOR_A"},
            "host": "kantoor-a", "client_id": "…", "organisation": 14830,
            "refresh": True, "within": "8h",
        })

    Attributes:
        name: Its name in logs and outcomes.
        api: As :func:`elements_procura.registry.names` has it.
        out: Its directory: the count of the day's requests lies there, and the store.
        store: Address of the store, a path or a URL; None for the API's file in ``out``.
        settings: Its account, pace and selection, of the class of its API.
        secret: The source of the client secret; None for the variable of its API and name, such as
            ``ELEMENTS_CLIENT_SECRET_KANTOOR_A``.
        job: The extent of the harvest.

    Raises:
        SettingsError: It lists every fault.
    """

    name: str
    api: str
    out: Path = attrs.field(converter=Path)
    store: str | None = None
    settings: ApiSettings
    secret: SecretSource | None = None
    job: Job = attrs.field(factory=Job)

    def __attrs_post_init__(self) -> None:
        faults = [*_name_faults(self.name)]
        if self.api not in registry.names():
            faults.append(SettingFault("api", f"must be {' or '.join(registry.names())}"))
        elif not isinstance(self.settings, registry.spec_of(self.api).settings):
            faults.append(SettingFault("settings", f"must be those of {self.api}"))
        faults += _store_faults(self.store)
        refuse([*faults, *_group_faults(type(self.settings), self.job.include)])

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Read a tenant from JSON.

        Args:
            given: The object; lengths of time and shares may be spelled as ``10h`` and ``80%``.

        Raises:
            SettingsError: It lists every fault.
        """
        if not isinstance(given, Mapping):
            raise SettingsError(faults=(SettingFault("spec", "must be an object"),))
        faults = [*_name_faults(given.get("name", "")), *_store_faults(given.get("store"))]
        faults += [] if "out" in given else [SettingFault("out", "is missing")]
        if not isinstance(given.get("out", ""), str | Path):
            faults.append(SettingFault("out", "must be the name of a directory"))
        api = given.get("api")
        if api not in registry.names():
            faults.append(SettingFault("api", f"must be {' or '.join(registry.names())}"))
            raise SettingsError(faults=(*faults, *read(Job, given)[1], *_secret_faults(given)))
        kind = registry.spec_of(api).settings
        faults += unknown(given, (*_OWN, *kind.names(), *Job.names()))
        of_api, more = read(kind, given)
        of_job, most = read(Job, given)
        faults += [*more, *most, *_group_faults(kind, of_job.get("include"))]
        faults += _secret_faults(given)
        refuse(faults)
        return cls(
            name=given["name"],
            api=api,
            out=given["out"],
            store=given.get("store"),
            settings=kind(**of_api),
            job=Job(**of_job),
            secret=read_source(given["secret"]) if "secret" in given else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """The tenant as JSON, without settings that have their default.

        Raises:
            TypeError: It holds its secret itself: hand over where that comes from instead.
        """
        if isinstance(self.secret, Secret):
            raise TypeError("a Secret is not written: hand over where it comes from instead")
        own: dict[str, Any] = {"name": self.name, "api": self.api, "out": str(self.out)}
        if self.store is not None:
            own["store"] = self.store
        if self.secret is not None:
            own["secret"] = self.secret.to_dict()
        return {
            **own,
            **self.settings.to_dict(),
            **self.job.to_dict(),
        }

    @property
    def where(self) -> Where:
        """The address of its store."""
        return self.store or self.out / registry.spec_of(self.api).store_name

    def client_secret(self) -> Secret:
        """Read its client secret.

        Raises:
            ConfigError: It is missing.
        """
        return secret_of(self.secret, variable=variable_of(self.settings, self.name))


def variable_of(settings: ApiSettings | type[ApiSettings], name: str) -> str:
    """The environment variable of a tenant's client secret, where none is named."""
    return f"{settings.secret_variable}_{_spelling(name)}"


def shared(specs: Iterable[TenantSpec]) -> Iterator[str]:
    """Find objects that tenants would share and must not, a text for each.

    Args:
        specs: All that are harvested at once.
    """
    owners: defaultdict[tuple[str, object], list[str]] = defaultdict(list)
    for spec in specs:
        owners["name but for its spelling", _spelling(spec.name)].append(spec.name)
        owners["out", spec.out.resolve()].append(spec.name)
        if spec.store is not None:
            owners["store", identity_of(spec.store)].append(spec.name)
        owners["account", (spec.api, *spec.settings.account)].append(spec.name)
    for (what, _), names in owners.items():
        if len(names) > 1:
            yield f"{' and '.join(names)}: they have the same {what}"


def _store_faults(store: object) -> Iterator[SettingFault]:
    if store is not None:
        if not isinstance(store, str):
            yield SettingFault("store", "must be a path or a URL")
            return
        try:
            backend_of(store)
            identity_of(store)
        except ConfigError as error:
            yield SettingFault("store", f"is refused: {error.args[0]}", error.hint)


def _secret_faults(given: Mapping[str, Any]) -> Iterator[SettingFault]:
    if "secret" in given:
        try:
            read_source(given["secret"])
        except ValueError as error:
            yield SettingFault("secret", *map(str, error.args))


def _spelling(name: str) -> str:
    return name.upper().replace("-", "_")


def _name_faults(name: object) -> Iterator[SettingFault]:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield SettingFault(
            "name",
            "must be up to 64 letters, digits, '_' and '-', and begin with one of the first two",
        )


def _group_faults(kind: type[ApiSettings], include: Iterable[str] | None) -> Iterator[SettingFault]:
    try:
        included(include, groups=kind.groups, extra_groups=kind.extra_groups)
    except InputError as error:
        yield SettingFault("include", f"is refused: {error.args[0]}", error.hint)


def greatest_ages(spec: TenantSpec, *, begun_with: frozenset[str] | None) -> dict[str, float]:
    """Seconds after which the parts of a tenant's dossiers have to be refreshed.

    Args:
        spec: The tenant.
        begun_with: The groups that its store was begun with; None for a store that has none yet.

    Raises:
        InputError: A greatest age is of nothing that the harvest fetches.
    """
    if not spec.job.max_age:
        return {}
    found = registry.harvest_spec_of(spec.api)
    groups = included(
        spec.job.include,
        groups=found.groups,
        extra_groups=found.extra_groups,
        begun_with=begun_with,
    )
    return found.greatest_ages(spec.job.max_age, included=groups)
