"""Makes the dictionary that bodies in a store are packed with, out of synthetic bodies alone.

A dictionary holds pieces of what it was made of, and is shipped with the package. So it is made of
what the sandboxes serve, and of that only the structure and values that are not personal: names,
numbers, addresses and texts are blanked before anything of it is used. A dictionary that was
released never changes: another one gets another number.

    python benchmarks/dictionary.py FILE
"""

import argparse
import asyncio
import datetime as dt
import re
import tempfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from elements_procura.elements import models as elements_models
from elements_procura.harvest import ProcuraSource, Store, StoreReader, harvest
from elements_procura.procura import models as procura_models
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from elements_procura.schema.descriptions import Personal, known_descriptions
from elements_procura.schema.model import Model
from elements_procura.schema.structure import camel

SIZE = 14 * 1024
_OFTEN = 4
_NEW = 0.06
"""Part of a piece that the dictionary so far does not hold, from which on it is added."""
_KEPT = (Personal.NONE, Personal.TRAIT)


async def bodies(folder: Path) -> dict[str, dict[str, list[bytes]]]:
    """Harvest both sandboxes and return the bodies of each API by kind."""
    elements, procura = folder / "elements.sqlite", folder / "procura.sqlite"
    async with Sandbox(dossiers=120, seed=18, limits="off") as one, one.client() as client:
        with Store.create(elements, tenant="synthetic") as store:
            [_ async for _ in harvest(client, store)]
    async with ProcuraSandbox(dossiers=120, seed=18) as other, other.client() as client:
        source = ProcuraSource(client, first=dt.date(2020, 1, 1), last=dt.date(2026, 1, 1))
        with Store.create(procura, tenant="synthetic") as store:
            [_ async for _ in harvest(source, store)]
    found: dict[str, dict[str, list[bytes]]] = {}
    for path in (elements, procura):
        kinds = found.setdefault(path.stem, {})
        with StoreReader.read(path) as reader:
            for each in reader.documents():
                if each.body[:1] in (b"{", b"["):
                    kinds.setdefault(each.kind, []).append(each.body)
    return found


def kept_keys() -> frozenset[str]:
    """The keys whose values are personal under no model."""
    told: defaultdict[str, set[Personal]] = defaultdict(set)
    for package in (elements_models, procura_models):
        for name in dir(package):
            kind = getattr(package, name)
            if isinstance(kind, type) and issubclass(kind, Model):
                for field, description in known_descriptions(kind).items():
                    for key in (field, camel(field)):
                        told[key].add(description.personal)
    return frozenset(key for key, personal in told.items() if personal <= {*_KEPT} and key != "bic")


def blanked(value: Any, keys: frozenset[str], common: Mapping[tuple[str, str], int]) -> Any:
    """A decoded body without a value that could be anybody's."""
    if isinstance(value, list):
        return [blanked(each, keys, common) for each in value[:2]]
    if isinstance(value, dict):
        return {key: _member(key, each, keys, common) for key, each in value.items()}
    return None


def _member(key: str, value: Any, keys: frozenset[str], common: Mapping[Any, int]) -> Any:
    if isinstance(value, dict | list):
        return blanked(value, keys, common)
    if key == "href":
        return re.sub(r"\d+|[0-9a-f-]{36}", "", str(value))
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str) and key in keys and common[key, value] >= _OFTEN:
        return re.sub(r"\d", "", value) if value[:1].isdigit() else value
    return "" if isinstance(value, str) else 0


def _strings(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if isinstance(each, str):
                yield key, each
            else:
                yield from _strings(each)


def made(found: Mapping[str, Mapping[str, list[bytes]]]) -> bytes:
    """The dictionary: what is met most stands last, where it is cheapest to refer to.

    Args:
        found: The bodies of each API, by kind.
    """
    keys = kept_keys()
    groups = [
        (sum(map(len, group)) / sum(map(len, chain(*kinds.values()))), kind, group)
        for kinds in found.values()
        for kind, group in kinds.items()
    ]
    common = Counter(
        pair for *_, group in groups for body in group for pair in _strings(orjson.loads(body))
    )
    dictionary = b""
    for *_, group in sorted(groups, reverse=True):
        for body in sorted(group, key=lambda body: (len(body), body))[-2:]:
            piece = orjson.dumps(blanked(orjson.loads(body), keys, common))
            packer = zlib.compressobj(6, zlib.DEFLATED, -15, zdict=dictionary)
            if len(packer.compress(piece) + packer.flush()) > len(piece) * _NEW:
                dictionary = piece + dictionary
    return dictionary[-SIZE:]


def main() -> None:
    """Write the dictionary into the file that is named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path, metavar="FILE")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        dictionary = made(asyncio.run(bodies(Path(folder))))
    given.file.write_bytes(dictionary)


if __name__ == "__main__":
    main()
