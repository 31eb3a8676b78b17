"""Forbid the application's role to make a report look older than it is, because retention would then delete it too
early.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION reports_guard_times() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a report does not become older' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER reports_guard_times BEFORE UPDATE OF created_at ON reports_report
    FOR EACH ROW WHEN (NEW.created_at < OLD.created_at) EXECUTE FUNCTION reports_guard_times();
"""
NO_GUARD = """
DROP TRIGGER reports_guard_times ON reports_report;
DROP FUNCTION reports_guard_times();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0007_signedreport_kind")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
