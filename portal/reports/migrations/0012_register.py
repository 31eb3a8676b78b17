"""Add the register of revoked and superseded reports. Its entries never change."""

from django.db import migrations, models
import django.utils.timezone

TRIGGER = """
CREATE FUNCTION reports_register_is_final() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'entries of the register of reports are final: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER reports_register_is_final BEFORE UPDATE OR DELETE ON reports_registerentry
    FOR EACH ROW EXECUTE FUNCTION reports_register_is_final();
"""
NO_TRIGGER = """
DROP TRIGGER reports_register_is_final ON reports_registerentry;
DROP FUNCTION reports_register_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0011_report_build_lease")]

    operations = [
        migrations.AddField(
            model_name="report",
            name="supersedes_number",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="number of the report that this report supersedes when it is ready",
                null=True,
            ),
        ),
        migrations.CreateModel(
            name="RegisterEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("report", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[("revoked", "Revoked"), ("superseded", "Superseded")], max_length=10
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("replacement", models.UUIDField(blank=True, null=True)),
                ("number", models.PositiveIntegerField(blank=True, null=True)),
                ("entered_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("report", "state"), name="reports_register_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "revoked"),
                                models.Q(("reason", ""), _negated=True),
                                ("number", None),
                                ("replacement", None),
                            ),
                            models.Q(
                                ("number__isnull", False),
                                ("reason", ""),
                                ("replacement__isnull", False),
                                ("state", "superseded"),
                            ),
                            _connector="OR",
                        ),
                        name="reports_register_revoked_has_reason",
                    ),
                ],
            },
        ),
        migrations.RunSQL(TRIGGER, NO_TRIGGER),
    ]
