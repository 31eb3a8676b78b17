"""Store the content of a report's page when the report is built. Like the signed file, this content never changes."""

from django.db import migrations, models

TRIGGER = """
CREATE FUNCTION reports_page_content_is_final() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the content of the page of a finished report is final'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER reports_page_content_is_final BEFORE UPDATE ON reports_report FOR EACH ROW
    WHEN (OLD.state = 'ready' AND OLD.page_content IS DISTINCT FROM NEW.page_content)
    EXECUTE FUNCTION reports_page_content_is_final();
"""
NO_TRIGGER = """
DROP TRIGGER reports_page_content_is_final ON reports_report;
DROP FUNCTION reports_page_content_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0016_renewed_files")]

    operations = [
        migrations.AddField(
            model_name="report",
            name="page_content",
            field=models.JSONField(
                blank=True,
                help_text="what the page of the report shows; empty for reports of older versions",
                null=True,
            ),
        ),
        migrations.RunSQL(TRIGGER, NO_TRIGGER),
    ]
