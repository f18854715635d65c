"""The settings of a tenant of the toy."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import attrs

from elements_procura import paths
from elements_procura.auth.credentials import Credentials
from elements_procura.schema.settings import setting
from elements_procura.secret import Secret
from elements_procura.spec.settings import ApiSettings
from tests.toy_api.client import ToyClient
from tests.toy_api.source import ToySource


@attrs.frozen(kw_only=True)
class ToySettings(ApiSettings):
    """One library."""

    secret_variable: ClassVar[str] = "TOY_CLIENT_SECRET"
    probe: ClassVar[str] = "/books"
    groups: ClassVar[tuple[str, ...]] = ()

    url: str = setting()
    client_id: str = setting()

    @classmethod
    def address(cls, given: Mapping[str, Any]) -> str:
        """The address that requests go to."""
        return paths.base_url(given["url"])

    @property
    def tenant(self) -> str:
        """Whose data it is."""
        return f"toy {self.client_id}"

    @property
    def account(self) -> tuple[str, ...]:
        """Server and client."""
        return (self.url, self.client_id)

    @property
    def selection(self) -> Mapping[str, str]:
        """All books."""
        return {}

    def client(
        self, secret: Secret, out: Path | None = None, *, read_only: bool = True
    ) -> ToyClient:
        """A client of the library."""
        credentials = Credentials(self.client_id, secret)
        return ToyClient(self.url, credentials=credentials, read_only=read_only)

    async def source(
        self, client: ToyClient, selection: Mapping[str, str], *, listing: bool
    ) -> ToySource:
        """All books."""
        return ToySource(client)
