"""Numbers for what changes, given by triggers: see ``harvest/sql/changes.py``."""

_NUMBER = "nextval(format('%I.numbers', TG_TABLE_SCHEMA)::regclass)"
_CHANGED = """(new.change IS NULL
    OR (old.status IS NOT DISTINCT FROM 200) != (new.status IS NOT DISTINCT FROM 200)
    OR new.status = 200 AND nullif(nullif(old.state, 'queued'), 'stored')
        IS DISTINCT FROM nullif(nullif(new.state, 'queued'), 'stored')
    OR new.root = 1 AND new.status IS DISTINCT FROM 200
        AND (old.state = 'gone') != (new.state = 'gone'))"""
LINEAGE = "CREATE TABLE lineage (after bigint PRIMARY KEY, mark text NOT NULL);"
CHANGES = f"""
CREATE SEQUENCE numbers;
CREATE TABLE erased (
    resource bigint PRIMARY KEY,
    look bigint NOT NULL DEFAULT nextval('numbers')
);
CREATE INDEX erased_by_look ON erased (look);
CREATE INDEX resources_by_look ON resources (look) WHERE look > 0;
CREATE FUNCTION number_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    new.look := {_NUMBER};
    new.change := new.look;
    RETURN new;
END $$;
CREATE FUNCTION number_look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    new.look := {_NUMBER};
    RETURN new;
END $$;
CREATE FUNCTION number_erasure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM erased WHERE resource = old.id;
    INSERT INTO erased (resource) VALUES (old.id);
    RETURN NULL;
END $$;
CREATE FUNCTION note_stale() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE resources SET change = NULL WHERE dossier = new.id AND pass < old.pass
        AND state = 'stored' AND status = 200 AND share IS NULL;
    RETURN NULL;
END $$;
CREATE FUNCTION note_spare() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE resources SET change = NULL
        WHERE id = coalesce(new.resource, old.resource) AND status IS DISTINCT FROM 200;
    RETURN NULL;
END $$;
CREATE TRIGGER resources_changed BEFORE UPDATE OF state, status, change ON resources
    FOR EACH ROW WHEN {_CHANGED} EXECUTE FUNCTION number_change();
CREATE TRIGGER resources_looked BEFORE UPDATE OF fetched_at ON resources
    FOR EACH ROW WHEN (new.status = 200 AND old.fetched_at IS DISTINCT FROM new.fetched_at
    AND NOT {_CHANGED}) EXECUTE FUNCTION number_look();
CREATE TRIGGER resources_erased AFTER DELETE ON resources
    FOR EACH ROW EXECUTE FUNCTION number_erasure();
CREATE TRIGGER dossiers_staled AFTER UPDATE OF open ON dossiers
    FOR EACH ROW WHEN (old.pass > 1 AND (old.open = 0) != (new.open = 0))
    EXECUTE FUNCTION note_stale();
CREATE TRIGGER spares_added AFTER INSERT OR DELETE ON spares
    FOR EACH ROW EXECUTE FUNCTION note_spare();
CREATE TRIGGER spares_changed AFTER UPDATE OF sha256 ON spares
    FOR EACH ROW WHEN (old.sha256 != new.sha256) EXECUTE FUNCTION note_spare();
"""  # noqa: S608 - constants
