"""Require that the branding of a report belongs to the report's organization, even with SQL of the application's role.

A report has no column for the organization, so a foreign key cannot require this, and a trigger checks it. The trigger
runs with the rights of the role that writes the report. This role can read only the brandings of organizations in its
scope.
"""

from django.db import migrations, models

TRIGGER = """
CREATE FUNCTION reports_report_branding() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM public.reports_reportbranding b
        JOIN public.tenants_tenantkey k ON k.organization_id = b.organization_id
        WHERE b.id = NEW.branding_id AND k.tenant_id = NEW.tenant_id
    ) THEN
        RAISE EXCEPTION 'the branding belongs to another organization' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reports_report_branding_new BEFORE INSERT ON reports_report FOR EACH ROW
    WHEN (NEW.branding_id IS NOT NULL) EXECUTE FUNCTION reports_report_branding();
CREATE TRIGGER reports_report_branding BEFORE UPDATE ON reports_report FOR EACH ROW
    WHEN (NEW.branding_id IS NOT NULL
          AND (OLD.branding_id, OLD.tenant_id) IS DISTINCT FROM (NEW.branding_id, NEW.tenant_id))
    EXECUTE FUNCTION reports_report_branding();
"""
NO_TRIGGER = """
DROP TRIGGER reports_report_branding ON reports_report;
DROP TRIGGER reports_report_branding_new ON reports_report;
DROP FUNCTION reports_report_branding();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0023_report_period"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="reportbranding",
            constraint=models.UniqueConstraint(fields=("organization", "id"), name="reports_branding_id"),
        ),
        migrations.RunSQL(TRIGGER, NO_TRIGGER),
    ]
