"""Makes the stubs of the synchronous clients: ``python -m tests.guests.stubs`` writes them anew.

They are read off the sources of the asynchronous classes, so that every annotation stands in the
stub as somebody wrote it: without coroutines, and with iterators for asynchronous generators.
"""

import ast
import builtins
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import elements_procura
from elements_procura.core import catalogue
from elements_procura.core import client as core_client
from elements_procura.core.api import Resource
from elements_procura.elements.client import ElementsClient
from elements_procura.procura.client import ProcuraClient

resource_of = catalogue._resource
FOLDER = Path(elements_procura.__file__).parent / "sync"
CLIENTS: dict[str, type[Any]] = {"elements": ElementsClient, "procura": ProcuraClient}
LEFT_OUT = ("aclose", "detached")
TAIL = """    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
"""
FIXED = {
    "Self": "typing",
    "TracebackType": "types",
    "Iteration": "elements_procura.sync.portal",
    "Mirror": "elements_procura.sync.mirror",
}


def resources_of(kind: type) -> list[type]:
    """All resource classes that a client leads to, with those that they are made of."""
    found: dict[type, None] = {}
    todo = [kind]
    while todo:
        for member in dict(inspect.getmembers_static(todo.pop())).values():
            function = member.fget if isinstance(member, property) else member
            target = resource_of(function) if inspect.isfunction(function) else None
            for each in reversed(target.__mro__) if target is not None else ():
                is_own = issubclass(each, Resource) and each.__module__ != Resource.__module__
                if is_own and each not in found:
                    found[each] = None
                    todo.append(each)
    return list(found)


