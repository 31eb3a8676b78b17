"""Triggers that store the search texts when a change is inserted or its actors change.

The migration also stores the texts of existing changes.
"""

from django.db import migrations

TRIGGERS = """
CREATE FUNCTION changes_keep_new_texts() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.changes_changetext (id, tenant_id, kind, key, text)
    SELECT gen_random_uuid(), w.tenant_id, 'resource', w.azure_ref, min(lower(w.azure_id))
    FROM written w GROUP BY 2, 4
    UNION ALL
    SELECT gen_random_uuid(), w.tenant_id, 'actors', w.actors_ref, min(public.changes_actors_text(w.actors))
    FROM written w WHERE w.actors <> '{}' GROUP BY 2, 4
    ON CONFLICT (tenant_id, kind, key) DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION changes_keep_changed_actors() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.changes_changetext (id, tenant_id, kind, key, text)
    VALUES (gen_random_uuid(), NEW.tenant_id, 'actors', NEW.actors_ref, public.changes_actors_text(NEW.actors))
    ON CONFLICT (tenant_id, kind, key) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER changes_keep_new_texts AFTER INSERT ON changes_resourcechange
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION changes_keep_new_texts();
-- Nothing changes the id of the resource. Reviews, which change other columns, write no text.
CREATE TRIGGER changes_keep_changed_actors AFTER UPDATE ON changes_resourcechange
    FOR EACH ROW WHEN (NEW.actors <> '{}' AND OLD.actors IS DISTINCT FROM NEW.actors)
    EXECUTE FUNCTION changes_keep_changed_actors();
"""
NO_TRIGGERS = """
DROP TRIGGER changes_keep_changed_actors ON changes_resourcechange;
DROP TRIGGER changes_keep_new_texts ON changes_resourcechange;
DROP FUNCTION changes_keep_changed_actors();
DROP FUNCTION changes_keep_new_texts();
"""
# Row-level security applies to the owner of the tables too, so the migration opens the scope of all tenants.
ALL_TENANTS = """
SELECT set_config('surety.tenants', (SELECT '{' || string_agg(tenant_id::text, ',') || '}' FROM tenants_tenantkey), true);
INSERT INTO changes_changetext (id, tenant_id, kind, key, text)
SELECT gen_random_uuid(), tenant_id, 'resource', azure_ref, min(lower(azure_id))
FROM changes_resourcechange GROUP BY tenant_id, azure_ref
UNION ALL
SELECT gen_random_uuid(), tenant_id, 'actors', actors_ref, min(changes_actors_text(actors))
FROM changes_resourcechange WHERE actors <> '{}' GROUP BY tenant_id, actors_ref;
SELECT set_config('surety.tenants', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("changes", "0002_search_texts")]

    operations = [
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        migrations.RunSQL(ALL_TENANTS, migrations.RunSQL.noop),
    ]
