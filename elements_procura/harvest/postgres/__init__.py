"""Harvests in a PostgreSQL server's database: a schema for each store, named ``harvest_NAME``.

The statements are those of ``harvest/sql``, translated by ``dialect``. Of its own this has its
tables (``tables``), a lease with a fence (``lease``) and ids that keep numbers and texts apart
(``ids``). Only ``backend`` and ``ids`` can be imported without psycopg, the extra ``postgres``.
"""
