"""An account of Elements: its grant, its token store, its client."""

import contextlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import attrs

from elements_procura._redis import PASSWORD, is_address
from elements_procura.auth import FileTokenStore, KeyringTokenStore, RedisTokenStore
from elements_procura.auth.credentials import Credentials
from elements_procura.auth.grants import (
    AuthorizationCodeGrant,
    Grant,
    OrganisationGrant,
    account_of,
)
from elements_procura.auth.oauth import Token
from elements_procura.auth.stores.memory import MemoryTokenStore
from elements_procura.auth.tokens import TokenStore
from elements_procura.disk.errors import is_there
from elements_procura.elements.client import DOCUMENTED_RATES, ElementsClient, address_of
from elements_procura.errors import ConfigError, SettingFault
from elements_procura.scheduler import Scheduler
from elements_procura.schema.settings import setting
from elements_procura.secret import Secret
from elements_procura.spec.settings import ApiSettings

_PROGRAM = "elements-procura"
_STORES = ("auto", "memory", "file", "keyring")
_KEY = "ELEMENTS_TOKEN_KEY"
_NO_SECRET = Secret("none is needed to look at an entry")


def _place(value: Any) -> str:
    """A token store, by its name or the URL of its server."""
    if value in _STORES:
        return str(value)
    if not isinstance(value, str) or not is_address(value):
        raise ValueError(
            f"must be {' or '.join(_STORES)} or redis://HOST:PORT/DB (rediss, unix)",
            f"A password is in {PASSWORD} in the environment",
        )
    return str(value)


@attrs.frozen(kw_only=True)
class AccountSettings(ApiSettings):
    """The owner of the data, and the way to get access.

    Attributes:
        host: HOST of ``https://HOST.fasterforwardelements.nl``, or a whole address.
        client_id: The client's id, from the vendor.
        flow: ``organisation`` for an organisation's data, ``code`` for a person's who agrees in a
            browser.
        organisation: Id of the organisation.
        user: With ``flow="code"``: the caller's own name for the person.
        webservice: The vendor's name of the service.
        scopes: The rights that are asked for.
        token_in: Where the token travels: ``query`` or ``header``.
        token_store: Where the token is kept: ``memory``, ``file``, ``keyring``, the URL of a Redis
            or Valkey server (``redis://``, ``rediss://``, ``unix://``), or ``auto`` for the file of
            a login if there is one.
        token_folder: Directory of the file store.
    """

    secret_variable: ClassVar[str] = "ELEMENTS_CLIENT_SECRET"  # noqa: S105 - a variable's name
    probe: ClassVar[str] = "/api/data/klantdossiers/0"
    """A dossier that does not exist."""

    host: str = setting()
    client_id: str = setting()
    flow: str = setting("organisation", choices=("organisation", "code"))
    organisation: str | None = setting(None)
    user: str = setting("me")
    webservice: str = setting("data")
    scopes: tuple[str, ...] = setting(("klantdossier.read",))
    token_in: str = setting("query", choices=("query", "header"))
    token_store: str = setting("auto", read=_place)
    token_folder: Path | None = setting(None)

    @classmethod
    def rules(cls, values: Mapping[str, Any]) -> Iterable[SettingFault]:
        """The address, and the organisation that a flow needs."""
        if "host" in values:
            try:
                address_of(values["host"])
            except ConfigError as error:
                yield SettingFault("host", f"is refused: {error.args[0]}", error.hint)
        if "token_store" in values:
            try:
                _place(values["token_store"])
            except ValueError as error:
                yield SettingFault("token_store", *map(str, error.args))
        if values.get("flow") == "organisation" and not values.get("organisation", "unread"):
            yield SettingFault("organisation", "is missing", "Set it, or flow to code")

    @classmethod
    def address(cls, given: Mapping[str, Any]) -> str:
        """The address that requests go to, out of settings as they were given.

        Args:
            given: The settings by name.
        """
        return address_of(given["host"])

    @property
    def owner(self) -> str:
        """The owner of the data, in one word."""
        return (self.organisation or "") if self.flow == "organisation" else self.user

    @property
    def tenant(self) -> str:
        """The owner of the data."""
        return f"elements {self.owner}"

    @property
    def account(self) -> tuple[str, ...]:
        """Server, client and whose data it reads."""
        return (self.base_url, self.client_id, self.flow, self.owner)


