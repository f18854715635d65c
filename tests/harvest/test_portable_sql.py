"""The ledger keeps to words of SQL that other databases know, but for those that are listed."""

import ast
import re
from pathlib import Path

import pytest

from elements_procura.harvest import sql

HOME = Path(sql.__file__).parent
OF_THE_CONNECTION = ("database.py",)
STATEMENT = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|WHERE|PRAGMA|FROM|ORDER BY)\b")
LISTED = ("+share", "INDEXED BY", "json_each", "instr", "rowid", "value + 0.0")
"""What ``harvest/sql/__init__.py`` lists with its counterpart."""
FOREIGN = re.compile(
    r"\b(iif|total|ifnull|group_concat|printf|julianday|strftime|datetime|random|typeof)\("
    r"|\bCROSS JOIN\b|\bINSERT OR\b|\bREPLACE INTO\b|\bGLOB\b|\bREGEXP\b|\blast_insert_rowid\b"
    r"|\bIS (NOT )?[?:0-9'(]|[=!]= ?\+|\b(min|max)\([^()]*,|\bLIMIT \S+ ?,|\(\w+ = [^()]*\) \*"
    r"|\b(sum|max|min)\(\w+ (=|!=|>=|<=|<|>|IN)"
)


def statements() -> list[tuple[str, str]]:
    """Every text with SQL in it, and where it stands."""
    found = []
    for path in sorted(HOME.glob("*.py")):
        if path.name in OF_THE_CONNECTION:
            continue
        tree = ast.parse(path.read_text())
        told = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        found += [
            (f"{path.name}:{node.lineno}", node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in told
            and STATEMENT.search(node.value)
        ]
    return found


def test_statements_keep_to_words_that_both_databases_know() -> None:
    found = statements()
    assert len(found) > 100
    assert [(where, text) for where, text in found if FOREIGN.search(text)] == []


def test_what_is_listed_as_a_difference_is_one() -> None:
    told = str(sql.__doc__)
    texts = [text for _, text in statements()]
    for words in LISTED:
        assert words in told
        assert any(words in text for text in texts), words


@pytest.mark.parametrize(
    "foreign",
    [
        "SELECT iif(a, b, c)",
        "INSERT OR REPLACE INTO t",
        "SELECT total(a > 0) FROM t",
        "UPDATE t SET a = max(b, 1)",
        "DELETE FROM t WHERE a IS NOT ?",
        "SELECT sum(seen >= ?) FROM t",
    ],
)
def test_a_foreign_word_is_found(foreign: str) -> None:
    assert FOREIGN.search(foreign)
