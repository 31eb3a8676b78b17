"""Store the search texts of existing findings, and add triggers that store the texts of each written finding."""

from django.db import migrations

TRIGGERS = """
CREATE FUNCTION assessments_keep_finding_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO assessments_findingtext (id, tenant_id, kind, key, text)
    SELECT gen_random_uuid(), said.tenant_id, said.kind, said.key, said.text FROM (
        SELECT DISTINCT w.tenant_id, s.kind, s.key, s.text FROM written w
        CROSS JOIN LATERAL (VALUES
            ('subject', w.subject_ref, lower(w.subject)),
            ('reason', w.reason_ref, lower(w.control || chr(10) || w.reason))
        ) AS s(kind, key, text)
    ) said
    ON CONFLICT (tenant_id, kind, key) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER assessments_keep_new_texts AFTER INSERT ON assessments_finding
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION assessments_keep_finding_texts();
CREATE TRIGGER assessments_keep_changed_texts AFTER UPDATE ON assessments_finding
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION assessments_keep_finding_texts();
"""
NO_TRIGGERS = """
DROP TRIGGER assessments_keep_changed_texts ON assessments_finding;
DROP TRIGGER assessments_keep_new_texts ON assessments_finding;
DROP FUNCTION assessments_keep_finding_texts();
"""
# Row-level security applies to the owner of the tables too, so the migration opens the scope of all tenants.
ALL_TENANTS = """
SELECT set_config('surety.tenants', (SELECT '{' || string_agg(tenant_id::text, ',') || '}' FROM tenants_tenantkey), true);
INSERT INTO assessments_findingtext (id, tenant_id, kind, key, text)
SELECT gen_random_uuid(), tenant_id, 'subject', subject_ref, lower(subject)
FROM (SELECT DISTINCT ON (tenant_id, subject_ref) * FROM assessments_finding) f
UNION ALL
SELECT gen_random_uuid(), tenant_id, 'reason', reason_ref, lower(control || chr(10) || reason)
FROM (SELECT DISTINCT ON (tenant_id, reason_ref) * FROM assessments_finding) f;
SELECT set_config('surety.tenants', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("assessments", "0010_finding_texts")]

    operations = [
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        migrations.RunSQL(ALL_TENANTS, migrations.RunSQL.noop),
    ]