@attrs.frozen
class Account:
    """Settings of Elements together with the client's secret.

    Attributes:
        settings: The owner of the data, and the way to get access.
        secret: The client's; None for uses that send no request.
    """

    settings: AccountSettings
    secret: Secret | None = None

    def grant(self, code: Secret | None = None) -> Grant:
        """The grant for the account's first token.

        Args:
            code: The code that a consenting person brought back.
        """
        given = self.settings
        credentials = Credentials(given.client_id, self.secret or _NO_SECRET)
        if given.flow == "code":
            return AuthorizationCodeGrant(
                credentials, given.user, given.webservice, given.scopes, code
            )
        return OrganisationGrant(
            credentials, given.organisation or "", given.webservice, given.scopes
        )

    @property
    def entry(self) -> str:
        """The name of its entry in a token store."""
        return account_of(self.settings.base_url, self.grant())

    def store(self, *, saving: bool = False) -> TokenStore:
        """The store that holds its token.

        Args:
            saving: Whether ``auto`` stands for the file although nothing is in it yet.

        Of a server, the key that encrypts it is in ``ELEMENTS_TOKEN_KEY`` (several with blanks
        between them, the newest first), its password in ``REDISCLI_AUTH``.

        Raises:
            ConfigError: The file store has no directory, or a server's needs an extra.
        """
        given = self.settings
        if "://" in given.token_store:
            return RedisTokenStore(
                given.token_store,
                key=map(Secret, os.environ.get(_KEY, "").split()),
                password=Secret(os.environ.get(PASSWORD, "")),
            )
        folder = given.token_folder or _default_folder()
        is_memory = given.token_store == "memory"  # noqa: S105 - a place, not a token
        may_be_memory = (
            given.token_store == "auto" and not saving and given.flow == "organisation"  # noqa: S105 - as above
        )
        if is_memory or (may_be_memory and folder is None):
            return MemoryTokenStore()
        if folder is None:
            raise ConfigError(  # as for the user of many a container
                "tokens need a directory, and this user has no home directory",
                hint="Set token_folder (--token-folder, ELEMENTS_TOKEN_FOLDER), or HOME",
            )
        if given.token_store == "keyring":  # noqa: S105 - as above
            return KeyringTokenStore(folder)
        file = FileTokenStore(folder)
        if may_be_memory and not is_there(file.path_of(self.entry)):
            return MemoryTokenStore()
        return file

    async def saved(self) -> Token | None:
        """The token that a login saved."""
        store = self.store(saving=True)
        async with store.exclusive(self.entry):
            return await store.load(self.entry)

    def client(
        self,
        *,
        store: TokenStore | None = None,
        grant: Grant | None = None,
        scheduler: Scheduler | None = None,
        read_only: bool = True,
    ) -> ElementsClient:
        """A client of this account.

        Args:
            store: Where its token is kept; by default as the settings say.
            grant: How it comes by its first token; by default as the settings say.
            scheduler: Its quota; by default the documented one, counted in memory.
            read_only: Whether writing calls are refused.
        """
        return ElementsClient(
            self.settings.base_url,
            grant=grant or self.grant(),
            token_in_query=self.settings.token_in == "query",  # noqa: S105 - a place, not a token
            scheduler=scheduler or Scheduler(rates=DOCUMENTED_RATES),
            token_store=store or self.store(),
            read_only=read_only,
        )


def _default_folder() -> Path | None:
    """The user's own; None without a home, or without the extra ``cli`` that knows it."""
    with contextlib.suppress(RuntimeError, ImportError):  # newer platformdirs raise without a home
        import platformdirs  # noqa: PLC0415 - an extra, which few need

        folder = platformdirs.user_state_path(_PROGRAM, appauthor=False) / "tokens"
        return folder if folder.is_absolute() else None
    return None
