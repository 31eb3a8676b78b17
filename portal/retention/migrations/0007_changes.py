"""Delete recorded changes after the retention period of the versions and operations from which they were recorded.

Changes that still need work are kept. `retention_delete_activity` still checks legal holds, the policy and the minimum
period.
"""

from django.db import migrations

DELETE = """
CREATE OR REPLACE FUNCTION retention_delete_activity(p_tenant uuid, p_before timestamptz, p_limit integer)
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
    DELETE FROM public.changes_reviewevent v USING public.changes_resourcechange c
        WHERE v.tenant_id = p_tenant AND c.tenant_id = p_tenant AND v.change_id = c.id
          AND c.at < p_before AND c.state NOT IN ('waiting', 'unexpected');
    DELETE FROM public.changes_resourcechange c
        WHERE c.tenant_id = p_tenant AND c.at < p_before AND c.state NOT IN ('waiting', 'unexpected');
    RETURN NEXT;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0006_activity_deleted_by_function"),
        ("changes", "0001_initial"),
    ]

    operations = [
        # Reversing this migration does not restore the earlier function. The new one stays, and fails if the tables of
        # changes are dropped.
        migrations.RunSQL(DELETE, migrations.RunSQL.noop),
    ]
