"""Logging in and out, without options and printing."""

import asyncio
import sys
import webbrowser

import attrs
import click

from elements_procura.auth import FileTokenStore, KeyringTokenStore, RedisTokenStore, authorize
from elements_procura.auth.oauth import Token
from elements_procura.auth.stores.memory import MemoryTokenStore
from elements_procura.auth.tokens import TokenStore
from elements_procura.cli._output import Output
from elements_procura.cli._streams import given_line
from elements_procura.cli.work.loopback import Loopback
from elements_procura.errors import AuthenticationError, ConfigError
from elements_procura.secret import Secret
from elements_procura.spec.settings import ApiSettings, LoginAccount


async def log_in(account: LoginAccount, browser: "Browser") -> Token:
    """Get a new token and save it. A token that was saved before stays until then.

    Raises:
        AuthenticationError: The server, or the person, refuses.
        ConfigError: The store keeps nothing.
    """
    if account.settings.token_store == "memory":  # noqa: S105 - a place, not a token
        raise ConfigError(
            "a login into memory ends with this command", hint="Choose --token-store file"
        )
    await account.saved()  # the store is tried before anybody is asked for anything
    code = await browser.code(account) if account.settings.flow == "code" else None
    fetched, store = MemoryTokenStore(), account.store(saving=True)
    async with account.client(store=fetched, grant=account.grant(code)) as client:
        await client.authenticate()
    token = await fetched.load(account.entry)
    assert token is not None  # noqa: S101 - authenticate() has put it there
    async with store.exclusive(account.entry) as fence:
        await store.save(account.entry, token, fence)
    return token


async def try_account(settings: ApiSettings, secret: Secret) -> None:
    """Get a token with the settings of an account, and forget it.

    Args:
        settings: Of the account.
        secret: The client's.

    Raises:
        AuthenticationError: The server refuses them.
    """
    async with settings.client(secret) as client:
        await client.authenticate()


async def log_out(account: LoginAccount) -> bool:
    """Delete the saved token; return whether there was one."""
    store = account.store(saving=True)
    async with store.exclusive(account.entry) as fence:
        had_one = await store.load(account.entry) is not None
        await store.save(account.entry, None, fence)
    return had_one


def store_text(store: TokenStore, account: LoginAccount) -> str:
    """Where a store keeps the account's token, for a person to read.

    Args:
        store: The store.
        account: The token's account.
    """
    if isinstance(store, FileTokenStore):
        return str(store.path_of(account.entry))
    if isinstance(store, RedisTokenStore):
        return store.place
    return "keyring" if isinstance(store, KeyringTokenStore) else "memory"


@attrs.frozen
class Browser:
    """How to ask a person for access, and to receive the answer."""

    output: Output
    paste: bool
    port: int
    opens: bool
    timeout: float

    async def code(self, account: LoginAccount) -> Secret:
        """The code that they were given.

        Raises:
            AuthenticationError: They refused, nobody answered, or the answer is not to this.
        """
        if self.paste:
            request = self._begin(account, authorize.OUT_OF_BAND)
            self._show(request.url)
            return request.code_shown(await asyncio.to_thread(_pasted))
        async with Loopback(self.port) as loopback:
            request = self._begin(account, loopback.redirect_uri)
            self._show(request.url)
            try:
                async with asyncio.timeout(self.timeout):
                    address = await loopback.answer()
            except TimeoutError:
                raise AuthenticationError(
                    f"no answer came within {self.timeout:g} s",
                    hint="Begin again, with --paste if the browser is on another machine",
                ) from None
            return request.code_from(address)

    def _begin(self, account: LoginAccount, redirect_uri: str) -> authorize.AuthorizationRequest:
        return authorize.begin(
            account.settings.base_url,
            client_id=account.settings.client_id,
            scopes=account.settings.scopes,
            webservice=account.settings.webservice,
            redirect_uri=redirect_uri,
        )

    def _show(self, url: str) -> None:
        # Also with --quiet: without it there is no going on.
        click.echo(f"open     {url}", err=True)
        if self.opens:
            webbrowser.open(url)


def _pasted() -> Secret:
    if sys.stdin.isatty():
        return Secret(click.prompt("code, or the whole address", hide_input=True, err=True))
    return Secret(given_line())
