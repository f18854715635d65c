"""Procura, as everything above it sees it."""

from typing import TYPE_CHECKING

from elements_procura.procura.options import ACCOUNT, PACE, SELECTION
from elements_procura.spec.api import ApiSpec

if TYPE_CHECKING:
    from elements_procura.procura.client import ProcuraClient
    from elements_procura.spec.harvest import HarvestSpec
    from elements_procura.spec.settings import ApiSettings


def _client() -> "type[ProcuraClient]":
    from elements_procura.procura.client import ProcuraClient

    return ProcuraClient


def _harvest() -> "HarvestSpec":
    from elements_procura.procura.shapes import HARVEST

    return HARVEST


def _settings() -> "type[ApiSettings]":
    from elements_procura.procura.settings import ProcuraSettings

    return ProcuraSettings


SPEC = ApiSpec(
    name="procura",
    title="Procura",
    dossiers="the dossiers of Procura / vrijBRP that were filed in a period, and what is in them",
    root="/api/v1",
    account=ACCOUNT,
    pace=PACE,
    selection=SELECTION,
    load_client=_client,
    load_harvest=_harvest,
    load_settings=_settings,
)
