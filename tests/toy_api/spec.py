"""The toy, as everything above it sees it."""

from typing import TYPE_CHECKING

from elements_procura.spec.api import ApiSpec
from elements_procura.spec.options import Option

if TYPE_CHECKING:
    from elements_procura.spec.harvest import HarvestSpec
    from tests.toy_api.client import ToyClient
    from tests.toy_api.settings import ToySettings


def _client() -> "type[ToyClient]":
    from tests.toy_api.client import ToyClient

    return ToyClient


def _harvest() -> "HarvestSpec":
    from tests.toy_api.source import HARVEST

    return HARVEST


def _settings() -> "type[ToySettings]":
    from tests.toy_api.settings import ToySettings

    return ToySettings


SPEC = ApiSpec(
    name="toy",
    title="Toy",
    dossiers="the books of a library",
    root="/api/toy",
    account=(Option(name="url", is_required=True), Option(name="client_id", is_required=True)),
    load_client=_client,
    load_harvest=_harvest,
    load_settings=_settings,
)
