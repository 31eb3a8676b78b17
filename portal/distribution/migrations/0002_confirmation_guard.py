"""A trigger that guards the confirmations of email addresses in report schedules.

If the database scope names a person, only an administrator can confirm addresses, and only in their own name. Stored
confirmations may stay only while the kind of report, the framework, the choice to omit names and the label are
unchanged. A customer's copy of an organization's schedule may have the confirmations that the organization's row has
for this customer, and no others.

The scopes of workers and commands name no person. In these scopes, the trigger checks nothing, because the actions make
the checks.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION distribution_guard_confirmations() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    me uuid := NULLIF(current_setting('surety.person', true), '')::uuid;
    -- The columns that only one of the two tables has are null for the other.
    row_new jsonb := to_jsonb(NEW);
    place uuid := (row_new->>'tenant_id')::uuid;
    origin uuid := (row_new->>'origin_id')::uuid;
    kept jsonb := '[]';
BEGIN
    IF me IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND origin IS NULL
       AND (NEW.kind, NEW.framework, NEW.without_names, row_new->>'label')
           IS NOT DISTINCT FROM (OLD.kind, OLD.framework, OLD.without_names, to_jsonb(OLD)->>'label') THEN
        kept := OLD.addresses;
    END IF;
    IF EXISTS (
        SELECT 1 FROM jsonb_array_elements(NEW.addresses) entry
        WHERE COALESCE(entry->>'confirmed_by', '') <> ''
          AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(kept) earlier WHERE earlier = entry)
          AND NOT (origin IS NULL AND entry->>'confirmed_by' = me::text
                   AND tenants_changes_access(me, NEW.organization_id, place))
          AND NOT (origin IS NOT NULL AND EXISTS (
              SELECT 1 FROM distribution_organizationreportschedule o, jsonb_array_elements(o.addresses) given
              WHERE o.id = origin AND given->'address' = entry->'address'
                AND given->'confirmed_by' = entry->'confirmed_by' AND given->'customers' ? place::text)))
    THEN
        RAISE EXCEPTION 'distribution_confirmation_guard: only an administrator confirms addresses, in their own name'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'distribution_confirmation_guard';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER distribution_guard_confirmations BEFORE INSERT OR UPDATE ON distribution_reportschedule
    FOR EACH ROW EXECUTE FUNCTION distribution_guard_confirmations();
CREATE TRIGGER distribution_guard_confirmations BEFORE INSERT OR UPDATE ON distribution_organizationreportschedule
    FOR EACH ROW EXECUTE FUNCTION distribution_guard_confirmations();
"""
NO_GUARD = """
DROP TRIGGER distribution_guard_confirmations ON distribution_organizationreportschedule;
DROP TRIGGER distribution_guard_confirmations ON distribution_reportschedule;
DROP FUNCTION distribution_guard_confirmations();
"""


class Migration(migrations.Migration):
    dependencies = [("distribution", "0001_schedules")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
