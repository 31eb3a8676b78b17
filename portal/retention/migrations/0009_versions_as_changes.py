"""Delete old versions of resources that other versions need, without losing a version that is kept.

Some versions are stored only as the differences from the previous version of their chain, so they need the earlier
versions. Before a run deletes old versions, it calls `retention_store_whole` for the first kept version of each chain.
This function accepts only a document with the stored SHA-256 of the version, so the content of a version cannot change.
`retention_delete` then deletes only versions that no kept version needs.
"""

from importlib import import_module
from typing import Final

from django.db import connections, migrations
from django.db.utils import DEFAULT_DB_ALIAS

NEEDED: Final = """
-- Return the versions that are kept, but are stored as the changes since a version that may be deleted.
CREATE FUNCTION retention_cut_versions(p_tenant uuid, p_before timestamptz)
RETURNS TABLE (version_id uuid) LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    WITH old AS MATERIALIZED (
        SELECT r.row_id FROM public.retention_rows(p_tenant, 'versions', p_before) r WHERE r.row_cited = ''
    )
    SELECT v.id FROM public.assessments_resourceversion b
    JOIN old o ON o.row_id = b.id
    JOIN public.assessments_resourceversion v ON v.chain = COALESCE(b.chain, b.id) AND v.step = b.step + 1
    WHERE b.tenant_id = p_tenant AND v.tenant_id = p_tenant AND jsonb_typeof(v.content) = 'array'
      AND v.id NOT IN (SELECT o.row_id FROM old o)
$$;

-- The old versions of about p_limit rows that no remaining version needs. They are chosen chain by chain, the oldest chain
-- first, because the versions of a chain need each other.
CREATE FUNCTION retention_removable_versions(p_tenant uuid, p_before timestamptz, p_limit integer) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    WITH old AS MATERIALIZED (
        SELECT v.id, COALESCE(v.chain, v.id) AS chain, r.row_at
        FROM public.retention_rows(p_tenant, 'versions', p_before) r
        JOIN public.assessments_resourceversion v ON v.id = r.row_id
        WHERE r.row_cited = '' AND v.tenant_id = p_tenant
    ), counted AS (
        SELECT o.chain, count(*) AS number, min(o.row_at) AS first_at FROM old o GROUP BY o.chain
    ), chosen AS MATERIALIZED (
        SELECT s.chain FROM (
            SELECT c.chain, sum(c.number) OVER (ORDER BY c.first_at, c.chain) - c.number AS earlier FROM counted c
        ) s WHERE s.earlier < p_limit
    ), members AS MATERIALIZED (
        SELECT c.chain, v.id, v.step, jsonb_typeof(v.content) = 'object' AS is_whole
        FROM chosen c JOIN public.assessments_resourceversion v ON v.id = c.chain
        UNION ALL
        SELECT c.chain, v.id, v.step, jsonb_typeof(v.content) = 'object'
        FROM chosen c JOIN public.assessments_resourceversion v ON v.chain = c.chain
    ), needed AS MATERIALIZED (
        -- A kept version needs all versions since the last whole one.
        SELECT k.chain, k.step AS last,
               (SELECT max(w.step) FROM members w WHERE w.chain = k.chain AND w.step <= k.step AND w.is_whole) AS first
        FROM members k WHERE k.id NOT IN (SELECT o.id FROM old o)
    )
    SELECT COALESCE(array_agg(m.id), '{}') FROM members m
    WHERE m.id IN (SELECT o.id FROM old o)
      AND NOT EXISTS (SELECT FROM needed n WHERE n.chain = m.chain
                      AND m.step <= n.last AND m.step >= COALESCE(n.first, 0))
$$;

CREATE FUNCTION retention_store_whole(p_tenant uuid, p_version uuid, p_document text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.assessments_resourceversion v SET content = p_document::jsonb
    WHERE v.tenant_id = p_tenant AND v.id = p_version AND jsonb_typeof(v.content) = 'array'
      AND v.sha256 = encode(sha256(convert_to(p_document, 'UTF8')), 'hex')
      AND jsonb_typeof(p_document::jsonb) = 'object';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'retention_store_whole: this is not the document of a version that is stored as changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'retention_store_whole';
    END IF;
END $$;
"""
NO_NEEDED: Final = """
DROP FUNCTION retention_store_whole(uuid, uuid, text);
DROP FUNCTION retention_removable_versions(uuid, timestamptz, integer);
DROP FUNCTION retention_cut_versions(uuid, timestamptz);
"""

_BEFORE: Final = """
    IF p_kind <> 'evidence' THEN
        -- The oldest rows first"""
_AFTER: Final = """
    IF p_kind = 'versions' THEN
        v_ids := retention_removable_versions(p_tenant, p_before, p_limit);
    ELSIF p_kind <> 'evidence' THEN
        -- The oldest rows first"""


def _delete() -> str:
    """Return the statement that restores the function `retention_delete` of migration 0002."""
    functions: str = import_module("portal.retention.migrations.0002_functions").DELETE
    _, create, rest = functions.partition("CREATE FUNCTION retention_delete(")
    function, end, _ = rest.partition("END $$;")
    if not create or not end or function.count(_BEFORE) != 1:
        raise ValueError("Migration 0002 was changed.")
    return f"CREATE OR REPLACE FUNCTION retention_delete({function}{end}"


DELETE: Final = _delete()


def restrict(apps, schema_editor):
    """Let only the application's role call `retention_store_whole`, which changes a row."""
    function = "retention_store_whole(uuid, uuid, text)"
    schema_editor.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
    role = connections[DEFAULT_DB_ALIAS].settings_dict["USER"]
    if role and role != schema_editor.connection.settings_dict["USER"]:
        schema_editor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {schema_editor.quote_name(role)}")


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0008_change_texts"),
        ("assessments", "0039_versions_as_changes"),
    ]

    operations = [
        migrations.RunSQL(NEEDED, NO_NEEDED),
        migrations.RunSQL(DELETE.replace(_BEFORE, _AFTER), DELETE),
        migrations.RunPython(restrict, migrations.RunPython.noop),
    ]
