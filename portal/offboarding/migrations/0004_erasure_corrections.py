"""Correct the functions of erasures: legal holds, IDs, and the reasons of holds.

- A legal hold prevents the erasure until seven days after the hold was lifted. The same period already protects the
  data from retention.
- IDs become parts of a regular expression, so only texts with the form of an ID are accepted.
- The reason of a hold may name a person who is pseudonymised. So the trigger that protects holds now permits the
  functions to change a hold.
"""

from django.db import migrations

OPEN = r"""
CREATE OR REPLACE FUNCTION leaving_open(place uuid, erasure uuid, wanted text) RETURNS public.leaving_erasure
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    registered public.leaving_erasure;
    tenants uuid[];
    who uuid;
BEGIN
    PERFORM public.leaving_set_scope(ARRAY['', '{' || place || '}', '']);
    SELECT * INTO registered FROM public.leaving_erasure e
        WHERE e.id = erasure AND e.organization_id = place AND e.kind = wanted FOR UPDATE;
    IF NOT FOUND OR registered.state <> 'running' OR registered.confirmed_at IS NULL OR registered.subject IS NULL
       OR registered.requested_by_id IS NOT DISTINCT FROM registered.confirmed_by_id THEN
        RAISE EXCEPTION 'two different people have not confirmed this erasure' USING ERRCODE = 'insufficient_privilege';
    END IF;
    FOREACH who IN ARRAY array_remove(ARRAY[registered.requested_by_id, registered.confirmed_by_id], NULL) LOOP
        IF NOT EXISTS (SELECT FROM public.tenants_membership m
                       WHERE m.person_id = who AND m.organization_id = place AND m.tenant_id IS NULL
                         AND m.role = 'organization_administrator' AND m.confirmation NOT IN ('waiting', 'refused')) THEN
            RAISE EXCEPTION 'only administrators of the organization decide about an erasure'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
    IF wanted = 'customer' AND NOT EXISTS (
        SELECT FROM public.tenants_tenant t
        WHERE t.id = registered.subject AND t.organization_id = place AND t.archived_at IS NOT NULL) THEN
        RAISE EXCEPTION 'this is no archived customer of the organization' USING ERRCODE = 'insufficient_privilege';
    END IF;
    tenants := ARRAY(SELECT k.tenant_id FROM public.tenants_tenantkey k WHERE k.organization_id = place);
    IF wanted = 'customer' THEN
        tenants := tenants || registered.subject;
    END IF;
    PERFORM set_config('surety.tenants', tenants::text, true),
            set_config('surety.erasing', array_to_string(tenants || place, ','), true);
    IF wanted = 'customer' AND EXISTS (SELECT FROM public.retention_legalhold h
                                       WHERE h.tenant_id = registered.subject AND (
                                           h.lifted_at IS NULL
                                           OR h.lifted_at > clock_timestamp() - interval '168 hours')) THEN
        RAISE EXCEPTION 'the customer is on legal hold, so its erasure is not confirmed'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN registered;
END $$;
"""
NO_OPEN = r"""
CREATE OR REPLACE FUNCTION leaving_open(place uuid, erasure uuid, wanted text) RETURNS public.leaving_erasure
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    registered public.leaving_erasure;
    tenants uuid[];
    who uuid;
BEGIN
    PERFORM public.leaving_set_scope(ARRAY['', '{' || place || '}', '']);
    SELECT * INTO registered FROM public.leaving_erasure e
        WHERE e.id = erasure AND e.organization_id = place AND e.kind = wanted FOR UPDATE;
    IF NOT FOUND OR registered.state <> 'running' OR registered.confirmed_at IS NULL OR registered.subject IS NULL
       OR registered.requested_by_id IS NOT DISTINCT FROM registered.confirmed_by_id THEN
        RAISE EXCEPTION 'two different people have not confirmed this erasure' USING ERRCODE = 'insufficient_privilege';
    END IF;
    FOREACH who IN ARRAY array_remove(ARRAY[registered.requested_by_id, registered.confirmed_by_id], NULL) LOOP
        IF NOT EXISTS (SELECT FROM public.tenants_membership m
                       WHERE m.person_id = who AND m.organization_id = place AND m.tenant_id IS NULL
                         AND m.role = 'organization_administrator' AND m.confirmation NOT IN ('waiting', 'refused')) THEN
            RAISE EXCEPTION 'only administrators of the organization decide about an erasure'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
    IF wanted = 'customer' AND NOT EXISTS (
        SELECT FROM public.tenants_tenant t
        WHERE t.id = registered.subject AND t.organization_id = place AND t.archived_at IS NOT NULL) THEN
        RAISE EXCEPTION 'this is no archived customer of the organization' USING ERRCODE = 'insufficient_privilege';
    END IF;
    tenants := ARRAY(SELECT k.tenant_id FROM public.tenants_tenantkey k WHERE k.organization_id = place);
    IF wanted = 'customer' THEN
        tenants := tenants || registered.subject;
    END IF;
    PERFORM set_config('surety.tenants', tenants::text, true),
            set_config('surety.erasing', array_to_string(tenants || place, ','), true);
    IF wanted = 'customer' AND EXISTS (SELECT FROM public.retention_legalhold h
                                       WHERE h.tenant_id = registered.subject AND h.lifted_at IS NULL) THEN
        RAISE EXCEPTION 'the customer is on legal hold, so its erasure is not confirmed'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN registered;
END $$;
"""

CLOSE = r"""
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
        ) AS known(id) WHERE length(id) >= 32),
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

HOLDS = """
CREATE OR REPLACE TRIGGER retention_guard_hold BEFORE INSERT ON retention_legalhold
    FOR EACH ROW EXECUTE FUNCTION retention_guard_hold();
CREATE TRIGGER retention_guard_changed_hold BEFORE UPDATE ON retention_legalhold
    FOR EACH ROW WHEN (NOT leaving_permits(OLD.tenant_id)) EXECUTE FUNCTION retention_guard_hold();
"""
NO_HOLDS = """
DROP TRIGGER retention_guard_changed_hold ON retention_legalhold;
CREATE OR REPLACE TRIGGER retention_guard_hold BEFORE INSERT OR UPDATE ON retention_legalhold
    FOR EACH ROW EXECUTE FUNCTION retention_guard_hold();
"""


class Migration(migrations.Migration):
    dependencies = [("leaving", "0003_erasure_functions")]

    operations = [
        migrations.RunSQL(OPEN, NO_OPEN),
        migrations.RunSQL(CLOSE, NO_CLOSE),
        migrations.RunSQL(HOLDS, NO_HOLDS),
    ]
