"""Replace the number of hours between two assessments by a timetable (assessments.timing.timetable)."""

from django.db import migrations, models

# Intervals from 25 to 167 hours become daily, so that no customer is assessed less often than before. Forced row-level
# security applies to the owner of the table too. So the migration suspends it during the statement.
TIMETABLES = """
ALTER TABLE assessments_schedule NO FORCE ROW LEVEL SECURITY;
UPDATE assessments_schedule SET rule = CASE
    WHEN every_hours < 24 THEN 'daily '
        || (SELECT string_agg(lpad(hour::text, 2, '0') || ':00', ',' ORDER BY hour)
            FROM generate_series(0, 23, every_hours) hour)
        || ' within ' || LEAST(120, every_hours * 60)
    WHEN every_hours < 168 THEN 'daily 00:00 within 120'
    ELSE 'Mon 00:00 within 120'
END;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE assessments_schedule FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0019_ended_changes'),
        ('tenants', '0019_default_schedule'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='schedule',
            name='assessments_schedule_hours',
        ),
        migrations.AddField(
            model_name='schedule',
            name='computed_for',
            field=models.CharField(blank=True, max_length=330),
        ),
        migrations.AddField(
            model_name='schedule',
            name='last_due_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='schedule',
            name='last_outcome',
            field=models.CharField(blank=True, choices=[('started', 'Started'), ('caught_up', 'Started late, because no worker was running at the scheduled time'), ('running', 'Not started, because another assessment was still running'), ('no_principal', 'Not started, because no service principal is registered'), ('paused', 'Not started, because Entra refused all service principals')], max_length=20),
        ),
        migrations.AddField(
            model_name='schedule',
            name='missed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='schedule',
            name='missed_count',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='schedule',
            name='missed_from',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='schedule',
            name='missed_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='schedule',
            name='paused_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='schedule',
            name='rule',
            field=models.CharField(blank=True, max_length=250),
        ),
        migrations.AlterField(
            model_name='schedule',
            name='next_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('missed_at__isnull', True), ('missed_count', 0), ('missed_from__isnull', True), ('missed_until__isnull', True)), models.Q(('missed_at__isnull', False), ('missed_count__gte', 1), ('missed_from__isnull', False), ('missed_until__isnull', False)), _connector='OR'), name='assessments_schedule_missed'),
        ),
        migrations.RunSQL(TIMETABLES, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name='schedule',
            name='every_hours',
        ),
    ]
