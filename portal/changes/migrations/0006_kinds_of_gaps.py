"""Store the kind of a gap in the activity log, also for existing changes, whose gaps are stored only as sentences."""

from django.db import migrations, models

# Row-level security applies to the owner of the tables too, so the migration opens the scope of all tenants.
KINDS = """
SELECT set_config('surety.tenants', (SELECT '{' || string_agg(tenant_id::text, ',') || '}' FROM tenants_tenantkey), true);
UPDATE changes_resourcechange SET gap_kind = CASE
    WHEN starts_with(gap, 'The activity log has no operation') THEN 'no_operation'
    WHEN starts_with(gap, 'The activity log was not read') THEN 'not_read'
    ELSE 'unreadable' END
WHERE gap <> '' AND gap_kind = '';
SELECT set_config('surety.tenants', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("changes", "0005_changes_of_a_type")]

    operations = [
        migrations.AddField(
            model_name="resourcechange",
            name="gap_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "No gap"),
                    ("no_operation", "The activity log has no operation on the resource"),
                    ("not_read", "The activity log was not read for the whole period"),
                    ("unreadable", "The activity log could not be read completely"),
                ],
                default="",
                max_length=20,
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(KINDS, migrations.RunSQL.noop),
    ]
