"""The adviseur: the financial adviser of a dossier."""

import attrs

from elements_procura.elements.models.klanten import Deelnemer

__all__ = ["Adviseur"]


@attrs.define(eq=False, repr=False, kw_only=True)
class Adviseur(Deelnemer):
    """A financial adviser."""
