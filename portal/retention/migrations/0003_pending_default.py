"""Delay a customer's return to the default period by seven days if a shorter default takes effect in these days.

The organization may already have decided on a shorter default that is not in effect yet. Without the delay, the customer
would get the shorter period as soon as it takes effect, so the customer's administrators would have fewer than seven
days to notice the change.
"""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION retention_guard_rule() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    present integer;
    wanted integer;
    place uuid;
BEGIN
    IF retention_minimum(NEW.kind) IS NULL
       OR NEW.mode = 'days' AND (NEW.days < retention_minimum(NEW.kind) OR NEW.days > 36500)
    THEN
        RAISE EXCEPTION 'retention_guard_rule: unknown kind, or days below the minimum'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'retention_guard_rule';
    END IF;
    NEW.decided_at := clock_timestamp();
    IF TG_TABLE_NAME = 'retention_retentionrule' THEN
        present := retention_days(NEW.tenant_id, NEW.kind, NEW.decided_at);
        place := (SELECT k.organization_id FROM tenants_tenantkey k WHERE k.tenant_id = NEW.tenant_id);
        -- NULL means that data is kept without limit. LEAST ignores it, so a limited period counts.
        wanted := CASE NEW.mode WHEN 'days' THEN NEW.days WHEN 'default' THEN LEAST(
            retention_organization_days(place, NEW.kind, NEW.decided_at),
            retention_organization_days(place, NEW.kind, NEW.decided_at + interval '168 hours')) END;
    ELSE
        present := retention_organization_days(NEW.organization_id, NEW.kind, NEW.decided_at);
        wanted := CASE NEW.mode WHEN 'days' THEN NEW.days WHEN 'default' THEN retention_default(NEW.kind) END;
    END IF;
    NEW.effective_at := NEW.decided_at;
    IF wanted IS NOT NULL AND (present IS NULL OR wanted < present) THEN
        NEW.effective_at := NEW.decided_at + interval '168 hours';
    END IF;
    RETURN NEW;
END $$;
"""
NO_GUARD = """
CREATE OR REPLACE FUNCTION retention_guard_rule() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    present integer;
    wanted integer;
BEGIN
    IF retention_minimum(NEW.kind) IS NULL
       OR NEW.mode = 'days' AND (NEW.days < retention_minimum(NEW.kind) OR NEW.days > 36500)
    THEN
        RAISE EXCEPTION 'retention_guard_rule: unknown kind, or days below the minimum'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'retention_guard_rule';
    END IF;
    NEW.decided_at := clock_timestamp();
    IF TG_TABLE_NAME = 'retention_retentionrule' THEN
        present := retention_days(NEW.tenant_id, NEW.kind, NEW.decided_at);
        wanted := CASE NEW.mode WHEN 'days' THEN NEW.days WHEN 'default' THEN retention_organization_days(
            (SELECT k.organization_id FROM tenants_tenantkey k WHERE k.tenant_id = NEW.tenant_id),
            NEW.kind, NEW.decided_at) END;
    ELSE
        present := retention_organization_days(NEW.organization_id, NEW.kind, NEW.decided_at);
        wanted := CASE NEW.mode WHEN 'days' THEN NEW.days WHEN 'default' THEN retention_default(NEW.kind) END;
    END IF;
    NEW.effective_at := NEW.decided_at;
    IF wanted IS NOT NULL AND (present IS NULL OR wanted < present) THEN
        NEW.effective_at := NEW.decided_at + interval '168 hours';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0002_functions")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
