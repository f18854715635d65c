"""How commands show their options: in sections, each with a title of its own."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])
_OTHERS = "Options"
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
    """Options by the title of their section, in the order in which titles first occur.

    Args:
        options: The options of a command; those without a section come last.
    """
    found: dict[str, list[click.Option]] = {}
    for each in options:
        if isinstance(each, click.Option):
            found.setdefault(getattr(each, _SECTION, _OTHERS), []).append(each)
    others = found.pop(_OTHERS, [])
    yield from found.items()
    if others:
        yield _OTHERS, others


class SectionedCommand(click.Command):
    """A command whose help shows its options in sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a list for each section."""
        for title, options in by_section(self.get_params(ctx)):
            records = [record for each in options if (record := each.get_help_record(ctx))]
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)