class Source:
    """One module's source: its classes, and where its names come from."""

    def __init__(self, module: ModuleType) -> None:
        tree = ast.parse(inspect.getsource(module))
        self.classes = {each.name: each for each in tree.body if isinstance(each, ast.ClassDef)}
        self.homes: dict[str, tuple[str, str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self.homes[alias.asname or alias.name] = (str(node.module), alias.name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    self.homes[alias.asname or alias.name] = (alias.name, "")
        for node in tree.body:
            names = [node.name] if isinstance(node, ast.ClassDef) else []
            if isinstance(node, ast.Assign):
                names = [each.id for each in node.targets if isinstance(each, ast.Name)]
            self.homes |= {name: (module.__name__, name) for name in names}


class Stub:
    """The stub of one API's client."""

    def __init__(self, client: type[Any]) -> None:
        self._client = client
        self._resources = resources_of(client)
        self._local = {each.__name__ for each in self._resources} | {client.__name__}
        self._imports: dict[str, tuple[str, str]] = {}
        self._sources: dict[str, Source] = {}

    def text(self) -> str:
        """The whole stub."""
        classes = [self._class(each) for each in self._resources]
        own = self._members(self._client)
        names = {name for name, _ in own}
        shared = [each for each in self._members(core_client.Client) if each[0] not in names]
        body = "".join(text for _, text in (*own, *shared))
        classes.append(f"class {self._client.__name__}:\n    api_name: str\n{body}{TAIL}")
        self._need("Self", "TracebackType", "Mirror")
        head = '"""Made by tests/guests/stubs.py: do not edit."""\n\n'
        return head + self._imported() + "\n" + "\n".join(classes)

    def _class(self, kind: type) -> str:
        bases = [base.__name__ for base in kind.__bases__ if base in self._resources]
        body = "".join(text for _, text in self._members(kind)) or "    ...\n"
        return f"class {kind.__name__}({', '.join(bases or ['Mirror'])}):\n{body}"

    def _members(self, kind: type) -> list[tuple[str, str]]:
        source = self._source(kind)
        found = []
        for node in source.classes[kind.__name__].body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                is_made = node.name == "__init__" and not issubclass(kind, Resource)
                if is_made or (not node.name.startswith("_") and node.name not in LEFT_OUT):
                    found.append((node.name, self._function(node, source, _told(kind, node.name))))
        return found

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, source: Source, told: str
    ) -> str:
        arguments = node.args
        for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            each.annotation = self._annotation(each.annotation, source)
        for extra in (arguments.vararg, arguments.kwarg):
            if extra is not None:
                extra.annotation = self._annotation(extra.annotation, source)
        dots: ast.expr = ast.Constant(...)
        arguments.defaults = [dots for _ in arguments.defaults]
        arguments.kw_defaults = [each and dots for each in arguments.kw_defaults]
        returned = self._annotation(_without_await(node.returns), source)
        kept = [
            f"    @{each.id}\n"
            for each in node.decorator_list
            if isinstance(each, ast.Name) and each.id in ("property", "staticmethod")
        ]
        signature = f"({ast.unparse(arguments)}) -> {ast.unparse(returned or ast.Constant(None))}"
        body = f"\n        {told}\n" if told else " ...\n"
        return f"{''.join(kept)}    def {node.name}{signature}:{body}"

    def _annotation(self, node: ast.expr | None, source: Source) -> ast.expr | None:
        if node is None:
            return None
        node = _Named(source).visit(_Unquoted().visit(node))
        for name in _names(node):
            if name in self._local or name in dir(builtins):
                continue
            home = (FIXED[name], name) if name in FIXED else source.homes[name]
            known = self._imports.setdefault(name, home)
            assert known == home, f"{name} is both {known} and {home}"
        return node

    def _need(self, *names: str) -> None:
        self._imports |= {name: (FIXED[name], name) for name in names}

    def _imported(self) -> str:
        lines = []
        for name, (module, original) in sorted(self._imports.items(), key=lambda each: each[1]):
            if not original:
                lines.append(f"import {module}" + (f" as {name}" if name != module else ""))
            else:
                renamed = f" as {name}" if name != original else ""
                lines.append(f"from {module} import {original}{renamed}")
        return "\n".join(lines) + "\n"

    def _source(self, kind: type) -> Source:
        if kind.__module__ not in self._sources:
            self._sources[kind.__module__] = Source(sys.modules[kind.__module__])
        return self._sources[kind.__module__]


class _Unquoted(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, str):
            return ast.parse(node.value, mode="eval").body
        return node


class _Named(ast.NodeTransformer):
    """Names what a module that is loaded later holds (``_klanten.Klanten``) without its module."""

    def __init__(self, source: Source) -> None:
        self._homes = source.homes

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if not (isinstance(node.value, ast.Name) and node.value.id.startswith("_")):
            return node
        self._homes[node.attr] = (".".join(self._homes[node.value.id]), node.attr)
        return ast.Name(node.attr)


def _told(kind: type, name: str) -> str:
    """The docstring for editors, which see stubs only: what a call does, and its HTTP line."""
    member = kind.__dict__[name]
    paragraphs = (inspect.getdoc(member) or "").split("\n\n")
    is_request = len(paragraphs) > 1 and paragraphs[1].startswith("``")
    requests = paragraphs[1].splitlines() if is_request else []
    if name.startswith("_") or not paragraphs[0]:
        return ""
    lines = [" ".join(paragraphs[0].split()), *(["", *requests] if requests else [])]
    indented = "\n".join(f"        {line}".rstrip() for line in lines).lstrip()
    return f'"""{indented}"""' if len(lines) == 1 else f'"""{indented}\n        """'


def _names(node: ast.expr) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id


def _without_await(node: ast.expr | None) -> ast.expr | None:
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        if node.value.id == "Coroutine" and isinstance(node.slice, ast.Tuple):
            return node.slice.elts[-1]
        if node.value.id == "AsyncGenerator":
            return ast.Subscript(ast.Name("Iteration"), node.slice)
    return node


def stub(api: str) -> str:
    """The stub of an API, as it has to be."""
    return Stub(CLIENTS[api]).text()


def path_of(api: str) -> Path:
    """Where it stands."""
    return FOLDER / f"{api}.pyi"


if __name__ == "__main__":
    for each in CLIENTS:
        path_of(each).write_text(stub(each), "utf-8")
