"""Faster Forward Elements 1.9.6: one coroutine per documented endpoint."""
