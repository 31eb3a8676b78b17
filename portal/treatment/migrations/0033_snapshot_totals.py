"""Store totals over all sections and severities with each snapshot, for lists of many customers.

A customer gets the totals with its next snapshot, which is taken within a minute after the next change or the beginning
of the next day. Until then, lists compute the totals.
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
