"""Commands that take the name of an API, and take the one that people log in to without it."""

import click
from click.shell_completion import CompletionItem

from elements_procura.cli.given.tables import LOGIN

_HELP = ("-h", "--help")


class ByApi(click.Group):
    """A command for each API; without a name, that of the API that people log in to."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name in front of the options, wherever it stands."""
        at = self._place(args)
        if at is not None:
            args = [args[at], *args[:at], *args[at + 1 :]]
        elif (args and not args[0].startswith("-")) or (ctx.resilient_parsing and not args):
            pass  # the group says which names there are, also to a shell that completes
        elif not {*args[:1]} & {*_HELP}:
            args = [LOGIN.name, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names of APIs, and the options that are taken without one."""
        found = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            usual = self.commands[LOGIN.name]
            inner = click.Context(usual, parent=ctx, info_name=LOGIN.name, resilient_parsing=True)
            known = {each.value for each in found}
            more = usual.shell_complete(inner, incomplete)
            found += [each for each in more if each.value not in known]
        return found

    def _place(self, args: list[str]) -> int | None:
        """Where an API's name stands that is not the value of an option."""
        for at, each in enumerate(args):
            before = args[at - 1] if at else ""
            if each in self.commands and not (before.startswith("-") and before not in self._flags):
                return at
        return None

    @property
    def _flags(self) -> set[str]:
        """The options that take no value, of this command and those below it."""
        commands = [self, *self.commands.values()]
        options = [each for one in commands for each in one.params]
        bare = [each for each in options if getattr(each, "is_flag", False) or each.nargs == 0]
        counting = [each for each in options if getattr(each, "count", False)]
        return {name for each in (*bare, *counting) for name in each.opts}

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say which API is taken without a name, and where its options are shown."""
        name = f"{ctx.command_path} {LOGIN.name}"
        formatter.write_paragraph()
        formatter.write_text(f"Without a name: {LOGIN.name}; `{name} --help` shows its options.")
