"""Elements, as everything above it sees it."""

from typing import TYPE_CHECKING

from elements_procura.elements.options import ACCOUNT, PACE, SELECTION
from elements_procura.spec.api import ApiSpec

if TYPE_CHECKING:
    from elements_procura.elements.account import Account
    from elements_procura.elements.client import ElementsClient
    from elements_procura.spec.harvest import HarvestSpec
    from elements_procura.spec.settings import ApiSettings


def _client() -> "type[ElementsClient]":
    from elements_procura.elements.client import ElementsClient

    return ElementsClient


def _harvest() -> "HarvestSpec":
    from elements_procura.elements.shapes import HARVEST

    return HARVEST


def _settings() -> "type[ApiSettings]":
    from elements_procura.elements.settings import ElementsSettings

    return ElementsSettings


def _account() -> "type[Account]":
    from elements_procura.elements.account import Account

    return Account


SPEC = ApiSpec(
    name="elements",
    title="Elements",
    dossiers="klantdossiers and what hangs on them",
    root="/api/data",
    per_second=5.0,
    per_day=100_000,
    account=ACCOUNT,
    pace=PACE,
    selection=SELECTION,
    load_client=_client,
    load_harvest=_harvest,
    load_settings=_settings,
    load_account=_account,
)
