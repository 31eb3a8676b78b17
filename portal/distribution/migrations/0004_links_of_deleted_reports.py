"""Delete the links of a report together with the report.

A link of a deleted report does not work any more. Before this migration, the row of such a link was kept as long as the
customer existed. The row contains the recipient and the network address that last used the link.
"""

from django.db import migrations

# Row-level security applies to the owner too, so the scope of all tenants is set for this transaction.
EARLIER = r"""
SELECT set_config('surety.tenants', coalesce('{' || string_agg(tenant_id::text, ',') || '}', ''), true)
    FROM tenants_tenantkey;
DELETE FROM distribution_reportlink l WHERE NOT EXISTS (
    SELECT FROM reports_report r WHERE r.tenant_id = l.tenant_id AND r.number = l.report_number
);
SELECT set_config('surety.tenants', '', true);
"""

DELETED = r"""
CREATE FUNCTION distribution_delete_links() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM public.distribution_reportlink l WHERE l.tenant_id = OLD.tenant_id AND l.report_number = OLD.number;
    RETURN NULL;
END $$;
CREATE TRIGGER distribution_delete_links AFTER DELETE ON reports_report
    FOR EACH ROW EXECUTE FUNCTION distribution_delete_links();
"""

NOT_DELETED = r"""
DROP TRIGGER distribution_delete_links ON reports_report;
DROP FUNCTION distribution_delete_links();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("distribution", "0003_links"),
        ("reports", "0017_report_page_content"),
    ]

    operations = [
        migrations.RunSQL(EARLIER, migrations.RunSQL.noop),
        migrations.RunSQL(DELETED, NOT_DELETED),
    ]
