"""Enforce the waiting period of erasures in the database, and withdraw the erasure of a restored customer.

- The database sets the time of a confirmation (`confirmed_at`). From this time and the organization's waiting period,
  it computes the time from which the erasure may start (`not_before`). An erasure without `not_before` cannot start.
  The functions that delete data check `not_before` again.
- An administrator whom a person appointed less than seven days ago cannot confirm, even with SQL of the application's
  role.
- When a customer is restored, its requested or confirmed erasure is withdrawn, so that it does not start when the
  customer is archived again.
"""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION leaving_guard_erasure() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    me uuid := NULLIF(current_setting('surety.person', true), '')::uuid;
    at timestamptz := clock_timestamp();
    broken text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        broken := 'it stays in the register';
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'requested' OR NEW.subject IS NULL OR NEW.confirmed_at IS NOT NULL
           OR NEW.confirmed_by_id IS NOT NULL OR NEW.started_at IS NOT NULL OR NEW.needles IS NOT NULL THEN
            broken := 'it starts as a request';
        ELSIF NEW.requested_by_id IS DISTINCT FROM me THEN
            broken := 'it is requested by the person of the scope';
        ELSIF me IS NOT NULL AND NOT tenants_changes_access(me, NEW.organization_id, NULL) THEN
            broken := 'only administrators of the organization request it';
        ELSIF NEW.kind = 'customer' AND NOT EXISTS (
            SELECT FROM tenants_tenant t WHERE t.id = NEW.subject AND t.organization_id = NEW.organization_id
                                           AND t.archived_at IS NOT NULL) THEN
            broken := 'only an archived customer of the organization is erased';
        ELSIF NEW.kind = 'person' AND NOT EXISTS (
            SELECT FROM tenants_membership m
            WHERE m.person_id = NEW.subject AND m.organization_id = NEW.organization_id) THEN
            broken := 'only a person of the organization is pseudonymised';
        END IF;
    ELSIF (NEW.id, NEW.organization_id, NEW.kind, NEW.pseudonym, NEW.requested_by_id, NEW.requested_at)
          IS DISTINCT FROM
          (OLD.id, OLD.organization_id, OLD.kind, OLD.pseudonym, OLD.requested_by_id, OLD.requested_at) THEN
        broken := 'the request does not change';
    ELSIF (NEW.subject, NEW.needles) IS DISTINCT FROM (OLD.subject, OLD.needles)
          AND NOT leaving_permits(OLD.organization_id) THEN
        broken := 'only its functions change the subject and what is searched for';
    ELSIF (NEW.confirmed_by_id, NEW.confirmed_at, NEW.not_before)
          IS DISTINCT FROM (OLD.confirmed_by_id, OLD.confirmed_at, OLD.not_before)
          AND (OLD.state <> 'requested' OR NEW.state <> 'confirmed' OR NEW.confirmed_at IS NULL
               OR NEW.confirmed_by_id IS DISTINCT FROM me
               OR NEW.confirmed_by_id IS NOT DISTINCT FROM NEW.requested_by_id
               OR me IS NOT NULL AND NOT tenants_changes_access(me, NEW.organization_id, NULL)) THEN
        broken := 'a second administrator confirms it';
    ELSIF NEW.state = 'confirmed' AND OLD.state = 'requested' AND me IS NOT NULL AND NOT EXISTS (
        -- The same condition as in tenants.second_administrators. It accepts that the clocks of the application and of
        -- the database differ by a minute.
        SELECT FROM tenants_membership m
        WHERE m.person_id = me AND m.organization_id = NEW.organization_id
          AND m.role IN ('organization_administrator', 'tenant_administrator')
          AND m.confirmation NOT IN ('waiting', 'refused')
          AND (m.valid_until IS NULL OR m.valid_until > at - interval '1 minute')
          AND m.valid_from <= at + interval '1 minute'
          AND (m.granted_by_id IS NULL OR GREATEST(m.valid_from, m.created_at) <= at - interval '167 hours 59 minutes')) THEN
        broken := 'a new administrator does not confirm it';
    ELSIF NEW.state <> OLD.state AND NOT (CASE OLD.state
        WHEN 'requested' THEN NEW.state IN ('confirmed', 'withdrawn')
        WHEN 'confirmed' THEN NEW.state = 'withdrawn'
                              OR NEW.state = 'running' AND COALESCE(NEW.not_before <= at, false)
        WHEN 'running' THEN NEW.state = 'done'
        ELSE false
    END) THEN
        broken := 'this step is not possible';
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'leaving_erasure_guard: %', broken
            USING ERRCODE = 'check_violation', CONSTRAINT = 'leaving_erasure_guard';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state = 'confirmed' AND OLD.state = 'requested' THEN
        -- The database sets the times, so that nobody can confirm in the past or without the waiting period.
        NEW.confirmed_at := at;
        NEW.not_before := at + make_interval(hours => tenants_erasure_wait(NEW.organization_id, at));
    END IF;
    RETURN NEW;
