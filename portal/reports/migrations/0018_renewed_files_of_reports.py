"""Accept the record of a renewed file only for a report within the scope, and only if the previous file has a record.

The table has no row-level security, because the public page that verifies reports reads it. Without this trigger, SQL
of the application's role could insert a record without a report. The time-stamp authorities in that record would then
be accepted forever. The trigger runs with the rights of the role that inserts, so row-level security decides which
reports it sees.
"""

from django.db import migrations

TRIGGER = """
CREATE FUNCTION reports_renewed_file_in_scope() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM public.reports_report r
        WHERE r.id = NEW.report AND r.state = 'ready' AND r.sha256 = NEW.sha256
    ) THEN
        RAISE EXCEPTION 'records of renewed files take only the files of reports within the scope'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM public.reports_signedreport s WHERE s.report = NEW.report AND s.sha256 = NEW.previous_sha256
    ) AND NOT EXISTS (
        SELECT 1 FROM public.reports_renewedfile f WHERE f.report = NEW.report AND f.sha256 = NEW.previous_sha256
    ) THEN
        RAISE EXCEPTION 'the record of a renewed file needs the record of the file that is its beginning'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.renewed_at := pg_catalog.clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER reports_renewed_file_in_scope BEFORE INSERT ON reports_renewedfile
    FOR EACH ROW EXECUTE FUNCTION reports_renewed_file_in_scope();
"""
NO_TRIGGER = """
DROP TRIGGER reports_renewed_file_in_scope ON reports_renewedfile;
DROP FUNCTION reports_renewed_file_in_scope();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0017_report_page_content")]

    operations = [migrations.RunSQL(TRIGGER, NO_TRIGGER)]
