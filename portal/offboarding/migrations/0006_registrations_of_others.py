"""Do not redact the registrations of other customers whose names contain the name of an erased customer.

`manage.py verify_journal` reports a customer whose registration is missing from the journal. The entry about the
registration of the erased customer is still redacted, because it contains the customer's ID.
"""

from django.db import migrations

REDACT = r"""
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
                  AND j.action !~ '^(account|membership|access|organization|erasure)\.')
        RETURNING j.organization_id, j.sequence;
    RETURN QUERY UPDATE public.tenants_journalentry j SET target = 'redacted', details = erased
        WHERE j.tenant_id <> registered.subject AND j.action <> 'journal.redacted'
          AND lower(j.target || ' ' || j.details::text) ~ ids
        RETURNING j.tenant_id, j.sequence;
    PERFORM public.leaving_set_scope(before);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("leaving", "0005_search_path_of_triggers")]

    operations = [migrations.RunSQL(REDACT, NO_REDACT)]
