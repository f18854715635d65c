"""How commands show their options: in sections, each with a title of its own."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])
OWN = "Options"
TALK = "Talk"
_SECTION = "section"

Option = Callable[[Any], Any]


def section(title: str, *each: Option) -> tuple[Option, ...]:
    """The same options, shown together below a title.

    Args:
        title: In a word or two.
        each: Decorators as :func:`click.option` makes them.
    """
    return tuple(_titled(title, option) for option in each)


def _titled(title: str, option: Option) -> Option:
    def add(command: _F) -> _F:
        found: _F = option(command)
        made = found.params if isinstance(found, click.Command) else vars(found)["__click_params__"]
        setattr(made[-1], _SECTION, title)
        return found

    return add


def by_section(options: Iterable[click.Parameter]) -> Iterator[tuple[str, list[click.Option]]]:
    """Options by the title of their section.

    First what is this command's own, then the sections in the order in which their titles first
    occur, those of talk and help last.

    Args:
        options: The options of a command.
    """
    found: dict[str, list[click.Option]] = {OWN: []}
    last: list[click.Option] = []
    for each in options:
        if isinstance(each, click.Option):
            title = getattr(each, _SECTION, OWN)
            is_last = title == TALK or "--help" in each.opts
            (last if is_last else found.setdefault(title, [])).append(each)
    if len(found) > 1:
        found[TALK] = last
    else:
        found[OWN] += last
    yield from ((title, each) for title, each in found.items() if each)


class SectionedCommand(click.Command):
    """A command whose help shows its options in sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a list for each section."""
        for title, options in by_section(self.get_params(ctx)):
            records = [record for each in options if (record := each.get_help_record(ctx))]
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)
