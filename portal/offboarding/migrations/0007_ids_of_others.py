"""Redact only journal entries with IDs that belong to the erased customer alone.

An erasure searches all journals of the organization for the customer's IDs. Two kinds of IDs are not searched any more:

- IDs of rows in Surety. People can enter any ID as the ID of an application or directory. If this was the ID of a
  person or an exception in Surety, the erasure removed the text of the entries about that person or exception.
- IDs of applications, directories and subscriptions that another customer has too. Entries about the other customer
  must not be redacted.
"""

from django.db import migrations

CLOSE = r"""
-- Return the customer's IDs in Azure, without IDs that another customer or a row in Surety has too.
CREATE FUNCTION leaving_azure_ids(customer uuid) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    candidates text[];
    taken text[];
    relation text;
BEGIN
    -- Consider only credentials that were stored: anybody can enter any ID with a credential that is then refused.
    candidates := ARRAY(SELECT DISTINCT lower(known.id) FROM (
        SELECT d.directory_id FROM public.tenants_directory d WHERE d.tenant_id = customer
        UNION SELECT s.subscription_id FROM public.tenants_subscription s
              JOIN public.tenants_directory d ON d.id = s.directory_id AND d.tenant_id = s.tenant_id
              WHERE s.tenant_id = customer AND s.home_directory_id IN ('', d.directory_id)
        UNION SELECT p.client_id FROM public.tenants_serviceprincipal p WHERE p.tenant_id = customer
        UNION SELECT unnest(ARRAY[j.details->>'client_id', j.details->>'directory_id'])
              FROM public.tenants_journalentry j WHERE j.tenant_id = customer AND j.action = 'service_principal.added'
    ) AS known(id) WHERE lower(known.id) ~ '^[0-9a-f-]{32,36}$');
    taken := ARRAY(
        SELECT lower(d.directory_id) FROM public.tenants_directory d WHERE d.tenant_id <> customer
        UNION SELECT lower(s.subscription_id) FROM public.tenants_subscription s
              JOIN public.tenants_directory d ON d.id = s.directory_id AND d.tenant_id = s.tenant_id
              WHERE s.tenant_id <> customer AND s.home_directory_id = d.directory_id
        UNION SELECT lower(p.client_id) FROM public.tenants_serviceprincipal p WHERE p.tenant_id <> customer
        UNION SELECT lower(j.details->>'client_id') FROM public.tenants_journalentry j
              WHERE j.tenant_id <> customer AND j.action = 'service_principal.added');
    FOR relation IN
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
          AND a.attname = 'id' AND a.atttypid = 'uuid'::regtype AND NOT a.attisdropped
    LOOP
        EXECUTE format('SELECT $2 || ARRAY(SELECT id::text FROM public.%I WHERE id = ANY ($1))', relation)
        INTO taken USING ARRAY(SELECT one::uuid FROM unnest(candidates) one
                               WHERE one ~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'), taken;
    END LOOP;
    RETURN ARRAY(SELECT unnest(candidates) EXCEPT SELECT unnest(taken));
END $$;

CREATE OR REPLACE FUNCTION leaving_close_customer(place uuid, erasure uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
    registered public.leaving_erasure := public.leaving_open(place, erasure, 'customer');
BEGIN
    UPDATE public.leaving_erasure e SET needles = jsonb_build_object(
        'ids', to_jsonb(registered.subject::text || public.leaving_azure_ids(registered.subject)),
        'names', (SELECT jsonb_agg(DISTINCT lower(name)) FROM (
            SELECT t.name FROM public.tenants_tenant t WHERE t.id = registered.subject
            UNION SELECT t.slug FROM public.tenants_tenant t WHERE t.id = registered.subject
            UNION SELECT j.details->'name'->>'from' FROM public.tenants_journalentry j
                  WHERE j.tenant_id = registered.subject AND j.action = 'tenant.changed'
            UNION SELECT j.details->'name'->>'to' FROM public.tenants_journalentry j
                  WHERE j.tenant_id = registered.subject AND j.action = 'tenant.changed'
        ) AS known(name) WHERE name <> ''))
    WHERE e.id = erasure AND e.needles IS NULL;
    DELETE FROM public.tenants_tenantkey k WHERE k.tenant_id = registered.subject;
    PERFORM public.leaving_set_scope(before);
END $$;
"""
NO_CLOSE = r"""
CREATE OR REPLACE FUNCTION leaving_close_customer(place uuid, erasure uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
    registered public.leaving_erasure := public.leaving_open(place, erasure, 'customer');
BEGIN
    UPDATE public.leaving_erasure e SET needles = jsonb_build_object(
        'ids', (SELECT jsonb_agg(DISTINCT lower(id)) FROM (
            SELECT registered.subject::text
            UNION SELECT d.directory_id FROM public.tenants_directory d WHERE d.tenant_id = registered.subject
            UNION SELECT s.subscription_id FROM public.tenants_subscription s
                  JOIN public.tenants_directory d ON d.id = s.directory_id AND d.tenant_id = s.tenant_id
                  WHERE s.tenant_id = registered.subject AND s.home_directory_id IN ('', d.directory_id)
            UNION SELECT p.client_id FROM public.tenants_serviceprincipal p WHERE p.tenant_id = registered.subject
            UNION SELECT j.details->>'client_id' FROM public.tenants_journalentry j
                  WHERE j.tenant_id = registered.subject AND j.action LIKE 'service_principal.%'
            UNION SELECT j.details->>'directory_id' FROM public.tenants_journalentry j
                  WHERE j.tenant_id = registered.subject AND j.action LIKE 'service_principal.%'
        ) AS known(id) WHERE lower(id) ~ '^[0-9a-f-]{32,36}$'),
        'names', (SELECT jsonb_agg(DISTINCT lower(name)) FROM (
            SELECT t.name FROM public.tenants_tenant t WHERE t.id = registered.subject
            UNION SELECT t.slug FROM public.tenants_tenant t WHERE t.id = registered.subject
            UNION SELECT j.details->'name'->>'from' FROM public.tenants_journalentry j
                  WHERE j.tenant_id = registered.subject AND j.action = 'tenant.changed'
            UNION SELECT j.details->'name'->>'to' FROM public.tenants_journalentry j
                  WHERE j.tenant_id = registered.subject AND j.action = 'tenant.changed'
        ) AS known(name) WHERE name <> ''))
    WHERE e.id = erasure AND e.needles IS NULL;
    DELETE FROM public.tenants_tenantkey k WHERE k.tenant_id = registered.subject;
    PERFORM public.leaving_set_scope(before);
END $$;
DROP FUNCTION leaving_azure_ids(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("leaving", "0006_registrations_of_others")]

    operations = [migrations.RunSQL(CLOSE, NO_CLOSE)]
