"""The pages that are made from the package: calls, records, bodies, choices, errors, modules.

Before Sphinx reads its sources this writes ``docs/reference/made``: a page per part of the public
names (``tests/data/public_names.txt``), so that a name which is added is on a page, and one without
a description is a warning, which ends the build.
"""

import enum
import importlib
import inspect
import typing
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from elements_procura import registry
from elements_procura.core.api import Resource
from elements_procura.core.catalogue import catalogue
from elements_procura.schema.descriptions import Personal, describe
from elements_procura.schema.model import Body, Model

log = logging.getLogger(__name__)
HERE = Path(__file__).parent
NAMES = HERE.parents[1] / "tests/data/public_names.txt"
MADE = HERE.parent / "reference/made"
APIS = {"elements": "Elements", "procura": "Procura"}
TITLES = {
    "elements_procura": "Clients and what they are set up with",
    "elements_procura.auth": "Access: grants, credentials, tokens",
    "elements_procura.errors": "Errors",
    "elements_procura.export": "Exports",
    "elements_procura.fleet": "Many tenants",
    "elements_procura.harvest": "Harvests, stores, events",
    "elements_procura.harvest.drift": "Drift",
    "elements_procura.journal": "The journal of writes",
    "elements_procura.observe": "Observers",
    "elements_procura.otel": "OpenTelemetry",
    "elements_procura.registry": "The registry of APIs",
    "elements_procura.report": "The report",
    "elements_procura.sandbox": "Sandboxes",
    "elements_procura.scheduler": "Scheduler, gates, quota",
    "elements_procura.spec": "An API of your own",
    "elements_procura.sync": "Without await",
    "elements_procura.testing": "Tests",
}
VALUES = {
    "FORMATS": "The formats of files that :func:`export` writes.",
    "FleetEvent": "What :func:`run_tenant` reports: any of its events.",
    "Stop": "What ends a run early.",
    "DossierId": "The id of a dossier: a number in Elements, a text in Procura.",
    "Event": "Any event of a harvest.",
    "Journal": "What is called with every :class:`Write`, before it leaves and when it has ended.",
    "GENERATED": "The default of ``reference``: a reference is made.",
    "Reference": "A reference of your own, None for none, or :data:`GENERATED`.",
    "MARK": "What stands in the page in place of the data.",
    "Limit": "Which limit a 429 is about.",
}
"""Names that are no classes or functions: Python keeps no docstring for them."""


class Name(typing.NamedTuple):
    """A public name, and the module that its page is about."""

    module: str
    name: str
    value: Any

    @property
    def path(self) -> str:
        """What a user imports."""
        return f"{self.module}.{self.name}"

    @property
    def home(self) -> tuple[str, str] | int:
        """Where it is defined: the same for all modules that hand it out."""
        found = getattr(self.value, "__module__", ""), getattr(self.value, "__qualname__", "")
        return found if all(found) else id(self.value)


def public_names() -> list[Name]:
    """Every public name, once: at the most particular module that hands it out."""
    found: dict[Any, Name] = {}
    for line in NAMES.read_text("utf-8").splitlines():
        module, name = line.split()
        each = Name(module, name, getattr(importlib.import_module(module), name))
        known = found.get(each.home)
        is_client = name in ("ElementsClient", "ProcuraClient")
        if known is None or (len(module) > len(known.module) and not is_client):
            found[each.home] = each
    return list(found.values())


def heading(text: str, line: str = "-") -> str:
    """A heading of reStructuredText."""
    return f"{text}\n{line * len(text)}\n\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]], widths: str = "auto") -> str:
    """A table of reStructuredText."""
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for row in (head, *rows):
        lines += [
            ("   * - " if first else "     - ") + " ".join(cell.split())
            for first, cell in zip([True] + [False] * 9, row, strict=False)
        ]
    return "\n".join(lines) + "\n\n"


# ---------------------------------------------------------------- one name


