"""Create a trigger that permits only valid changes of exceptions.

Check constraints see only the new row. This trigger compares the new row with the old row: the request cannot change,
only a pending exception can be decided, and an ended exception stays ended.
"""

from django.db import migrations

# Inserting rows is not restricted, so that a backup can be restored. To delete a tenant, the owner of the database
# disables the trigger in the same transaction (docs/threat-model.md).
GUARD = """
CREATE FUNCTION treatment_guard_exception() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        broken := 'it stays in the register';
    ELSIF NEW IS NOT DISTINCT FROM OLD THEN
        RETURN NEW;
    ELSIF OLD.state IN ('refused', 'withdrawn', 'expired', 'revoked') THEN
        broken := 'it has ended and stays as it is';
    ELSIF (NEW.id, NEW.tenant_id, NEW.number, NEW.scope, NEW.reason, NEW.compensating_control, NEW.cap_days,
           NEW.starts_at, NEW.requested_by_id, NEW.requested_at, NEW.control, NEW.section, NEW.severity,
           NEW.unit, NEW.resource_group, NEW.resource_pattern, NEW.tag_name, NEW.tag_value)
          IS DISTINCT FROM
          (OLD.id, OLD.tenant_id, OLD.number, OLD.scope, OLD.reason, OLD.compensating_control, OLD.cap_days,
           OLD.starts_at, OLD.requested_by_id, OLD.requested_at, OLD.control, OLD.section, OLD.severity,
           OLD.unit, OLD.resource_group, OLD.resource_pattern, OLD.tag_name, OLD.tag_value)
    THEN
        broken := 'what was asked for, and by whom, does not change';
    ELSIF NEW.ends_at > OLD.ends_at THEN
        broken := 'its end is not put off';
    ELSIF OLD.state NOT IN ('requested', 'returned')
          AND (NEW.decided_by_id, NEW.decided_at, NEW.decision_note, NEW.maximum, NEW.ends_at)
              IS DISTINCT FROM
              (OLD.decided_by_id, OLD.decided_at, OLD.decision_note, OLD.maximum, OLD.ends_at)
    THEN
        broken := 'a decision is made of what waits for one';
    ELSIF NEW.state <> OLD.state AND NOT (CASE OLD.state
        WHEN 'requested' THEN NEW.state IN ('approved', 'active', 'refused', 'withdrawn')
        WHEN 'approved' THEN NEW.state IN ('active', 'expired', 'revoked')
        WHEN 'active' THEN NEW.state IN ('returned', 'expired', 'revoked')
        ELSE NEW.state IN ('approved', 'active', 'refused', 'expired', 'revoked')
    END) THEN
        broken := 'it does not come from there to here';
    ELSIF OLD.state = 'returned' AND NEW.state IN ('approved', 'active') AND NEW.decided_at < OLD.returned_at THEN
        broken := 'what has returned takes another decision';
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'treatment_exception_guard: %', broken
            USING ERRCODE = 'check_violation', CONSTRAINT = 'treatment_exception_guard';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treatment_guard_exception BEFORE UPDATE OR DELETE ON treatment_findingexception
    FOR EACH ROW EXECUTE FUNCTION treatment_guard_exception();
"""
NO_GUARD = """
DROP TRIGGER treatment_guard_exception ON treatment_findingexception;
DROP FUNCTION treatment_guard_exception();
"""


class Migration(migrations.Migration):
    dependencies = [("treatment", "0010_policies_once")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
