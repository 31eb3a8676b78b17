"""Add columns for facts from the audit log of a directory: the names of the changed objects, and their properties."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('assessments', '0032_history_by_index')]

    operations = [
        migrations.AddField(
            model_name='activityevent',
            name='target_name',
            field=models.CharField(blank=True, default='', help_text='of an object of a directory that is not a person', max_length=256),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='activityevent',
            name='properties',
            field=models.JSONField(default=list, help_text='as `ResourceChange.differences`'),
        ),
        migrations.AddField(
            model_name='activityevent',
            name='property_count',
            field=models.PositiveIntegerField(default=0, help_text='of all changed properties'),
        ),
    ]
