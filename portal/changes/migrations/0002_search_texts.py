"""Add a table of texts, which a search for changes reads. Each change stores the keys of its own texts, which are rows
of this table.
"""

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models

import tenants.ids
import tenants.rls

# Each actor is on a line of its own. PostgreSQL declares array_to_string as STABLE, because for some types of items the
# result depends on settings. For texts, the result does not depend on settings, so this function can be IMMUTABLE.
ACTORS_TEXT = """
CREATE FUNCTION changes_actors_text(actors text[]) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT chr(10) || array_to_string(actors, chr(10)) || chr(10)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("changes", "0001_initial")]

    operations = [
        migrations.RunSQL(ACTORS_TEXT, "DROP FUNCTION changes_actors_text(text[])"),
        migrations.CreateModel(
            name="ChangeText",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("resource", "Resource ID"), ("actors", "Possible actors")], max_length=10
                    ),
                ),
                ("key", models.UUIDField(help_text="MD5 of the text")),
                ("text", models.TextField()),
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
                "abstract": False,
            },
        ),
        migrations.RemoveIndex(model_name="resourcechange", name="changes_resourcechange_newest"),
        migrations.RemoveIndex(model_name="resourcechange", name="changes_change_actors"),
        migrations.AddField(
            model_name="resourcechange",
            name="azure_ref",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.comparison.Cast(
                    django.db.models.functions.text.MD5(django.db.models.functions.text.Lower("azure_id")),
                    models.UUIDField(),
                ),
                help_text="key of the resource id among the tenant's `ChangeText`",
                output_field=models.UUIDField(),
            ),
        ),
        migrations.AddField(
            model_name="resourcechange",
            name="actors_ref",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.comparison.Cast(
                    django.db.models.functions.text.MD5(
                        models.Func(
                            models.F("actors"),
                            function="changes_actors_text",
                            output_field=models.TextField(),
                        )
                    ),
                    models.UUIDField(),
                ),
                help_text="key of the actors among the tenant's `ChangeText`",
                output_field=models.UUIDField(),
            ),
        ),
        migrations.AddIndex(
            model_name="resourcechange",
            index=models.Index(
                fields=["tenant", "-at", "-id"],
                include=("azure_ref", "actors_ref"),
                name="changes_resourcechange_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="resourcechange",
            index=models.Index(fields=["tenant", "azure_ref", "-at"], name="changes_change_azure"),
        ),
        migrations.AddIndex(
            model_name="resourcechange",
            index=models.Index(fields=["tenant", "actors_ref", "-at"], name="changes_change_actors"),
        ),
        migrations.AddConstraint(
            model_name="changetext",
            constraint=models.UniqueConstraint(
                fields=("tenant", "kind", "key"), name="changes_changetext_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="changetext",
            constraint=tenants.rls.RowLevelSecurity(
                name="changes_changetext_rls",
                using="tenant_id = ANY((SELECT NULLIF(current_setting('surety.tenants', true), '')::uuid[])::uuid[])",
            ),
        ),
    ]
