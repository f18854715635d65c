"""Dossier 5526 and its relatives: the documented example bodies, and what they leave open."""

from functools import cache
from importlib.resources import files
from typing import Any, Final

import orjson

from elements_procura.sandbox.elements.papers import ROOT, encode
from elements_procura.sandbox.elements.picture import png

DOSSIER_ID: Final = 5526
_PICTURE: Final = "/profielfoto"
_DATA: Final = ("elements_examples.json", "elements_completions.json")
UNSHOWN: Final = frozenset(
    f"{ROOT}/{DOSSIER_ID}/{below}"
    for below in (
        "klanten/particulier/120967",
        "klanten/zakelijk/14917",
        "klanten/zakelijk/16941",
        "klanten/zakelijk/16941/medewerkers/112794",
        "bankgaranties/6736/facturen/1",
        "consumptiefkredieten/6743/facturen/1",
        "consumptiefkredieten/6755",
        "contracten/6755",
        "contracten/6757/facturen/1",
        "diensten/6754",
        "diensten/6754/facturen/1",
        "diensten/6755",
    )
)
"""What documented writes go to, though no documented body shows it. It cannot be read here either,
but it can be written to."""


@cache
def documents() -> dict[str, bytes]:
    """Every document of dossier 5526 by path, and the pictures whose size is documented.

    The examples stand at the path of their own self link. The completions are what a walk along
    documented relations needs besides: the second person, ids that differ between two pages of
    the documentation, and the collections that are linked but not described.
    """
    found: dict[str, bytes] = {}
    for name in _DATA:
        for path, body in _read(name).items():
            found[path] = encode(body)
            if path.endswith(_PICTURE):
                found[f"{path}/download"] = png(32, 96, 160, size=body["bestandsgrootte"])
    for path in (ROOT, *variants()):
        del found[path]
    return found


@cache
def variants() -> dict[str, bytes]:
    """Documented bodies for a path with a query."""
    return {path: encode(body) for path, body in _read(_DATA[0]).items() if "?" in path}


def listing_row() -> dict[str, Any]:
    """The row of dossier 5526 in the listing; a fresh one."""
    row: dict[str, Any] = _read(_DATA[0])[ROOT]["_embedded"]["klantdossiers"][0]
    return row


def _read(name: str) -> dict[str, Any]:
    text = files("elements_procura.sandbox").joinpath("data", name).read_bytes()
    bodies: dict[str, Any] = orjson.loads(text)
    return bodies
