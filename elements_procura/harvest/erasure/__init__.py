"""Erasing a person or a dossier from a store for good, and disclosing all stored of a person.

What was erased is listed as keyed hashes, and whatever comes later passes that list before it is
stored: see :mod:`~elements_procura.harvest.erasure.suppression`.
"""
