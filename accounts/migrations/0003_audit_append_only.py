"""The database itself refuses to change or delete audit events.

The only change that it lets through, so that sample data can be removed: an event of a demo company loses its pointer to the
company, and an event of a person of a demo company its pointer to that person. Who did what to what, from
what to what and why stays as it was written. Nothing can be deleted, and no company becomes a demo
company afterwards.
"""

from django.db import migrations

POSTGRES = """
CREATE FUNCTION accounts_audit_append_only() RETURNS trigger AS $$
DECLARE
    expected accounts_auditevent;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        expected := OLD;
        IF EXISTS (SELECT 1 FROM accounts_company c WHERE c.id = OLD.company_id AND c.is_demo) THEN
            expected.company_id := NULL;
        END IF;
        IF EXISTS (SELECT 1 FROM accounts_user u JOIN accounts_company c ON c.id = u.company_id
                   WHERE u.id = OLD.actor_id AND c.is_demo) THEN
            expected.actor_id := NULL;
        END IF;
        IF expected IS DISTINCT FROM OLD AND NEW IS NOT DISTINCT FROM expected THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit events are append-only' USING ERRCODE = 'insufficient_privilege';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER accounts_audit_no_change BEFORE UPDATE OR DELETE ON accounts_auditevent
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_append_only();
CREATE FUNCTION accounts_company_stays_real() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'a company does not become a demo company' USING ERRCODE = 'insufficient_privilege';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER accounts_company_stays_real BEFORE UPDATE OF is_demo ON accounts_company
    FOR EACH ROW WHEN (NEW.is_demo AND NOT OLD.is_demo)
    EXECUTE FUNCTION accounts_company_stays_real();
"""
POSTGRES_BACK = """
DROP TRIGGER accounts_company_stays_real ON accounts_company;
DROP FUNCTION accounts_company_stays_real();
DROP TRIGGER accounts_audit_no_change ON accounts_auditevent;
DROP FUNCTION accounts_audit_append_only();
"""

SAME = " AND ".join(
    f"NEW.{name} IS OLD.{name}"
    for name in (
        "id", "at", "actor_label", "action", "object_type", "object_id", "object_label", "changes",
        "reason", "request_id",
    )
)  # fmt: skip
OF_DEMO = "SELECT 1 FROM accounts_company c WHERE c.is_demo AND c.id = OLD.company_id"
BY_DEMO = (
    "SELECT 1 FROM accounts_user u JOIN accounts_company c ON c.id = u.company_id"
    " WHERE c.is_demo AND u.id = OLD.actor_id"
)
SQLITE = [
    f"""CREATE TRIGGER accounts_audit_no_update BEFORE UPDATE ON accounts_auditevent
       WHEN NOT ({SAME}
         AND NEW.company_id IS CASE WHEN EXISTS ({OF_DEMO}) THEN NULL ELSE OLD.company_id END
         AND NEW.actor_id IS CASE WHEN EXISTS ({BY_DEMO}) THEN NULL ELSE OLD.actor_id END
         AND (EXISTS ({OF_DEMO}) OR EXISTS ({BY_DEMO})))
       BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END""",
    """CREATE TRIGGER accounts_audit_no_delete BEFORE DELETE ON accounts_auditevent
       BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END""",
    """CREATE TRIGGER accounts_company_stays_real BEFORE UPDATE OF is_demo ON accounts_company
       WHEN NEW.is_demo AND NOT OLD.is_demo
       BEGIN SELECT RAISE(ABORT, 'a company does not become a demo company'); END""",
]
SQLITE_BACK = [
    "DROP TRIGGER accounts_company_stays_real",
    "DROP TRIGGER accounts_audit_no_delete",
    "DROP TRIGGER accounts_audit_no_update",
]


def forwards(apps, schema_editor):
    _run(schema_editor, [POSTGRES], SQLITE)


def backwards(apps, schema_editor):
    _run(schema_editor, [POSTGRES_BACK], SQLITE_BACK)


def _run(schema_editor, postgres, sqlite):
    for statement in postgres if schema_editor.connection.vendor == "postgresql" else sqlite:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    replaces = [("accounts", "0002_audit_append_only"), ("accounts", "0005_sample_events")]
    dependencies = [("accounts", "0002_tables")]
    operations = [migrations.RunPython(forwards, backwards)]
