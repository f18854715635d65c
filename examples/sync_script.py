"""A script without ``await``: the open products of one dossier, as CSV on stdout.

With ELEMENTS_HOST, ELEMENTS_CLIENT_ID, ELEMENTS_CLIENT_SECRET and ELEMENTS_ORGANISATION set::

    python examples/sync_script.py 5526 > products.csv
"""

# ruff: noqa: INP001 - a script

import csv
import os
import sys

from elements_procura.errors import ElementsProcuraError, NotFound
from elements_procura.sync import ElementsClient


def open_client() -> ElementsClient:
    """A client by the environment's settings."""
    return ElementsClient(
        os.environ["ELEMENTS_HOST"],
        credentials=(os.environ["ELEMENTS_CLIENT_ID"], os.environ["ELEMENTS_CLIENT_SECRET"]),
        organisation=os.environ["ELEMENTS_ORGANISATION"],
        scopes=["klantdossier.read"],
        read_only=True,
    )


def main(dossier_id: int) -> None:
    """Write a line per product."""
    lines = csv.writer(sys.stdout)
    lines.writerow(["id", "soort", "omschrijving", "aanvragers"])
    with open_client() as elements:
        here = elements.dossier(dossier_id)
        for row in here.producten.list(gearchiveerd=False):
            try:
                aanvragers = len(here.product(row).aanvragers)
            except NotFound:  # the API gives some kinds only as a row
                aanvragers = 0
            lines.writerow([row.id, row.soort, row.omschrijving, aanvragers])


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except ElementsProcuraError as error:  # no token and no citizen is in its text
        sys.exit(f"sync_script: {error}")
