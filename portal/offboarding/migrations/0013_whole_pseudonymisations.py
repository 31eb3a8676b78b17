"""Start a pseudonymisation only if all of the person's organizations can finish it. Also replace the person's name in
the reasons for excluding delegated subscriptions.

- `leaving_elsewhere` also returns whether the person got a role in another organization after the request. If so, the
  first organization withdraws its request instead of starting. Otherwise, the person would be pseudonymised in some of
  the organizations only.
- As soon as one organization has started, triggers refuse new roles for the person, and refuse to enable the account.
- The reasons for excluding delegated subscriptions belong to the organization and to no customer. Until now, the
  pseudonymisation did not replace names in these reasons.
"""

from importlib import import_module

from django.db import migrations

_EARLIER = import_module("portal.offboarding.migrations.0012_people_of_several_organizations")
_PLACE = """p.attname = CASE WHEN EXISTS (
                 SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id')
             THEN"""
# In some tables, the column for the customer can be empty. If such a table has a column for the organization, select
# its rows by this column.
_PLACE_OF_ALL_ROWS = """p.attname = CASE WHEN EXISTS (
                 SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id' AND (t.attnotnull
                     OR NOT EXISTS (SELECT FROM pg_attribute o
                                    WHERE o.attrelid = c.oid AND o.attname = 'organization_id' AND NOT o.attisdropped)))
             THEN"""

ELSEWHERE = r"""
DROP FUNCTION leaving_elsewhere(uuid, uuid);
-- For each other organization in which the person had a role, return the state of the same pseudonymisation, or NULL if
-- that organization has not requested it. `returned` is true if the person got a role there after the request. The result
-- does not name the organizations. The erasure must be in the caller's scope.
CREATE FUNCTION leaving_elsewhere(place uuid, erasure uuid) RETURNS TABLE (state text, due boolean, returned boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
    erasing text := COALESCE(current_setting('surety.erasing', true), '');
    own public.leaving_erasure;
BEGIN
    SELECT * INTO own FROM public.leaving_erasure e
        WHERE e.id = erasure AND e.organization_id = place AND e.kind = 'person';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this pseudonymisation is not in the scope' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('surety.tenants', '', true), set_config('surety.person', own.subject::text, true),
            set_config('surety.organizations', ARRAY(SELECT k.organization_id FROM public.tenants_organizationkey k)::text, true);
    RETURN QUERY SELECT e.state::text, COALESCE(e.not_before <= clock_timestamp(), false),
            EXISTS (SELECT FROM public.tenants_membership b
                    WHERE b.person_id = own.subject AND b.organization_id = concerned.id
                      AND b.created_at >= COALESCE(e.requested_at, own.requested_at))
        FROM (SELECT m.organization_id FROM public.tenants_membership m WHERE m.person_id = own.subject
              UNION SELECT r.organization_id FROM public.leaving_erasure r
              WHERE r.kind = 'person' AND r.subject = own.subject AND r.pseudonym = own.pseudonym) AS concerned(id)
        LEFT JOIN public.leaving_erasure e ON e.organization_id = concerned.id AND e.kind = 'person'
             AND e.subject = own.subject AND e.pseudonym = own.pseudonym
        WHERE concerned.id <> place;
    PERFORM public.leaving_set_scope(before), set_config('surety.erasing', erasing, true);
END $$;
"""

NO_ACCESS = r"""
-- Whether a pseudonymisation of the person has started in any organization.
CREATE FUNCTION leaving_has_started(who uuid) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text := COALESCE(current_setting('surety.organizations', true), '');
    started boolean;
BEGIN
    PERFORM set_config('surety.organizations', ARRAY(SELECT k.organization_id FROM public.tenants_organizationkey k)::text, true);
    started := EXISTS (SELECT FROM public.leaving_erasure e
                       WHERE e.kind = 'person' AND e.subject = who AND e.state IN ('running', 'done'));
    PERFORM set_config('surety.organizations', before, true);
    RETURN started;
END $$;

-- `tenants.people.pseudonymised` recognizes the errors by these messages. The lock is `Lock.PSEUDONYMISATION` of
-- `tenants.locks`.
CREATE FUNCTION leaving_refuse_membership() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('surety.pseudonymisation:' || NEW.person_id, 41));
    IF public.leaving_has_started(NEW.person_id) THEN
        RAISE EXCEPTION 'a person whose pseudonymisation has started gets no access'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leaving_refuse_membership BEFORE INSERT ON tenants_membership
    FOR EACH ROW EXECUTE FUNCTION leaving_refuse_membership();

CREATE FUNCTION leaving_refuse_enabling() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF public.leaving_has_started(NEW.id) THEN
        RAISE EXCEPTION 'a person whose pseudonymisation has started gets no access'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leaving_refuse_enabling BEFORE UPDATE OF is_active ON tenants_person
    FOR EACH ROW WHEN (NEW.is_active AND NOT OLD.is_active) EXECUTE FUNCTION leaving_refuse_enabling();
"""
ACCESS = """
DROP TRIGGER leaving_refuse_enabling ON tenants_person;
DROP FUNCTION leaving_refuse_enabling();
DROP TRIGGER leaving_refuse_membership ON tenants_membership;
DROP FUNCTION leaving_refuse_membership();
DROP FUNCTION leaving_has_started(uuid);
"""


def _pseudonymise() -> str:
    earlier: str = _EARLIER.PSEUDONYMISE
    if earlier.count(_PLACE) != 1:
        raise ValueError("Migration 0012 was changed.")
    return earlier.replace(_PLACE, _PLACE_OF_ALL_ROWS)


class Migration(migrations.Migration):
    dependencies = [
        ("leaving", "0012_people_of_several_organizations"),
        ("tenants", "0040_delegations"),
    ]

    operations = [
        migrations.RunSQL(ELSEWHERE, "DROP FUNCTION leaving_elsewhere(uuid, uuid);" + _EARLIER.ELSEWHERE),
        migrations.RunSQL(NO_ACCESS, ACCESS),
        migrations.RunSQL(_pseudonymise(), _EARLIER.PSEUDONYMISE),
    ]
