"""Procura, as everything above it sees it."""

from typing import TYPE_CHECKING, Any

from elements_procura.spec.api import ApiSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from elements_procura.procura.client import ProcuraClient
    from elements_procura.spec.settings import ApiSettings
    from elements_procura.spec.source import Source


def _client() -> "type[ProcuraClient]":
    from elements_procura.procura.client import ProcuraClient

    return ProcuraClient


def _source() -> "Callable[[Any], Source]":
    from elements_procura.procura.source import whole

    return whole


def _settings() -> "type[ApiSettings]":
    from elements_procura.procura.settings import ProcuraSettings

    return ProcuraSettings


SPEC = ApiSpec(
    name="procura",
    title="Procura",
    root="/api/v1",
    load_client=_client,
    load_source=_source,
    load_settings=_settings,
)
