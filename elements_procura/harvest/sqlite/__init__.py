"""A harvest in one SQLite file: the ledger of requests and the bodies they brought."""
