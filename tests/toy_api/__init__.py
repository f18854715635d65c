"""An API of two endpoints, added as docs/adding-an-api.md says; only its registration is elsewhere.

A library's books: ``GET /api/toy/books`` lists them, ``GET /api/toy/books/{BOOK_ID}`` is one.
"""