def documented(each: Name) -> str:
    """The directives for one name."""
    value = each.value
    if inspect.isclass(value) and attrs.has(value) and issubclass(value, Model | Body):
        return f".. autoclass:: {each.path}()\n\n{indented(fields(value))}"
    if inspect.isclass(value) and issubclass(value, enum.Enum):
        members = ", ".join(f"``{member.value}``" for member in value)
        return f".. autoclass:: {each.path}()\n\n   One of {members}.\n\n"
    if inspect.isclass(value):
        # Links to a client lead to the asynchronous one.
        twin = "   :no-index:\n" if each.module == "elements_procura.sync" else ""
        return f".. autoclass:: {each.path}\n   :members:\n   :show-inheritance:\n{twin}\n"
    if inspect.isfunction(value):
        return f".. autofunction:: {each.path}\n\n"
    if each.name not in VALUES:
        log.warning("%s has no description: add one to docs/_tools/reference.py", each.path)
    return f".. py:data:: {each.path}\n\n   {VALUES.get(each.name, '')}\n\n"


def fields(kind: type) -> str:
    """The table of a record's or body's fields."""
    known = describe(kind)
    types = typing.get_type_hints(kind, include_extras=True)
    rows = []
    for field in attrs.fields(kind):
        if field.name.startswith("_") or field.name in ("extra", "links"):
            continue
        told = known.get(field.name)
        if told is None:
            log.warning("%s.%s has no description", kind.__name__, field.name)
            continue
        parts = [told.meaning, f"({told.unit})" if told.unit else ""]
        parts.append(f"[{told.dutch}]" if told.dutch else "")
        is_needed = field.default is attrs.NOTHING
        rows.append(
            (
                f"``{field.name}``" + (" *" if is_needed else ""),
                f"``{typed(types[field.name])}``",
                escaped(" ".join(filter(None, parts))),
                "" if told.personal is Personal.NONE else told.personal.value,
            )
        )
    return table(("field", "type", "meaning", "personal"), rows) if rows else ""


def typed(kind: Any) -> str:
    """A type as a reader needs it."""
    if kind is type(None):
        return "None"
    if typing.get_origin(kind) is typing.Annotated:
        return typed(typing.get_args(kind)[0])
    if typing.get_origin(kind) is tuple:
        return f"tuple[{', '.join(typed(each) for each in typing.get_args(kind))}]"
    if typing.get_args(kind):
        return " | ".join(dict.fromkeys(typed(each) for each in typing.get_args(kind)))
    return "…" if kind is Ellipsis else getattr(kind, "__name__", str(kind))


def escaped(text: str) -> str:
    """A text of a description, as reStructuredText."""
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("|", "\\|")


def indented(text: str) -> str:
    """As the content of a directive."""
    return "".join(f"   {line}\n" if line else "\n" for line in text.splitlines()) + "\n"


# ---------------------------------------------------------------- pages


def pages() -> Iterator[tuple[str, str]]:
    """Every page: its name and its text."""
    by_module: dict[str, list[Name]] = defaultdict(list)
    for each in public_names():
        by_module[each.module].append(each)
    for api, title in APIS.items():
        names = by_module.pop(f"elements_procura.{api}")
        parts: dict[str, list[Name]] = defaultdict(list)
        for each in names:
            parts[part_of(each)].append(each)
        yield f"{api}-calls", calls(api, title)
        yield f"{api}-fields", words(title, names)
        for part, about in PARTS.items():
            if parts[part]:
                yield f"{api}-{part}", page(f"{title}: {about[0]}", about[1], parts[part])
    for module, names in by_module.items():
        told = inspect.getdoc(importlib.import_module(module)) or ""
        intro = f"``{module}``"
        if module == "elements_procura.errors":
            intro += "\n\n" + told
        title = TITLES.get(module) or told.partition("\n")[0].rstrip(".")
        yield module, page(title, intro, names)


def words(title: str, names: Iterable[Name]) -> str:
    """The fields of an API's records and bodies by name, for who meets one in JSON."""
    meanings: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for each in names:
        if inspect.isclass(each.value) and issubclass(each.value, Model | Body):
            for name, told in describe(each.value).items():
                meanings[name][told.meaning].append(each.name)
    rows = []
    for name in sorted(meanings):
        for meaning, owners in meanings[name].items():
            shown = ", ".join(sorted(owners)[:MOST_OWNERS])
            more = "" if len(owners) <= MOST_OWNERS else f" and {len(owners) - MOST_OWNERS} more"
            rows.append((f"``{name}``", escaped(meaning), shown + more))
    intro = (
        f"Every name of a field in {title}'s records and bodies, as an attribute is spelled, with "
        f"its meaning and where it stands. The words themselves are in the :doc:`glossary "
        f"</glossary>`.\n\n"
    )
    return (
        heading(f"{title}: field names, Dutch to English", "=")
        + intro
        + table(("name", "meaning", "of"), rows, "25 50 25")
    )


