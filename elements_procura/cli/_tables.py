"""The settings of an account, for each API: options, which may also stand in a table of a file."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])
Option = Callable[[Any], Any]


def options(*each: Option) -> Callable[[_F], _F]:
    """One decorator for several options, in the order in which help shows them."""

    def add(command: _F) -> _F:
        for option in reversed(each):
            command = option(command)
        return command

    return add


def parameters(each: Iterable[Option]) -> list[click.Option]:
    """What click makes of options; every call makes them anew."""

    @options(*each)
    def bare() -> None:
        """Only to be asked for its options."""

    return list(reversed(vars(bare)["__click_params__"]))


class Table(NamedTuple):
    """The settings of one API.

    Attributes:
        name: Of the table in a file, and of the API.
        secret_variable: Where the client secret is: it stands in no file and no argument.
        options: The settings.
    """

    name: str
    secret_variable: str
    options: tuple[Option, ...]


def _secret_stdin(variable: str) -> Option:
    return click.option(
        "--secret-stdin",
        is_flag=True,
        help=f"Read the client secret from stdin instead of {variable}.",
    )


ELEMENTS = Table(
    "elements",
    "ELEMENTS_CLIENT_SECRET",
    (
        click.option(
            "--host",
            envvar="ELEMENTS_HOST",
            required=True,
            show_envvar=True,
            help="HOST of https://HOST.fasterforwardelements.nl, or a whole address.",
        ),
        click.option("--client-id", envvar="ELEMENTS_CLIENT_ID", required=True, show_envvar=True),
        _secret_stdin("ELEMENTS_CLIENT_SECRET"),
        click.option(
            "--flow",
            type=click.Choice(["organisation", "code"]),
            envvar="ELEMENTS_FLOW",
            default="organisation",
            show_default=True,
            show_envvar=True,
            help="Whose data: an organisation's, or a person's who agrees in a browser.",
        ),
        click.option("--organisation", envvar="ELEMENTS_ORGANISATION", show_envvar=True),
        click.option(
            "--user",
            envvar="ELEMENTS_USER",
            default="me",
            show_default=True,
            show_envvar=True,
            help="With --flow code: your own name for the person.",
        ),
        click.option(
            "--webservice",
            envvar="ELEMENTS_WEBSERVICE",
            default="data",
            show_default=True,
            show_envvar=True,
        ),
        click.option(
            "--scope",
            "scopes",
            envvar="ELEMENTS_SCOPES",
            multiple=True,
            show_envvar=True,
            default=("klantdossier.read",),
            show_default=True,
        ),
        click.option(
            "--token-in",
            type=click.Choice(["query", "header"]),
            envvar="ELEMENTS_TOKEN_IN",
            default="query",
            show_default=True,
            show_envvar=True,
            help="Where the token travels: as 1.9.6 documents, or as newer releases take it.",
        ),
        click.option(
            "--token-store",
            type=click.Choice(["auto", "memory", "file", "keyring"]),
            envvar="ELEMENTS_TOKEN_STORE",
            default="auto",
            show_default=True,
            show_envvar=True,
            help="auto: the file of a login if there is one, else memory.",
        ),
        click.option(
            "--token-folder",
            type=click.Path(path_type=Path, file_okay=False),
            envvar="ELEMENTS_TOKEN_FOLDER",
            show_envvar=True,
            help="Of the file store; by default the user's own.",
        ),
    ),
)
PROCURA = Table(
    "procura",
    "PROCURA_CLIENT_SECRET",
    (
        click.option(
            "--url",
            envvar="PROCURA_URL",
            required=True,
            show_envvar=True,
            help="The address with its context, such as https://api.procura.nl/dossiers.",
        ),
        click.option("--client-id", envvar="PROCURA_CLIENT_ID", required=True, show_envvar=True),
        _secret_stdin("PROCURA_CLIENT_SECRET"),
    ),
)
TABLES = (ELEMENTS, PROCURA)
account_options = options(*ELEMENTS.options)
