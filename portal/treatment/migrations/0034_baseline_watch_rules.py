from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('treatment', '0033_snapshot_totals'),
    ]

    operations = [
        migrations.AddField(
            model_name='baseline',
            name='watch_rules',
            field=models.JSONField(default=list),
        ),
    ]
