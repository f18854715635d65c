"""What a target that is kept up to date says of itself: whose it is, and how far it has come."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Self

import attrs

from elements_procura._version import __version__
from elements_procura.errors import StoreError
from elements_procura.export.layout import Layout
from elements_procura.harvest.storage import StorageReader

_ANEW = "Say --force to write all of it anew, or choose another target"


@attrs.frozen(kw_only=True)
class TargetNote:
    """The note in a target, written in the transaction that brings the rows.

    Attributes:
        identity: Of the store.
        tenant: Whose data it is.
        api: Where it comes from.
        sequence: The number in the store's sequence that the target has come to.
        layout: A digest of the tables: another version of this package may have others.
        exported_at: When, in ISO 8601.
        rows: How many rows each table had then, but for those that are deleted.
        seal: What tells them from anybody else's, in the target's own manner.
        version: Of this package.
        lineage: The store's mark of that number; empty: not known, or of an earlier version.
        pseudonyms: Which key made those in it, and the columns without; empty: it has none.
    """

    identity: str
    tenant: str
    api: str
    sequence: int
    layout: str
    exported_at: str
    rows: Mapping[str, int]
    seal: Any = None
    version: str = __version__
    lineage: str = ""
    pseudonyms: str = ""

    def to_text(self) -> str:
        """JSON, with a digest of the rest."""
        told = attrs.asdict(self)
        return json.dumps(told | {"digest": _digest(told)}, sort_keys=True)

    @classmethod
    def from_text(cls, text: str, target: str) -> Self:
        """Read it.

        Raises:
            StoreError: It is not as it was written.
        """
        try:
            told: dict[str, Any] = json.loads(text)
            digest = told.pop("digest")
            if digest == _digest(told):
                return cls(**told)
        except (ValueError, TypeError, KeyError, AttributeError):
            pass
        raise StoreError(f"{target}: the note of how far it has come was altered", hint=_ANEW)

    def check_tenant(self, reader: StorageReader, target: str) -> None:
        """Make sure that the tables are not another tenant's: whoever may read those may not these.

        Raises:
            StoreError: They are.
        """
        if self.tenant != reader.tenant:
            raise StoreError(
                f"{target} holds the tables of another tenant, and they stay",
                hint="Choose another --schema or --out: two tenants' names may give the same",
            )

    def check(self, reader: StorageReader, target: str, pseudonyms: str = "") -> None:
        """Make sure that the store goes on from here.

        Raises:
            StoreError: The target is of another store, ahead of this one, or has other pseudonyms.
        """
        self.check_tenant(reader, target)
        if self.identity != reader.identity:
            raise StoreError(f"{target} holds the tables of another store", hint=_ANEW)
        is_ahead = self.sequence > reader.sequence
        if is_ahead or self.lineage not in ("", reader.lineage(self.sequence)):
            # Whatever number the copy has come to since: what it lacks would stay in the target.
            raise StoreError(
                f"{target} is ahead of this store, which is an earlier copy of the one it knows",
                hint=_ANEW,
            )
        if self.pseudonyms != pseudonyms:
            # Names beside pseudonyms would say whose these are, and two keys break every join.
            whose = "pseudonyms of another key or --keep" if self.pseudonyms else "no pseudonyms"
            raise StoreError(f"{target} holds {whose}", hint=_ANEW)

    def compare(self, rows: Mapping[str, int], broken: Iterable[str], target: str) -> None:
        """Make sure that nobody has added, removed or altered rows.

        Args:
            rows: How many there are now.
            broken: The tables whose seal is broken.
            target: What people call it.

        Raises:
            StoreError: Somebody has.
        """
        counted = (name for name in {*rows, *self.rows} if rows.get(name) != self.rows.get(name))
        other = sorted({*counted, *broken})
        if other:
            raise StoreError(
                f"{target} was altered since the last export: other rows in {', '.join(other)}",
                hint=_ANEW,
            )


def layout_digest(layout: Layout) -> str:
    """A digest of names, types and keys of the tables."""
    told = [
        (table.name, [(column.name, column.type) for column in table.columns])
        for table in layout.tables.values()
    ]
    return hashlib.sha256(json.dumps(sorted(told)).encode()).hexdigest()


def schema_of(api: str, tenant: str) -> str:
    """The name of a tenant's schema: letters that need no quotes."""
    words = re.sub(r"[^a-z0-9]+", "_", tenant.lower()).strip("_")
    return f"{api}_{words}"[:58] if words else api


def _digest(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
