"""Indexes for the page with the history of a resource. They find the resource's versions, findings and operations, and
the unit of the same subscription or directory in the previous assessment.
"""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('assessments', '0031_watch')]

    operations = [
        migrations.RemoveIndex(model_name='activityevent', name='assessments_activity_resource'),
        migrations.AddField(
            model_name='activityevent',
            name='folded',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower('resource_id'), help_text='the resource id in lower case', output_field=models.TextField(db_collation='C')),
        ),
        migrations.AddIndex(
            model_name='activityevent',
            index=models.Index(fields=['tenant', 'folded', 'at'], name='assessments_activity_resource'),
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(fields=['tenant', 'subject_ref'], name='assessments_finding_resource'),
        ),
        migrations.AddIndex(
            model_name='resourceversion',
            index=models.Index(fields=['tenant', 'resource', '-at', '-id'], name='assessments_version_history'),
        ),
        migrations.AddIndex(
            model_name='unit',
            index=models.Index(fields=['tenant', 'azure_id', '-ended_at'], name='assessments_unit_before'),
        ),
    ]
