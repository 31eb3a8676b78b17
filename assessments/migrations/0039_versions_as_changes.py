"""Allow storing a version of a resource as the changes since the previous version.

Existing rows are whole documents, and remain as they are: each row begins a chain of its own.
"""

from django.db import migrations, models
from django.db.models.lookups import Exact


class Migration(migrations.Migration):

    dependencies = [('assessments', '0038_severity_rules')]

    operations = [
        # The column keeps its name, because older and newer workers run side by side during an update.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField(model_name='resourceversion', old_name='content', new_name='stored'),
                migrations.AlterField(
                    model_name='resourceversion',
                    name='stored',
                    field=models.JSONField(db_column='content', help_text='the document, or the changes since the previous step'),
                ),
            ],
        ),
        migrations.AddField(
            model_name='resourceversion',
            name='chain',
            field=models.UUIDField(blank=True, help_text='id of the first version of the chain; empty for itself', null=True),
        ),
        migrations.AddField(
            model_name='resourceversion',
            name='step',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='steps since the start of the chain'),
        ),
        migrations.AlterField(
            model_name='resourceversion',
            name='sha256',
            field=models.CharField(help_text='of the whole document', max_length=64),
        ),
        migrations.AddConstraint(
            model_name='resourceversion',
            constraint=models.UniqueConstraint(condition=models.Q(('chain__isnull', False)), fields=('chain', 'step'), name='assessments_version_step'),
        ),
        migrations.AddConstraint(
            model_name='resourceversion',
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        Exact(models.Func(models.F('stored'), function='jsonb_typeof', output_field=models.TextField()), 'object'),
                        ('chain__isnull', True),
                        ('step', 0),
                    ),
                    models.Q(('chain__isnull', False), ('step__gte', 1)),
                    _connector='OR',
                ),
                name='assessments_version_chain',
            ),
        ),
    ]
