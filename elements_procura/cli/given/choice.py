"""click's choice of a text, to be derived from."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    Choice = click.Choice[str]
else:
    Choice = click.Choice  # generic since 8.2
