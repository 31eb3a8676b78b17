"""Create a trigger that lets a shorter waiting period of erasures take effect only seven days after the decision.

If there were no trigger, one administrator could set the period to 0 hours, and so could anybody who runs SQL as the
application's role. The other administrators would then have no time to withdraw an erasure.
"""

from django.db import migrations

GUARD = """
-- The hours between the confirmation of an erasure and its start that apply at a moment.
CREATE FUNCTION tenants_erasure_wait(place uuid, at timestamptz) RETURNS integer LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN o.erasure_wait_from > at THEN o.erasure_wait_before ELSE o.erasure_wait_hours END
    FROM public.tenants_organization o WHERE o.id = place
$$;
CREATE FUNCTION tenants_guard_erasure_wait() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    at timestamptz := clock_timestamp();
    present integer := CASE WHEN OLD.erasure_wait_from > at THEN OLD.erasure_wait_before ELSE OLD.erasure_wait_hours END;
BEGIN
    IF NEW.erasure_wait_hours = OLD.erasure_wait_hours THEN
        NEW.erasure_wait_before := OLD.erasure_wait_before;
        NEW.erasure_wait_from := OLD.erasure_wait_from;
    ELSIF NEW.erasure_wait_hours < present THEN
        NEW.erasure_wait_before := present;
        NEW.erasure_wait_from := at + interval '168 hours';
    ELSE
        NEW.erasure_wait_before := NULL;
        NEW.erasure_wait_from := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tenants_guard_erasure_wait BEFORE UPDATE ON tenants_organization
    FOR EACH ROW EXECUTE FUNCTION tenants_guard_erasure_wait();
"""
NO_GUARD = """
DROP TRIGGER tenants_guard_erasure_wait ON tenants_organization;
DROP FUNCTION tenants_guard_erasure_wait();
DROP FUNCTION tenants_erasure_wait(uuid, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0032_erasure_wait_from")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
