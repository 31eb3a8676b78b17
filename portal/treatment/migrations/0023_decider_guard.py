"""Create a trigger that restricts decisions about exceptions in a person's scope.

In this scope, only approvers can decide, and only in their own name. A tenant's scope, which workers and commands open,
has no person. There, this trigger permits every decision, and only the trigger of migration 0011 applies.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION treatment_guard_decider() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    me uuid := NULLIF(current_setting('surety.person', true), '')::uuid;
BEGIN
    IF me IS NOT NULL AND NEW.decided_by_id IS NOT NULL
       AND (NEW.decided_by_id IS DISTINCT FROM me OR NOT EXISTS (
            SELECT 1 FROM tenants_membership m
            WHERE m.person_id = me AND m.tenant_id = NEW.tenant_id AND m.role = 'approver'
              AND m.confirmation NOT IN ('waiting', 'refused')
              AND m.valid_from <= clock_timestamp()
              AND (m.valid_until IS NULL OR m.valid_until > clock_timestamp())))
    THEN
        RAISE EXCEPTION 'treatment_decider_guard: only an approver decides, in their own name'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'treatment_decider_guard';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treatment_guard_decider BEFORE UPDATE ON treatment_findingexception
    FOR EACH ROW
    WHEN ((NEW.decided_by_id, NEW.decided_at) IS DISTINCT FROM (OLD.decided_by_id, OLD.decided_at))
    EXECUTE FUNCTION treatment_guard_decider();
CREATE TRIGGER treatment_guard_new_decider BEFORE INSERT ON treatment_findingexception
    FOR EACH ROW WHEN (NEW.decided_by_id IS NOT NULL) EXECUTE FUNCTION treatment_guard_decider();
"""
NO_GUARD = """
DROP TRIGGER treatment_guard_new_decider ON treatment_findingexception;
DROP TRIGGER treatment_guard_decider ON treatment_findingexception;
DROP FUNCTION treatment_guard_decider();
"""


class Migration(migrations.Migration):
    dependencies = [("treatment", "0022_exception_comments")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
