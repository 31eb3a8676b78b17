"""Keep an administrator whom a person appointed less than seven days ago from confirming a role, even with raw SQL."""

from django.db import migrations

# The period and the roles are those of tenants.people.second_administrators (a test compares them).
GUARD = """
CREATE FUNCTION tenants_guard_second_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    me uuid := NULLIF(current_setting('surety.person', true), '')::uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF me IS NOT NULL AND NEW.created_at < clock_timestamp() - interval '1 day' THEN
            RAISE EXCEPTION 'a membership is created now' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.confirmation = 'confirmed' AND OLD.confirmation <> 'confirmed' AND NOT EXISTS (
        SELECT 1 FROM tenants_membership m
        WHERE m.person_id = me AND m.organization_id = OLD.organization_id
          AND (m.tenant_id IS NULL OR m.tenant_id = OLD.tenant_id)
          AND m.role IN ('organization_administrator', 'tenant_administrator')
          AND (m.granted_by_id IS NULL
               OR GREATEST(m.valid_from, m.created_at) <= clock_timestamp() - interval '7 days' + interval '1 minute'))
    THEN
        RAISE EXCEPTION 'a new administrator is no second administrator yet'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tenants_guard_second_administrator BEFORE INSERT OR UPDATE ON tenants_membership
    FOR EACH ROW EXECUTE FUNCTION tenants_guard_second_administrator();
"""

NO_GUARD = """
DROP TRIGGER tenants_guard_second_administrator ON tenants_membership;
DROP FUNCTION tenants_guard_second_administrator();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0017_foreign_decisions")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
