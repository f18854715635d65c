"""Typed tables out of a harvest's store: JSON Lines, CSV or Parquet, a file per table."""

from elements_procura.export.pseudonyms import make_key
from elements_procura.export.run import FORMATS, export

__all__ = ["FORMATS", "export", "make_key"]
