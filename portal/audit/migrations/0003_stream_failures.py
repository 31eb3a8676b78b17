"""Store since when the stream of a journal fails, and how many attempts have failed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_anchors_stay"),
    ]

    operations = [
        migrations.AddField(
            model_name="streamcursor",
            name="failing_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="streamcursor",
            name="failures",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
