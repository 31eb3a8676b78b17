from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('assessments', '0003_finding_facets')]

    operations = [
        migrations.AddField(
            model_name='finding',
            name='outcome_rank',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(outcome='fail', then=0), models.When(outcome='unknown', then=1), models.When(outcome='manual', then=2), models.When(outcome='pass', then=3), default=4), help_text='0 asks for something first: fail, unknown, manual, pass, not applicable', output_field=models.PositiveSmallIntegerField()),
        ),
        migrations.RemoveIndex(model_name='finding', name='assessments_finding_order'),
        migrations.AddIndex(model_name='finding', index=models.Index(fields=['tenant', 'severity_rank', 'outcome_rank', 'control', 'id'], name='assessments_finding_worst')),
    ]
