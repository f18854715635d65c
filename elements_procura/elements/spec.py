"""Elements, as everything above it sees it."""

from typing import TYPE_CHECKING, Any

from elements_procura.spec.api import ApiSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from elements_procura.elements.client import ElementsClient
    from elements_procura.spec.settings import ApiSettings
    from elements_procura.spec.source import Source


def _client() -> "type[ElementsClient]":
    from elements_procura.elements.client import ElementsClient

    return ElementsClient


def _source() -> "Callable[[Any], Source]":
    from elements_procura.elements.source import ElementsSource

    return ElementsSource


def _settings() -> "type[ApiSettings]":
    from elements_procura.elements.settings import ElementsSettings

    return ElementsSettings


SPEC = ApiSpec(
    name="elements",
    title="Elements",
    root="/api/data",
    load_client=_client,
    load_source=_source,
    load_settings=_settings,
)
