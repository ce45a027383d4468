"""The audit trail accepts new rows only: a trigger refuses UPDATE, DELETE and TRUNCATE (design.md section 2)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION core_auditentry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only';
END $$;
CREATE TRIGGER auditentry_append_only BEFORE UPDATE OR DELETE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION core_auditentry_refuse();
CREATE TRIGGER auditentry_no_truncate BEFORE TRUNCATE ON core_auditentry
    FOR EACH STATEMENT WHEN (current_setting('phoi_hop.allow_truncate', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION core_auditentry_refuse();
"""
BACKWARD = """
DROP TRIGGER auditentry_no_truncate ON core_auditentry;
DROP TRIGGER auditentry_append_only ON core_auditentry;
DROP FUNCTION core_auditentry_refuse();
"""


class Migration(migrations.Migration):
    """Protect the audit trail."""

    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
