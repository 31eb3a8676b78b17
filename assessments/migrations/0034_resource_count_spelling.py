"""Add a column for the resource type in Azure's spelling, for the pages that count resources by type.

The next assessment of a subscription fills the column. Until then, pages show the types in lower case.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0033_properties_of_directory_objects")]

    operations = [
        migrations.AddField(
            model_name="resourcecount",
            name="spelling",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
    ]
