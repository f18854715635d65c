"""Procura / vrijBRP Dossiers: one coroutine per documented endpoint."""
