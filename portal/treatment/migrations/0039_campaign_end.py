"""Store the numbers of findings at the end of a campaign. They stay null for campaigns that have already ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treatment", "0038_baseline_profile")]

    operations = [
        migrations.AddField(
            model_name="campaigncustomer",
            name="open_at_end",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="campaigncustomer",
            name="unknown_at_end",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
