import django.db.models.deletion
from django.db import migrations, models

import tenants.ids
import tenants.rls


class Migration(migrations.Migration):

    dependencies = [
        ("notify", "0007_previous_secret"),
        ("tenants", "0043_subscription_rule_unannounced"),
    ]

    operations = [
        migrations.CreateModel(
            name="PublishedEvent",
            fields=[
                ("id", models.UUIDField(default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("payload", models.JSONField(null=True)),
                ("created_at", models.DateTimeField()),
                ("standing", models.BooleanField(default=False)),
                ("position", models.BigIntegerField(editable=False, null=True)),
                ("positioned_at", models.DateTimeField(editable=False, null=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("position__isnull", True)),
                        fields=["tenant", "created_at"],
                        name="notify_event_without_position",
                    ),
                    models.Index(fields=["tenant", "position"], name="notify_event_of_tenant"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("position",), name="notify_event_position_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("position__isnull", True), ("positioned_at__isnull", True)),
                            models.Q(("position__isnull", False), ("positioned_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="notify_event_positioned",
                    ),
                    tenants.rls.RowLevelSecurity(
                        name="notify_publishedevent_rls",
                        using="tenant_id = ANY((SELECT NULLIF(current_setting('surety.tenants', true), '')::uuid[])::uuid[])",
                    ),
                ],
            },
        ),
        # Leave CACHE at its default of 1. With a higher value, each session would reserve some positions, so positions
        # would be given out of order.
        migrations.RunSQL("CREATE SEQUENCE notify_event_position", "DROP SEQUENCE notify_event_position"),
    ]
