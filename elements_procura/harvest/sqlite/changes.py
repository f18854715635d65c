"""Numbers for what changes, given by triggers: see ``harvest/sql/changes.py``."""

_NUMBER = """(SELECT 1 + max(coalesce((SELECT max(look) FROM resources WHERE look > 0), 0),
    coalesce((SELECT max(look) FROM erased), 0)))"""
_CHANGED = """(new.change IS NULL OR (old.status IS 200) != (new.status IS 200)
    OR new.status IS 200
        AND nullif(nullif(old.state, 'queued'), 'stored')
        IS NOT nullif(nullif(new.state, 'queued'), 'stored')
    OR new.root = 1 AND new.status IS NOT 200 AND (old.state = 'gone') != (new.state = 'gone'))"""
NEXT_NUMBER = f"(look, change) = (SELECT n, n FROM (SELECT {_NUMBER} AS n))"  # noqa: S608 - constants
"""What gives a resource that a statement alters the next number, without a trigger."""
# One trigger for both, since each that is begun costs a fourth of the statement; what sets look
# has its number.
NUMBERED = f"""CREATE TRIGGER resources_numbered
AFTER UPDATE OF state, status, change, fetched_at ON resources
WHEN new.look = old.look AND ({_CHANGED}
    OR new.status IS 200 AND old.fetched_at IS NOT new.fetched_at) BEGIN
    UPDATE resources SET (look, change) = (SELECT n, CASE WHEN {_CHANGED} THEN n ELSE new.change END
        FROM (SELECT {_NUMBER} AS n)) WHERE id = new.id;
END;
"""  # noqa: S608 - constants
# Before: the number of what goes away counts as given still, and none is given twice.
ERASED = """CREATE TRIGGER resources_erased BEFORE DELETE ON resources BEGIN
    DELETE FROM erased WHERE resource = old.id AND look < old.look;
    INSERT OR IGNORE INTO erased (resource) VALUES (old.id);
END;
"""
LINEAGE = """
CREATE TABLE lineage (                       -- of the sequence: see sql/lineage.py
    after INTEGER PRIMARY KEY,               -- the last number before
    mark TEXT NOT NULL                       -- random
);
"""
# Every statement that alters what is shown is numbered here, whoever writes it: see sql/changes.py.
CHANGES = f"""
CREATE TABLE erased (                        -- of what may nothing be left, in no export either
    resource INTEGER PRIMARY KEY,
    look INTEGER                             -- the number of that change
);
CREATE INDEX erased_by_look ON erased (look);
CREATE INDEX resources_by_look ON resources (look) WHERE look > 0;
{NUMBERED}{ERASED}CREATE TRIGGER erased_numbered AFTER INSERT ON erased WHEN new.look IS NULL BEGIN
    UPDATE erased SET look = {_NUMBER} WHERE resource = new.resource;
END;
CREATE TRIGGER dossiers_staled AFTER UPDATE OF open ON dossiers
WHEN old.pass > 1 AND (old.open = 0) != (new.open = 0) BEGIN
    UPDATE resources SET change = NULL WHERE dossier = new.id AND pass < old.pass
        AND state = 'stored' AND status = 200 AND +share IS NULL;
END;
CREATE TRIGGER spares_added AFTER INSERT ON spares BEGIN
    UPDATE resources SET change = NULL WHERE id = new.resource AND status IS NOT 200;
END;
CREATE TRIGGER spares_changed AFTER UPDATE OF sha256 ON spares
WHEN old.sha256 != new.sha256 BEGIN
    UPDATE resources SET change = NULL WHERE id = new.resource AND status IS NOT 200;
END;
CREATE TRIGGER spares_dropped AFTER DELETE ON spares BEGIN
    UPDATE resources SET change = NULL WHERE id = old.resource AND status IS NOT 200;
END;
"""  # noqa: S608 - constants
