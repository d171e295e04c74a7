"""Two Chinese characters are enough to find a shop by an index (PostgreSQL).

A table of its own, kept by triggers, and not an index on the retailers: those change every night, and
an index of sixty entries a row would be written anew each time.
"""

from django.db import migrations

FORWARDS = [
    """CREATE FUNCTION customers_bigrams(value text) RETURNS text[] AS $$
DECLARE
    letters text[] := string_to_array(value, NULL);
    found text[] := '{}';
BEGIN
    FOR place IN 1 .. cardinality(letters) - 1 LOOP
        found[place] := letters[place] || letters[place + 1];
    END LOOP;
    RETURN found;
END $$ LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE""",
    # The key stands between blanks, so that the beginning and the end of a part are bigrams, too.
    """CREATE TABLE customers_retailersearch (
    retailer_id bigint PRIMARY KEY,
    key text NOT NULL,
    bigrams text[] NOT NULL GENERATED ALWAYS AS (customers_bigrams(key)) STORED
)""",
    """INSERT INTO customers_retailersearch (retailer_id, key)
    SELECT id, ' ' || search_key || ' ' FROM customers_retailer""",
    "CREATE INDEX customers_retailersearch_bigrams ON customers_retailersearch USING gin (bigrams)",
    """CREATE FUNCTION customers_retailersearch_keep() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM customers_retailersearch WHERE retailer_id = OLD.id;
    ELSIF TG_OP = 'TRUNCATE' THEN
        TRUNCATE customers_retailersearch;
    ELSE
        INSERT INTO customers_retailersearch (retailer_id, key)
        VALUES (NEW.id, ' ' || NEW.search_key || ' ')
        ON CONFLICT (retailer_id) DO UPDATE SET key = EXCLUDED.key;
    END IF;
    RETURN NULL;
END $$ LANGUAGE plpgsql""",
    """CREATE TRIGGER customers_retailersearch_insert AFTER INSERT ON customers_retailer
    FOR EACH ROW EXECUTE FUNCTION customers_retailersearch_keep()""",
    """CREATE TRIGGER customers_retailersearch_update AFTER UPDATE OF search_key ON customers_retailer
    FOR EACH ROW WHEN (OLD.search_key IS DISTINCT FROM NEW.search_key)
    EXECUTE FUNCTION customers_retailersearch_keep()""",
    """CREATE TRIGGER customers_retailersearch_delete AFTER DELETE ON customers_retailer
    FOR EACH ROW EXECUTE FUNCTION customers_retailersearch_keep()""",
    """CREATE TRIGGER customers_retailersearch_empty AFTER TRUNCATE ON customers_retailer
    FOR EACH STATEMENT EXECUTE FUNCTION customers_retailersearch_keep()""",
    "ANALYZE customers_retailersearch",
]
BACKWARDS = [
    *(
        f"DROP TRIGGER customers_retailersearch_{name} ON customers_retailer"
        for name in ("insert", "update", "delete", "empty")
    ),
    "DROP FUNCTION customers_retailersearch_keep()",
    "DROP TABLE customers_retailersearch",
    "DROP FUNCTION customers_bigrams(text)",
]


def forwards(apps, schema_editor):
    _run(schema_editor, FORWARDS)


def backwards(apps, schema_editor):
    _run(schema_editor, BACKWARDS)


def _run(schema_editor, statements):
    if schema_editor.connection.vendor == "postgresql":
        for statement in statements:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    replaces = [("customers", "0007_retailer_bigrams")]
    dependencies = [("customers", "0001_tables")]
    operations = [migrations.RunPython(forwards, backwards)]
