"""What the options of an account mean: its grant, its token store, its client."""

import contextlib
from pathlib import Path
from typing import Any, Self

import attrs

from elements_procura import paths
from elements_procura.auth import FileTokenStore, KeyringTokenStore
from elements_procura.auth.oauth import (
    AuthorizationCodeGrant,
    Credentials,
    Grant,
    OrganisationGrant,
    Token,
    account_of,
)
from elements_procura.auth.tokens import MemoryTokenStore, TokenStore
from elements_procura.cli._config import NAME
from elements_procura.cli._tables import ELEMENTS, Table
from elements_procura.elements.client import DOCUMENTED_RATES, DOMAIN, ElementsClient
from elements_procura.errors import ConfigError
from elements_procura.scheduler import Scheduler
from elements_procura.secret import Secret

_NO_SECRET = Secret("none is needed to look at an entry")


@attrs.frozen
class Account:
    """Whose data, and how access to it is come by."""

    base_url: str
    client_id: str
    secret: Secret
    flow: str
    organisation: str
    user: str
    webservice: str
    scopes: tuple[str, ...]
    token_in: str
    token_store: str
    token_folder: Path | None  # None: there is no home to have one in

    @classmethod
    def of(cls, *, secret: str | Secret | None, **given: Any) -> Self:
        """An account out of a command's options.

        Args:
            secret: The client's; None for what asks nothing of the server.
            given: The options.

        Raises:
            ConfigError: Something is missing.
        """
        secret = _NO_SECRET if secret is None else secret
        secret = secret if isinstance(secret, Secret) else Secret(secret)
        if given["flow"] == "organisation" and not given["organisation"]:
            also = "" if secret else "; there is no client secret either"
            raise ConfigError(
                f"there is no organisation{also}",
                hint="Set organisation (--organisation, ELEMENTS_ORGANISATION), or flow to code"
                + (f"; and {ELEMENTS.secret_variable}" if also else ""),
            )
        secret = checked_secret(secret, ELEMENTS)
        return cls(
            base_url=paths.base_url(given["host"], domain=DOMAIN),
            client_id=given["client_id"],
            secret=secret,
            flow=given["flow"],
            organisation=given["organisation"] or "",
            user=given["user"],
            webservice=given["webservice"],
            scopes=tuple(given["scopes"]),
            token_in=given["token_in"],
            token_store=given["token_store"],
            token_folder=given["token_folder"] or _default_folder(),
        )

    @property
    def owner(self) -> str:
        """Whose data it is, in a word."""
        return self.organisation if self.flow == "organisation" else self.user

    def grant(self, code: Secret | None = None) -> Grant:
        """How the account comes by its first token."""
        credentials = Credentials(self.client_id, self.secret)
        if self.flow == "code":
            return AuthorizationCodeGrant(
                credentials, self.user, self.webservice, self.scopes, code
            )
        return OrganisationGrant(credentials, self.organisation, self.webservice, self.scopes)

    @property
    def entry(self) -> str:
        """The name of its entry in a token store."""
        return account_of(self.base_url, self.grant())

    def store(self, *, saving: bool = False) -> TokenStore:
        """Where its token is kept.

        Args:
            saving: Whether ``auto`` stands for the file although nothing is in it yet.
        """
        is_memory = self.token_store == "memory"  # noqa: S105 - a place, not a token
        may_be_memory = self.token_store == "auto" and not saving and self.flow == "organisation"  # noqa: S105 - as above
        if is_memory or (may_be_memory and self.token_folder is None):
            return MemoryTokenStore()
        if self.token_folder is None:
            raise ConfigError(  # as for the user of many a container
                "there is no home directory to keep tokens in",
                hint="Set token_folder (--token-folder, ELEMENTS_TOKEN_FOLDER), or HOME",
            )
        if self.token_store == "keyring":  # noqa: S105 - as above
            return KeyringTokenStore(self.token_folder)
        file = FileTokenStore(self.token_folder)
        if may_be_memory and not file.path_of(self.entry).exists():
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
        """A client of this account, for reading only unless told otherwise."""
        return ElementsClient(
            self.base_url,
            grant=grant or self.grant(),
            token_in_query=self.token_in == "query",  # noqa: S105 - a place, not a token
            scheduler=scheduler or Scheduler(rates=DOCUMENTED_RATES),
            token_store=store or self.store(),
            read_only=read_only,
        )


def store_text(store: TokenStore, account: Account) -> str:
    """Where a store keeps the account's token, for a person to read."""
    if isinstance(store, FileTokenStore):
        return str(store.path_of(account.entry))
    return "keyring" if isinstance(store, KeyringTokenStore) else "memory"


def checked_secret(secret: str | Secret, table: Table) -> Secret:
    """A client secret, out of sight.

    Raises:
        ConfigError: It is empty.
    """
    secret = secret if isinstance(secret, Secret) else Secret(secret)
    if not secret:
        raise ConfigError(
            "there is no client secret",
            hint=f"Set {table.secret_variable}, or pipe it in with --secret-stdin",
        )
    return secret


def _default_folder() -> Path | None:
    import platformdirs

    with contextlib.suppress(RuntimeError):  # newer releases of platformdirs say so
        folder = platformdirs.user_state_path(NAME, appauthor=False) / "tokens"
        return folder if folder.is_absolute() else None
    return None
