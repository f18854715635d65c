"""Splitting a JSON object into its own fields, embedded records and links."""

from typing import Any

import attrs

from elements_procura.schema.model import Link

NOTHING: dict[str, Any] = {}
_new = object.__new__
LINK_KEYS = frozenset(attribute.name for attribute in attrs.fields(Link))


def split_plain(data: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """``_embedded``; anything else of that name goes into ``extra``."""
    embedded: dict[str, Any] = data.get("_embedded", NOTHING)
    if embedded.__class__ is dict:
        return embedded
    if embedded:
        extra["_embedded"] = embedded
    return NOTHING


def split_hal(
    data: dict[str, Any], extra: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Link]]:
    """``_embedded`` and the links; the former was seen inside ``_links`` as well."""
    embedded = data.get("_embedded", NOTHING)
    links = data.get("_links", NOTHING)
    if links.__class__ is not dict:
        if links:
            extra["_links"] = links
        links = NOTHING
    if "_embedded" in links:
        inside = links["_embedded"]
        if inside.__class__ is dict and "href" not in inside:
            embedded = inside | embedded if embedded.__class__ is dict else inside
            links = {relation: link for relation, link in links.items() if relation != "_embedded"}
    if embedded.__class__ is not dict:
        if embedded:
            extra["_embedded"] = embedded
        embedded = NOTHING
    typed = {}
    for relation, value in links.items():
        if (
            value.__class__ is dict
            and len(value) == 1
            and (href := value.get("href")).__class__ is str
        ):
            # As nearly all are; Link(...) would take twice as long.
            typed[relation] = link = _new(Link)
            link.href = href
            link.title = link.deprecation = link.templated = link.type = link.name = None
        elif (found := _link(relation, value, extra)) is not None:
            typed[relation] = found
    return embedded, typed


def _link(relation: str, value: Any, extra: dict[str, Any]) -> Link | None:
    is_link = value.__class__ is dict and value.get("href").__class__ is str
    if is_link and value.keys() <= LINK_KEYS and None not in value.values():
        return Link(**value)
    extra.setdefault("_links", {})[relation] = value
    if not is_link:
        return None
    return Link(**{key: value[key] for key in LINK_KEYS & value.keys()})
