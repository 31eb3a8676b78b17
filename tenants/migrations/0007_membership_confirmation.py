import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Row-level security applies to the table's owner too (FORCE), so the migration lifts FORCE for this statement.
EARLIER = """
ALTER TABLE tenants_membership NO FORCE ROW LEVEL SECURITY;
UPDATE tenants_membership SET confirmation = 'earlier', confirmed_at = created_at WHERE role = 'approver';
ALTER TABLE tenants_membership FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    """Add columns for the person who granted a membership and the person who confirmed it. Existing approvers keep
    their role.
    """

    dependencies = [("tenants", "0006_plain_messages")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="granted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="confirmation",
            field=models.CharField(
                choices=[
                    ("not_needed", "Not needed"),
                    ("waiting", "Waiting for a second administrator"),
                    ("confirmed", "Confirmed by a second administrator"),
                    ("refused", "Refused"),
                    ("operator", "Confirmed by the operator of the server"),
                    ("earlier", "Granted before a second administrator was required"),
                ],
                default="not_needed",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="confirmed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="membership", name="confirmed_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="person",
            name="last_seen_at",
            field=models.DateTimeField(blank=True, editable=False, help_text="to a few minutes", null=True),
        ),
        migrations.AddField(
            model_name="invitation", name="mailed_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.RunSQL(EARLIER, migrations.RunSQL.noop),
    ]
