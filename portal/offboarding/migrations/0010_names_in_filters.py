"""Search the organization's journal for the short name of an erased customer only in the filters of saved views.

The name of a customer can be a word that other entries contain, such as “Reports” or “High”. Before this migration, the
erasure of such a customer also removed the text of these entries. Except for the filters of saved views, all entries
about a customer contain the customer's ID, so their text is found without the name.
"""

from django.db import migrations

REDACT = r"""
CREATE OR REPLACE FUNCTION leaving_redact_customer(place uuid, erasure uuid) RETURNS TABLE (chain uuid, number bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
    registered public.leaving_erasure := public.leaving_open(place, erasure, 'customer');
    ids text := (SELECT string_agg(id, '|') FROM jsonb_array_elements_text(registered.needles->'ids') id);
    -- Short names consist of letters, digits, hyphens and underscores, so they are safe in a regular expression.
    parameter text := '(^|[?&])(customers?|tenants?)='
        || (SELECT t.slug FROM public.tenants_tenant t WHERE t.id = registered.subject) || '($|&)';
    erased jsonb := jsonb_build_object('redacted', erasure::text);
BEGIN
    RETURN QUERY UPDATE public.tenants_organizationjournalentry j SET target = 'redacted', details = erased
        WHERE j.organization_id = place AND j.action <> 'journal.redacted'
          AND (lower(j.target || ' ' || j.details::text) ~ ids
               OR j.action LIKE 'view.%' AND j.details->>'query' ~ parameter)
        RETURNING j.organization_id, j.sequence;
    RETURN QUERY UPDATE public.tenants_journalentry j SET target = 'redacted', details = erased
        WHERE j.tenant_id <> registered.subject AND j.action <> 'journal.redacted'
          AND lower(j.target || ' ' || j.details::text) ~ ids
        RETURNING j.tenant_id, j.sequence;
    PERFORM public.leaving_set_scope(before);
END $$;
"""
NO_REDACT = r"""
CREATE OR REPLACE FUNCTION leaving_redact_customer(place uuid, erasure uuid) RETURNS TABLE (chain uuid, number bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
    registered public.leaving_erasure := public.leaving_open(place, erasure, 'customer');
    ids text := (SELECT string_agg(id, '|') FROM jsonb_array_elements_text(registered.needles->'ids') id);
    names text := (SELECT string_agg(public.leaving_word(n), '|') FROM (
        SELECT name FROM jsonb_array_elements_text(registered.needles->'names') name
        UNION SELECT btrim(to_jsonb(name)::text, '"') FROM jsonb_array_elements_text(registered.needles->'names') name
    ) AS known(n));
    erased jsonb := jsonb_build_object('redacted', erasure::text);
BEGIN
    RETURN QUERY UPDATE public.tenants_organizationjournalentry j SET target = 'redacted', details = erased
        WHERE j.organization_id = place AND j.action <> 'journal.redacted'
          AND (lower(j.target || ' ' || j.details::text) ~ ids
               OR lower(j.target || ' ' || j.details::text) ~ names
                  AND j.action !~ '^(account|membership|access|organization|erasure)\.'
                  AND j.action <> 'tenant.registered')
        RETURNING j.organization_id, j.sequence;
    RETURN QUERY UPDATE public.tenants_journalentry j SET target = 'redacted', details = erased
        WHERE j.tenant_id <> registered.subject AND j.action <> 'journal.redacted'
          AND lower(j.target || ' ' || j.details::text) ~ ids
        RETURNING j.tenant_id, j.sequence;
    PERFORM public.leaving_set_scope(before);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("leaving", "0009_enforced_wait")]

    operations = [migrations.RunSQL(REDACT, NO_REDACT)]
