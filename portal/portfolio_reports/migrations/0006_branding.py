"""Store the organization's branding with portfolio reports, and refuse changes of a finished report's title, choices
and signature.

A pseudonymisation that two people have confirmed still replaces names in the row, as in other final tables.
"""

import django.db.models.deletion
from django.db import migrations, models

# The columns that the new trigger compares. The trigger `portfolio_reports_final` compares the other columns.
_COLUMNS = (
    "title", "classification", "paper", "language", "label", "is_selection", "supersedes_number", "branding_id", "requested_as",
    "signer", "self_made", "pages",
)  # fmt: skip


def _row(prefix):
    return ", ".join(f"{prefix}.{column}" for column in _COLUMNS)


FINAL = f"""
CREATE TRIGGER portfolio_reports_choices_final BEFORE UPDATE ON portfolio_reports_portfolioreport FOR EACH ROW
    WHEN (OLD.state = 'ready' AND NOT leaving_permits(OLD.organization_id)
          AND ({_row("OLD")}) IS DISTINCT FROM ({_row("NEW")}))
    EXECUTE FUNCTION portfolio_reports_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("portfolio_reports", "0005_locked_holds"),
        ("reports", "0019_branding"),
        ("leaving", "0013_whole_pseudonymisations"),
    ]

    operations = [
        migrations.AddField(
            model_name="portfolioreport",
            name="branding",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="reports.reportbranding",
            ),
        ),
        migrations.RunSQL(
            FINAL, "DROP TRIGGER portfolio_reports_choices_final ON portfolio_reports_portfolioreport;"
        ),
    ]
