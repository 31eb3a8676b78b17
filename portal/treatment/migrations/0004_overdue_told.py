from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treatment", "0003_snapshot_verdicts")]

    operations = [
        migrations.AddField(
            model_name="treatment",
            name="overdue_told_for",
            field=models.DateTimeField(
                blank=True,
                help_text="the finding's failing_since that its owner was told is overdue",
                null=True,
            ),
        ),
    ]
