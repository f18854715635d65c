"""Files: written whole or not at all, locked by one process, SQLite opened the same way."""
