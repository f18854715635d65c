"""The tree of documented paths, and the way down it to the template of an address. Pure."""

import attrs

ANYTHING = "{}"
"""What stands in the tree for a placeholder, whatever its name."""


@attrs.define(eq=False, repr=False)
class Node:
    """A node in the tree of documented paths."""

    after: dict[str, "Node"] = attrs.field(factory=dict)
    template: str = ""


def only(node: Node, parts: list[str]) -> str:
    """The template of a whole path where no segment is a word and a placeholder as well.

    So it is of nearly all paths. The others have to be weighed: see ``fitting``.
    """
    for part in parts:
        word, anything = node.after.get(part), node.after.get(ANYTHING) if part else None
        if word is not None and anything is not None:
            return ""
        found = word or anything
        if found is None:
            return ""
        node = found
    return node.template


def fitting(node: Node, parts: list[str], at: int, literal: int) -> tuple[int, int, str]:
    """The best template below ``node``: how many segments it has, how many are spelled alike."""
    best = (at, literal, node.template) if node.template else (0, 0, "")
    if at == len(parts):
        return best
    word = node.after.get(parts[at])
    if word is not None:
        best = max(best, fitting(word, parts, at + 1, literal + 1))
    anything = node.after.get(ANYTHING) if parts[at] else None
    # With a word in its place a placeholder may still lead further.
    if anything is not None and best[0] < len(parts):
        best = max(best, fitting(anything, parts, at + 1, literal))
    return best