MOST_OWNERS = 4
PARTS = {
    "resources": (
        "every call",
        "Collections fetch; handles (``dossier(5526)``) lead on and send nothing themselves.",
    ),
    "records": (
        "records",
        """What calls return. A field that is marked * is always there; any other is None, or an
empty tuple, when the answer has none. ``extra`` holds what this version does not know and values
that do not fit, ``links`` the links. The last column says which fields are personal data.""",
    ),
    "bodies": (
        "bodies",
        "What calls send. A field marked * has to be given; one that is left unset is not sent.",
    ),
    "choices": ("choices", "Values that are one of a few. Unknown ones are kept as they come."),
    "other": ("the rest", "Settings and helpers."),
}


def part_of(each: Name) -> str:
    """Which page of its API a name stands on."""
    value = each.value
    if not inspect.isclass(value):
        return "other"
    if issubclass(value, Resource):
        return "resources"
    if attrs.has(value) and issubclass(value, Body):
        return "bodies"
    if attrs.has(value) and issubclass(value, Model):
        return "bodies" if each.name.endswith("Body") else "records"
    return "choices" if issubclass(value, enum.Enum) else "other"


def page(title: str, intro: str, names: Iterable[Name]) -> str:
    """A page of names."""
    text = heading(title, "=") + intro + "\n\n"
    for each in sorted(names):
        text += heading(each.name) + documented(each)
    return text


def calls(api: str, title: str) -> str:
    """The table of an API's endpoints, each with the coroutine that calls it."""
    client = registry.spec_of(api).client
    rows = []
    for entry in catalogue(api, client):
        also = "".join(f" ``{each}``" for each in entry.also)
        line = f"``{entry.method} {entry.path.removeprefix('/api/data').removeprefix('/api/v1')}``"
        rows.append((line, f"``{entry.call}``{also}", escaped(entry.summary)))
    intro = (
        f"The {len(rows)} documented requests of {title}, by path, and what calls them. "
        f"``elements-procura endpoints WORDS`` searches the same list, and {title}'s resources are "
        f"described :doc:`one by one <{api}-resources>`.\n\n"
    )
    table_of = table(("request", "call", "what it does"), rows, "40 40 20")
    return heading(f"{title}: requests and calls", "=") + intro + table_of


def write(_: Sphinx) -> None:
    """Write the pages that have changed, and remove those that are no more."""
    MADE.mkdir(parents=True, exist_ok=True)
    made = {f"{name}.rst": text for name, text in pages()}
    for old in MADE.iterdir():
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        file = MADE / name
        if not file.exists() or file.read_text("utf-8") != text:
            file.write_text(text, "utf-8")


# ---------------------------------------------------------------- links


def resolve(app: Sphinx, env: Any, node: Any, contnode: nodes.Element) -> Any:
    """Link a name by its last part: docstrings name classes by the file that they stand in."""
    if node.get("refdomain") != "py":
        return None
    domain = env.domains.python_domain
    parts = node["reftarget"].lstrip("~.").split(".")
    for depth in (2, 1):
        wanted = ".".join(parts[-depth:])
        if len(parts) < depth:
            continue
        found = [name for name in domain.objects if name.endswith(f".{wanted}")]
        if len(found) == 1:
            entry = domain.objects[found[0]]
            uri = app.builder.get_relative_uri(env.current_document.docname, entry.docname)
            title = f"{uri}#{entry.node_id}"
            return nodes.reference("", "", contnode, internal=True, refuri=title)
    return None


def group(_: Sphinx, docname: str, source: list[str]) -> None:
    """Put the explanations that no part of the index names into its last part."""
    if docname == "adr/README":
        source[0] += "\n```{toctree}\n:hidden:\n:glob:\n\n0*\n```\n"
    if docname == "index":
        named = {line.strip() for line in source[0].splitlines()}
        here = {path.stem for path in HERE.parent.glob("*.md")} - {"index"}
        source[0] = source[0].replace("{{others}}", "\n".join(sorted(here - named)))


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect all of it."""
    app.connect("builder-inited", write)
    app.connect("source-read", group)
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True}
