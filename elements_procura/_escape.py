"""Texts of others as a terminal and a log may have them. Pure, and quick to import."""

import unicodedata

_STEERING = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Control characters, those that turn text around, surrogates, and separators of lines."""


def shown(text: str, *, lines: bool = False) -> str:
    """A text as a terminal and a log may have it: what could steer one is spelled out.

    Args:
        text: Whatever it may hold: ids and scopes come from servers.
        lines: Whether it is ours and made of lines, so that line feeds and tabs stay.
    """
    if text.isprintable():
        return text
    return "".join(
        _escaped(each)
        if unicodedata.category(each) in _STEERING and not (lines and each in "\n\t")
        else each
        for each in text
    )


def can_be_written(text: object) -> bool:
    """Whether it is a text that UTF-8 has a form of: without halves of characters."""
    return isinstance(text, str) and text.encode(errors="replace").decode() == text


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
