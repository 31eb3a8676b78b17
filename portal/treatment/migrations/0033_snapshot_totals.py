"""Totals over all sections and severities, stored with each snapshot, for lists of many customers.

The next snapshot of a customer stores them, within a minute of the next change or day. Until then, lists compute them.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treatment", "0032_facet_counts")]

    operations = [
        migrations.AddField(
            model_name="snapshot",
            name="totals",
            field=models.JSONField(help_text="null: not stored", null=True),
        ),
    ]
