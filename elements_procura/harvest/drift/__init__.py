"""Drift: what stands in the bodies that the models of this version do not know.

A client keeps what it does not know and goes on; this tells of it, before somebody misses it. A
finding says what kind of body, where in it, in how many, and since when: never a value.

======  ========  ==============================================================================
sort    severity  what was found
======  ========  ==============================================================================
field   additive  a field that no attribute takes; clients keep it in ``extra``
enum    additive  a value that the documentation does not list; clients keep it as it came
link    additive  a link to something that this package cannot read
type    breaking  a value that the attribute cannot take: clients leave it empty and keep the
                  value in ``extra``; an id, a list or a record that is none, or no JSON at all:
                  they raise :class:`~elements_procura.errors.ProtocolError`; an ``_embedded``,
                  ``_links`` or link that is not what it was: they find nothing there
absent  breaking  a record without an id, which the vendor's records always carry
======  ========  ==============================================================================

Null, and PHP's empty list for an empty map, say nothing and are no finding. What stands below an
unknown field or link is not looked at. A name that does not look like one of a field (or has five
digits in a row) is told as ``*``; so are all names at a place where more than 50 are unknown, for
such an object is a map by something that may be personal.
"""

from elements_procura.harvest.drift.report import Baseline, Finding, Report
from elements_procura.harvest.drift.walk import Sort

__all__ = ["Baseline", "Finding", "Report", "Sort"]
