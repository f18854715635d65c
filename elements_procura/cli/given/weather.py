"""--weather: weather for the sandboxes."""

import click


def _read(context: click.Context, _: click.Parameter, names: str | None) -> str:
    """The names once they have proved right, or a list of all on stdout."""
    from elements_procura.sandbox import Weather

    if names is None:
        return ""
    if names.strip() == "list":
        click.echo(_listed())
        context.exit()
    try:
        Weather.parse(names)
    except ValueError as error:
        raise click.BadParameter(f"{error} (--weather list describes them)") from None
    return names


def _listed() -> str:
    from elements_procura.sandbox.core.weather import KINDS, MIXES

    width = max(map(len, KINDS))
    lines = [f"{name:{width}}  a mix: {', '.join(kinds)}" for name, kinds in MIXES.items()]
    for name, kind in KINDS.items():
        only = [api for api in ("elements", "procura") if getattr(kind, api) is not None]
        where = f" ({only[0].title()} only)" if len(only) == 1 else ""
        passing = "; comes and goes" if kind.passing else ""
        lines.append(f"{name:{width}}  {kind.text}{where}{passing}")
    return "\n".join(lines)


WEATHER = click.option(
    "--weather",
    metavar="NAME[,NAME…]",
    callback=_read,
    help="What else the servers, and what stands before them, answer; `list` prints the names.",
)
"""Gives the command the names, empty when there are none."""
