from django.db import migrations

import tenants.references
import tenants.rls

RENAMES = {
    'ALTER POLICY "{}" ON "notify_told" RENAME TO "{}"': ("notify_told_rls", "notify_dedupkey_rls"),
    'ALTER TABLE "notify_told" RENAME CONSTRAINT "{}" TO "{}"': (
        "notify_told_channel_id_tenant",
        "notify_dedupkey_channel_id_tenant",
    ),
}


class Migration(migrations.Migration):
    """Rename the model in Python. The table keeps its name and rows; the names of constraints change."""

    dependencies = [("notify", "0003_retention")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(statement.format(old, new), statement.format(new, old))
                for statement, (old, new) in RENAMES.items()
            ],
            state_operations=[
                migrations.RenameModel("Told", "DedupKey"),
                migrations.AlterModelTable("DedupKey", "notify_told"),
                migrations.RemoveConstraint("dedupkey", "notify_told_rls"),
                migrations.RemoveConstraint("dedupkey", "notify_told_channel_id_tenant"),
                migrations.AddConstraint(
                    "dedupkey",
                    tenants.references.CompositeReference(
                        columns=("tenant_id", "channel_id"),
                        name="notify_dedupkey_channel_id_tenant",
                        table="notify_channel",
                        targets=("tenant_id", "id"),
                    ),
                ),
                migrations.AddConstraint(
                    "dedupkey",
                    tenants.rls.RowLevelSecurity(
                        name="notify_dedupkey_rls",
                        using="tenant_id = ANY((SELECT NULLIF(current_setting('surety.tenants', true), '')"
                        "::uuid[])::uuid[])",
                    ),
                ),
            ],
        )
    ]
