"""Let only a function of the tables' owner delete stored events of Azure's activity log, and the readings of this log.

Like `retention_delete`, the function itself checks legal holds, the policy and the minimum period. The policy and the
minimum period are those of versions. When a customer is erased, other functions delete the rows (migration 0003 of
`portal.offboarding`).
"""

from django.db import connections, migrations
from django.db.utils import DEFAULT_DB_ALIAS

TABLES = ("assessments_activityevent", "assessments_activityreading")
NAME = "retention_delete_activity(uuid, timestamptz, integer)"

DELETE = """
-- Delete at most p_limit events before p_before, the oldest first, and all readings that ended before p_before.
CREATE FUNCTION retention_delete_activity(p_tenant uuid, p_before timestamptz, p_limit integer)
RETURNS TABLE (deleted_rows bigint, deleted_oldest timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.retention_refuse(p_tenant, 'versions', p_before);
    -- This is the lock `tenants.locks.Lock.VERDICTS`: no assessment writes results meanwhile.
    PERFORM pg_advisory_xact_lock(hashtextextended(p_tenant::text, 7));
    -- Placing a legal hold takes a conflicting lock. So a new hold either waits for this transaction, or is seen by the
    -- next check.
    PERFORM 1 FROM public.tenants_tenant t WHERE t.id = p_tenant FOR SHARE;
    PERFORM public.retention_refuse(p_tenant, 'versions', p_before);
    WITH gone AS (
        DELETE FROM public.assessments_activityevent e WHERE e.tenant_id = p_tenant AND e.id IN (
            SELECT o.id FROM public.assessments_activityevent o
            WHERE o.tenant_id = p_tenant AND o.at < p_before ORDER BY o.at, o.id LIMIT p_limit)
        RETURNING e.at
    )
    SELECT count(*), min(g.at) INTO deleted_rows, deleted_oldest FROM gone g;
    DELETE FROM public.assessments_activityreading r WHERE r.tenant_id = p_tenant AND r.until < p_before;
    RETURN NEXT;
END $$;
"""


def restrict(apps, schema_editor):
    role = _application_role(schema_editor)
    if role is None:
        return
    for table in TABLES:
        schema_editor.execute(f"REVOKE DELETE ON {schema_editor.quote_name(table)} FROM {role}")
    schema_editor.execute(f"REVOKE EXECUTE ON FUNCTION {NAME} FROM PUBLIC")
    schema_editor.execute(f"GRANT EXECUTE ON FUNCTION {NAME} TO {role}")


def permit(apps, schema_editor):
    role = _application_role(schema_editor)
    if role is not None:
        for table in TABLES:
            schema_editor.execute(f"GRANT DELETE ON {schema_editor.quote_name(table)} TO {role}")


def _application_role(schema_editor):
    role = connections[DEFAULT_DB_ALIAS].settings_dict["USER"]
    owner = schema_editor.connection.settings_dict["USER"]
    # Set-up refuses a role that owns the tables, because an owner's rights cannot be revoked.
    return schema_editor.quote_name(role) if role and role != owner else None


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0005_cancelled_reports"),
        ("assessments", "0028_activity_stays"),
    ]

    operations = [
        migrations.RunSQL(DELETE, f"DROP FUNCTION {NAME}"),
        migrations.RunPython(restrict, permit),
    ]
