"""Drift: content of bodies that the models of this version do not know.

A client keeps unknown content and goes on; this reports it before somebody misses it. A finding
names the kind of body, the place in it, the number of bodies and since when: never a value.

======  ========  ==============================================================================
sort    severity  what was found
======  ========  ==============================================================================
field   additive  a field that no attribute takes; clients keep it in ``extra``
enum    additive  a value that the documentation does not list; clients keep it as it came
link    additive  a link to something that this package cannot read
text    additive  half a character, as of an emoji that was cut: clients read U+FFFD in its place,
                  the store holds what the server sent
type    breaking  a value that the attribute cannot take: clients leave it empty and keep the
                  value in ``extra``; a malformed id, list or record, or a body without JSON: they
                  raise :class:`~elements_procura.errors.ProtocolError`; an ``_embedded``,
                  ``_links`` or link that is not what it was: they find nothing there
absent  breaking  a record without an id, which the vendor's records always carry; in a store, a
                  link to a stored resource, of a kind so much of which is lost that it is doubted
======  ========  ==============================================================================

Null, and PHP's empty list for an empty map, are not findings. Content below an unknown field or
link is not examined. A name that does not look like one of a field (or has five digits in a row) is
shown as ``*``; so are all names at a place where more than 50 are unknown, for such an object is a
map by something that may be personal.
"""

from elements_procura.harvest.drift.report import Baseline, Finding, Report
from elements_procura.harvest.drift.walk import Sort

__all__ = ["Baseline", "Finding", "Report", "Sort"]
