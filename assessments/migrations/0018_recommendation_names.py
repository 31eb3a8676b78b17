"""Allow stored names of recommendations of Defender for Cloud (`ObjectName.kind`)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0017_object_names")]

    operations = [
        migrations.AlterField(
            model_name="objectname",
            name="kind",
            field=models.CharField(
                choices=[
                    ("user", "User"),
                    ("group", "Group"),
                    ("application", "Application"),
                    ("device", "Device"),
                    ("directory_role", "Directory role"),
                    ("azure_role", "Azure role"),
                    ("policy", "Policy"),
                    ("recommendation", "Recommendation"),
                    ("other", "Other"),
                ],
                max_length=20,
            ),
        )
    ]
