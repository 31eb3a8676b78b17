"""Add the period that a report covers: its first and last UTC day. They cannot change after the report is finished."""

from importlib import import_module

from django.db import migrations, models

_EARLIER = import_module("portal.reports.migrations.0022_report_language").FINAL
FINAL = _EARLIER
for _row in ("OLD", "NEW"):
    FINAL = FINAL.replace(f"{_row}.paper", f"{_row}.paper, {_row}.period_first, {_row}.period_last")


class Migration(migrations.Migration):
    dependencies = [("reports", "0022_report_language")]

    operations = [
        migrations.AddField(
            model_name="report",
            name="period_first",
            field=models.DateField(
                blank=True, help_text="first UTC day of a report over a period", null=True
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="period_last",
            field=models.DateField(blank=True, help_text="last UTC day, which is included", null=True),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("period_first__isnull", True), ("period_last__isnull", True))
                | models.Q(("period_first__lte", models.F("period_last"))),
                name="reports_report_period",
            ),
        ),
        migrations.RunSQL(FINAL, _EARLIER),
    ]
