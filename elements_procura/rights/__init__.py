"""Persons' rights: erasing somebody from a store and its exports, and disclosing what it holds."""

from elements_procura.rights.disclosing import disclose
from elements_procura.rights.erasing import ErasureReport, erase
from elements_procura.rights.listing import save_suppression

__all__ = ["ErasureReport", "disclose", "erase", "save_suppression"]
