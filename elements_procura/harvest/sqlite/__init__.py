"""A harvest in one SQLite file: the ledger of requests and the bodies they brought.

The rules of the ledger are statements of SQL, in words that PostgreSQL knows as well, so that a
second implementation starts from their text. Beside the opening of the file (``database``,
``migrations``), these words are SQLite's alone; a test finds any other:

==========================  ======================================================================
here                        there
==========================  ======================================================================
``?``, ``:name``            ``%s``, ``%(name)s``
``+share IS NULL``          ``share IS NULL``: the plus keeps SQLite from a poor index
``INDEXED BY``              nothing: its planner knows how many rows there are
``json_each(?)``            ``kind = ANY(%s)`` instead of ``kind IN (SELECT value …)``
``instr(a, b)``             ``strpos(a, b)``
``ORDER BY rowid``          ``ORDER BY`` a column that counts the dossiers as they are listed
``value + 0.0``             ``CAST(value AS double precision)``
``PRAGMA``                  the version of the schema in a table; nothing for the log
a column ``id`` of any type a text, with a mark before those that are numbers
``REAL``, ``BLOB``          ``double precision``, ``bytea``
``BEGIN IMMEDIATE``         ``BEGIN``, then the comparison of the lease's number
==========================  ======================================================================
"""
