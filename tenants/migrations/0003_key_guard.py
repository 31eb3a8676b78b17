"""Create a trigger that protects TenantKey, a table of ids. Without a scope, its rows can be read, but not changed.

A row can be changed only in the scope of its tenant or organization.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION tenants_guard_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Unset settings make the comparison NULL, which must count as no.
    IF NOT COALESCE(OLD.tenant_id = ANY(NULLIF(current_setting('surety.tenants', true), '')::uuid[]), false)
       AND NOT COALESCE(
           OLD.organization_id = ANY(NULLIF(current_setting('surety.organizations', true), '')::uuid[]), false)
    THEN
        RAISE EXCEPTION 'the key of a tenant outside the scope: % is refused', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tenants_guard_key BEFORE UPDATE OR DELETE ON tenants_tenantkey
    FOR EACH ROW EXECUTE FUNCTION tenants_guard_key();
"""
NO_GUARD = """
DROP TRIGGER tenants_guard_key ON tenants_tenantkey;
DROP FUNCTION tenants_guard_key();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_triggers")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
