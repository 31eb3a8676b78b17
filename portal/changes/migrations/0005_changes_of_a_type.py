"""Add an index with which the changes of one type of resource are read, newest first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("changes", "0004_approved_configurations")]

    operations = [
        migrations.AddIndex(
            model_name="resourcechange",
            index=models.Index(fields=["tenant", "type", "-at", "-id"], name="changes_change_of_type"),
        ),
    ]
