"""Add the language of a report's pages. It cannot change after the report is finished."""

from importlib import import_module

from django.db import migrations, models

_EARLIER = (
    import_module("portal.reports.migrations.0021_reports_are_final")
    .TRIGGER.partition("CREATE TRIGGER")[0]
    .replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
)
FINAL = _EARLIER.replace("OLD.paper", "OLD.paper, OLD.language").replace(
    "NEW.paper", "NEW.paper, NEW.language"
)


class Migration(migrations.Migration):
    dependencies = [("reports", "0021_reports_are_final")]

    operations = [
        migrations.AddField(
            model_name="report",
            name="language",
            field=models.CharField(
                choices=[("en", "English"), ("de", "German")],
                db_default="en",
                default="en",
                help_text="language of the pages; attachments are English",
                max_length=10,
            ),
        ),
        migrations.RunSQL(FINAL, _EARLIER),
    ]