END $$;
"""
NO_GUARD = """
CREATE OR REPLACE FUNCTION leaving_guard_erasure() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    me uuid := NULLIF(current_setting('surety.person', true), '')::uuid;
    broken text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        broken := 'it stays in the register';
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'requested' OR NEW.subject IS NULL OR NEW.confirmed_at IS NOT NULL
           OR NEW.confirmed_by_id IS NOT NULL OR NEW.started_at IS NOT NULL OR NEW.needles IS NOT NULL THEN
            broken := 'it starts as a request';
        ELSIF NEW.requested_by_id IS DISTINCT FROM me THEN
            broken := 'it is requested by the person of the scope';
        ELSIF me IS NOT NULL AND NOT tenants_changes_access(me, NEW.organization_id, NULL) THEN
            broken := 'only administrators of the organization request it';
        ELSIF NEW.kind = 'customer' AND NOT EXISTS (
            SELECT FROM tenants_tenant t WHERE t.id = NEW.subject AND t.organization_id = NEW.organization_id
                                           AND t.archived_at IS NOT NULL) THEN
            broken := 'only an archived customer of the organization is erased';
        ELSIF NEW.kind = 'person' AND NOT EXISTS (
            SELECT FROM tenants_membership m
            WHERE m.person_id = NEW.subject AND m.organization_id = NEW.organization_id) THEN
            broken := 'only a person of the organization is pseudonymised';
        END IF;
    ELSIF (NEW.id, NEW.organization_id, NEW.kind, NEW.pseudonym, NEW.requested_by_id, NEW.requested_at)
          IS DISTINCT FROM
          (OLD.id, OLD.organization_id, OLD.kind, OLD.pseudonym, OLD.requested_by_id, OLD.requested_at) THEN
        broken := 'the request does not change';
    ELSIF (NEW.subject, NEW.needles) IS DISTINCT FROM (OLD.subject, OLD.needles)
          AND NOT leaving_permits(OLD.organization_id) THEN
        broken := 'only its functions change the subject and what is searched for';
    ELSIF (NEW.confirmed_by_id, NEW.confirmed_at, NEW.not_before)
          IS DISTINCT FROM (OLD.confirmed_by_id, OLD.confirmed_at, OLD.not_before)
          AND (OLD.state <> 'requested' OR NEW.state <> 'confirmed' OR NEW.confirmed_at IS NULL
               OR NEW.confirmed_by_id IS DISTINCT FROM me
               OR NEW.confirmed_by_id IS NOT DISTINCT FROM NEW.requested_by_id
               OR me IS NOT NULL AND NOT tenants_changes_access(me, NEW.organization_id, NULL)) THEN
        broken := 'a second administrator confirms it';
    ELSIF NEW.state <> OLD.state AND NOT (CASE OLD.state
        WHEN 'requested' THEN NEW.state IN ('confirmed', 'withdrawn')
        WHEN 'confirmed' THEN NEW.state = 'withdrawn'
                              OR NEW.state = 'running' AND COALESCE(NEW.not_before <= clock_timestamp(), true)
        WHEN 'running' THEN NEW.state = 'done'
        ELSE false
    END) THEN
        broken := 'this step is not possible';
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'leaving_erasure_guard: %', broken
            USING ERRCODE = 'check_violation', CONSTRAINT = 'leaving_erasure_guard';
    END IF;
    RETURN NEW;
END $$;
"""

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
       OR registered.not_before IS NULL OR registered.not_before > clock_timestamp()
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
                                       WHERE h.tenant_id = registered.subject AND (
                                           h.lifted_at IS NULL
                                           OR h.lifted_at > clock_timestamp() - interval '168 hours')) THEN
        RAISE EXCEPTION 'the customer is on legal hold, so its erasure is not confirmed'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN registered;
END $$;
"""

RESTORED = """
-- The scope in which a customer is restored may lack the organization, so the function opens the organization's scope.
CREATE FUNCTION leaving_withdraw_of_restored() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
BEGIN
    PERFORM public.leaving_set_scope(ARRAY['', '{' || NEW.organization_id || '}', '']);
    UPDATE public.leaving_erasure e SET state = 'withdrawn', ended_at = clock_timestamp()
        WHERE e.organization_id = NEW.organization_id AND e.kind = 'customer' AND e.subject = NEW.id
          AND e.state IN ('requested', 'confirmed');
    PERFORM public.leaving_set_scope(before);
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION leaving_withdraw_of_restored() FROM PUBLIC;
CREATE TRIGGER leaving_withdraw_of_restored AFTER UPDATE ON tenants_tenant
    FOR EACH ROW WHEN (OLD.archived_at IS NOT NULL AND NEW.archived_at IS NULL)
    EXECUTE FUNCTION leaving_withdraw_of_restored();
"""
NO_RESTORED = """
DROP TRIGGER leaving_withdraw_of_restored ON tenants_tenant;
DROP FUNCTION leaving_withdraw_of_restored();
"""


class Migration(migrations.Migration):
    dependencies = [("leaving", "0008_names_of_others"), ("tenants", "0033_erasure_wait_guard")]

    operations = [
        migrations.RunSQL(GUARD, NO_GUARD),
        migrations.RunSQL(OPEN, NO_OPEN),
        migrations.RunSQL(RESTORED, NO_RESTORED),
    ]
