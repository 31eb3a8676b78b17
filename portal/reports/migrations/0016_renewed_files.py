"""Add the records of renewed files: copies of reports with a renewed archive time stamp. The records never change."""

from django.db import migrations, models
import django.db.models.functions.datetime

TRIGGER = """
CREATE FUNCTION reports_renewed_file_is_final() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'records of renewed files are final: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER reports_renewed_file_is_final BEFORE UPDATE OR DELETE ON reports_renewedfile
    FOR EACH ROW EXECUTE FUNCTION reports_renewed_file_is_final();
"""
NO_TRIGGER = """
DROP TRIGGER reports_renewed_file_is_final ON reports_renewedfile;
DROP FUNCTION reports_renewed_file_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0015_deleted_reports")]

    operations = [
        migrations.CreateModel(
            name="RenewedFile",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("report", models.UUIDField(db_index=True)),
                ("previous_sha256", models.CharField(max_length=64, unique=True)),
                ("time_stamp_authorities", models.TextField()),
                ("renewed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name="report",
            name="archive_until",
            field=models.DateTimeField(
                blank=True, help_text="when the certificates of the last archive time stamp end", null=True
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="archive_algorithm",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="algorithm of the last archive time stamp",
                max_length=40,
            ),
        ),
        migrations.RunSQL(TRIGGER, NO_TRIGGER),
    ]
