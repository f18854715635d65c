"""Shared by all tests: this folder is on the path, so helpers beside it can be imported."""
