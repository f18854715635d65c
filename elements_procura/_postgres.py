"""What errors of PostgreSQL say, and the next step after each; loaded by users of psycopg."""

import re

import psycopg

_STEPS = {
    "does not match host name": "The URL has to name the server as its certificate does",
    "certificate": "sslrootcert=FILE in the URL names who may have signed the server's certificate"
    " (or system: this machine's authorities); has it expired?",
    "pg_hba.conf": "The server lets in nobody from here, as this user, or without TLS (sslmode)",
    "password|authentication": "The password is taken from PGPASSWORD or ~/.pgpass",
    "database .* does not exist": "Make that database, or name another",
    "role .* does not exist": "Is the user's name right? It stands before the @ of the URL",
}
"""The next step, by the reason for which there is no connection."""

_OF_A_POOL = ("42P05", "26000")  # statements that another session has prepared, or has not


def step_after(error: psycopg.Error, otherwise: str) -> str:
    """The next step after an error.

    Args:
        error: Of a connection or a statement.
        otherwise: The step where neither rights, names nor certificates are the reason.
    """
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return "The user needs CREATE on the database, and all rights on what it uses there"
    if error.sqlstate in _OF_A_POOL:
        return "Have PgBouncer pool sessions (pool_mode=session), or name the server itself"
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
        return "A replica takes no writes: name the primary, or target_session_attrs=read-write"
    reason = "" if error.sqlstate else reason_of(error)
    if reason.startswith("connection"):  # there was none
        for word, step in _STEPS.items():
            if re.search(word, reason.rpartition("failed: ")[2]):
                return step
    return otherwise


def reason_of(error: psycopg.Error) -> str:
    """The reason, without values: those of a row are in every other text of an error."""
    if error.sqlstate is None and isinstance(error, psycopg.OperationalError):
        return str(error).split("\n", maxsplit=1)[0]  # of the connection
    state = f" ({error.sqlstate})" if error.sqlstate else ""
    return f"{type(error).__name__}{state}"
