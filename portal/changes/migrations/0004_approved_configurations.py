"""Add approved configurations of resources.

A change stores how the resource now differs from its approved configuration. The condition `unapproved` of a watch rule
catches such changes.
"""

import django.db.models.deletion
import tenants.ids
import tenants.references
import tenants.rls
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0031_watch"),
        ("changes", "0003_search_text_triggers"),
        ("tenants", "0046_service_principal_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="resourcechange",
            name="approved_difference_count",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="resourcechange",
            name="approved_differences",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="watchrule",
            name="unapproved",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="ApprovedConfiguration",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.UUIDField()),
                ("version_at", models.DateTimeField()),
                ("content", models.JSONField()),
                ("reason", models.TextField()),
                ("approved_at", models.DateTimeField()),
                ("differs_since", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("is_withdrawn", models.BooleanField(default=False)),
                (
                    "approved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="approvals",
                        to="assessments.resource",
                    ),
                ),
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
                "ordering": ["-approved_at", "-id"],
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="resourcechange",
            name="approval",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="changes.approvedconfiguration",
            ),
        ),
        migrations.AddConstraint(
            model_name="resourcechange",
            constraint=tenants.references.CompositeReference(
                columns=("tenant_id", "approval_id"),
                name="changes_resourcechange_approval_id_tenant",
                table="changes_approvedconfiguration",
                targets=("tenant_id", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="approvedconfiguration",
            constraint=models.UniqueConstraint(
                fields=("tenant", "id"), name="changes_approvedconfiguration_tenant_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="approvedconfiguration",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("resource",),
                name="changes_approved_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvedconfiguration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True), ("is_withdrawn", False)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="changes_approved_end",
            ),
        ),
        migrations.AddIndex(
            model_name="approvedconfiguration",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["tenant", "resource"],
                include=("differs_since",),
                name="changes_approved_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvedconfiguration",
            constraint=tenants.references.CompositeReference(
                columns=("tenant_id", "resource_id"),
                name="changes_approvedconfiguration_resource_id_tenant",
                table="assessments_resource",
                targets=("tenant_id", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="approvedconfiguration",
            constraint=tenants.rls.RowLevelSecurity(
                name="changes_approvedconfiguration_rls",
                using="tenant_id = ANY((SELECT NULLIF(current_setting('surety.tenants', true), '')::uuid[])::uuid[])",
            ),
        ),
    ]
