"""Make finished reports final: what a report proves cannot be changed, even with SQL of the application's role.

Only the renewal of an archive time stamp changes the file. The new file begins with all bytes of the present file. The
record of the renewed file is inserted first, and contains the hashes of both files. So the trigger that checks a new
record now compares the record with the present file, and no longer with the new file. A deferred trigger refuses a
record whose file is not stored in the same transaction.

A pseudonymisation that two people have confirmed may still replace names in the row, as in other final tables.
"""

from importlib import import_module

from django.db import migrations

# The columns that never change. They have the identity and choices of the report, its state, and its statements about
# its signature.
FINAL = (
    "id", "tenant_id", "number", "kind", "title", "classification", "paper", "state", "assessment_id", "baseline_number",
    "supersedes_number", "framework", "without_names", "branding_id", "as_of", "requested_as", "created_at", "level",
    "signer", "self_made", "pages",
)  # fmt: skip
# The columns that only a renewal changes, all at once.
RENEWED = ("file", "sha256", "size", "archive_until", "archive_algorithm")


def _row(prefix, columns):
    return "(" + ", ".join(f"{prefix}.{column}" for column in columns) + ")"


TRIGGER = f"""
CREATE FUNCTION reports_report_is_final() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF {_row("OLD", FINAL)} IS DISTINCT FROM {_row("NEW", FINAL)} THEN
        RAISE EXCEPTION 'a finished report is final' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.requested_by_id IS NOT NULL AND NEW.requested_by_id IS DISTINCT FROM OLD.requested_by_id THEN
        RAISE EXCEPTION 'a finished report is final: its requester stays' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF {_row("OLD", RENEWED)} IS DISTINCT FROM {_row("NEW", RENEWED)} AND (
        NEW.size <= OLD.size OR NOT EXISTS (
            SELECT 1 FROM public.reports_renewedfile f
            WHERE f.report = OLD.id AND f.previous_sha256 = OLD.sha256 AND f.sha256 = NEW.sha256
        )
    ) THEN
        RAISE EXCEPTION 'the file of a finished report changes only with the record of a renewed time stamp'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reports_report_is_final BEFORE UPDATE ON reports_report FOR EACH ROW
    WHEN (OLD.state = 'ready' AND NOT leaving_permits(OLD.tenant_id)) EXECUTE FUNCTION reports_report_is_final();
CREATE OR REPLACE TRIGGER reports_page_content_is_final BEFORE UPDATE ON reports_report FOR EACH ROW
    WHEN (OLD.state = 'ready' AND OLD.page_content IS DISTINCT FROM NEW.page_content
          AND NOT leaving_permits(OLD.tenant_id))
    EXECUTE FUNCTION reports_page_content_is_final();
"""
NO_TRIGGER = """
CREATE OR REPLACE TRIGGER reports_page_content_is_final BEFORE UPDATE ON reports_report FOR EACH ROW
    WHEN (OLD.state = 'ready' AND OLD.page_content IS DISTINCT FROM NEW.page_content)
    EXECUTE FUNCTION reports_page_content_is_final();
DROP TRIGGER reports_report_is_final ON reports_report;
DROP FUNCTION reports_report_is_final();
"""

STORED = """
CREATE FUNCTION reports_renewed_file_is_stored() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM public.reports_report r WHERE r.id = NEW.report AND r.sha256 = NEW.sha256
    ) AND NOT EXISTS (
        SELECT 1 FROM public.reports_renewedfile f WHERE f.report = NEW.report AND f.previous_sha256 = NEW.sha256
    ) THEN
        RAISE EXCEPTION 'the record of a renewed file needs the file of its report'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER reports_renewed_file_is_stored AFTER INSERT ON reports_renewedfile
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION reports_renewed_file_is_stored();
"""
NOT_STORED = """
DROP TRIGGER reports_renewed_file_is_stored ON reports_renewedfile;
DROP FUNCTION reports_renewed_file_is_stored();
"""

_EARLIER = import_module("portal.reports.migrations.0018_renewed_files_of_reports").TRIGGER
_EARLIER_RECORDS = _EARLIER.partition("CREATE TRIGGER")[0].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
RECORDS = _EARLIER_RECORDS.replace("r.sha256 = NEW.sha256", "r.sha256 = NEW.previous_sha256")


class Migration(migrations.Migration):
    dependencies = [("reports", "0020_renewal_failures"), ("leaving", "0013_whole_pseudonymisations")]

    operations = [
        migrations.RunSQL(TRIGGER, NO_TRIGGER),
        migrations.RunSQL(RECORDS, _EARLIER_RECORDS),
        migrations.RunSQL(STORED, NOT_STORED),
    ]
