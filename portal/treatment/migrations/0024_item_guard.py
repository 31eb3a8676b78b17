"""Create triggers that permit only valid changes of the findings that an exception covers.

If there were no such triggers, SQL could add findings to an approved exception, or bind them to other observed values,
without a decision.
"""

from django.db import migrations

# The first trigger runs after the row was written, because an INSERT that becomes an UPDATE (ON CONFLICT) must count as an
# UPDATE. pg_restore creates triggers after the rows, so a backup can be restored.
GUARD = """
CREATE FUNCTION treatment_guard_item() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decided record;
    broken text;
BEGIN
    SELECT state, scope INTO decided FROM treatment_findingexception
    WHERE id = NEW.exception_id AND tenant_id = NEW.tenant_id;
    IF NOT FOUND THEN
        RETURN NULL;  -- The foreign key refuses the row.
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.tenant_id, NEW.exception_id, NEW.finding_id, NEW.requested_sha256, NEW.requested_observed,
            NEW.added_at)
           IS DISTINCT FROM
           (OLD.id, OLD.tenant_id, OLD.exception_id, OLD.finding_id, OLD.requested_sha256, OLD.requested_observed,
            OLD.added_at)
        THEN
            broken := 'a covered finding, and what was requested for it, does not change';
        ELSIF decided.state NOT IN ('requested', 'returned')
              AND (NEW.approved_sha256, NEW.approved_observed, NEW.approved_at)
                  IS DISTINCT FROM
                  (OLD.approved_sha256, OLD.approved_observed, OLD.approved_at)
        THEN
            broken := 'approved values change only with a decision';
        END IF;
    ELSIF decided.state NOT IN ('requested', 'returned', 'active') THEN
        broken := 'the findings of a decided exception do not change';
    ELSIF decided.state <> 'requested' AND decided.scope <> 'rule' THEN
        broken := 'a list gets no new findings';
    ELSIF decided.state = 'active' AND NEW.added_at IS NULL THEN
        broken := 'a finding that a rule matches later says so';
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'treatment_item_guard: %', broken
            USING ERRCODE = 'check_violation', CONSTRAINT = 'treatment_item_guard';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER treatment_guard_item AFTER INSERT OR UPDATE ON treatment_exceptionitem
    FOR EACH ROW EXECUTE FUNCTION treatment_guard_item();
CREATE FUNCTION treatment_guard_maximum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- This check runs once for all rows of a statement, because a rule may match thousands of findings.
    IF EXISTS (
        SELECT 1 FROM treatment_findingexception e
        WHERE (e.tenant_id, e.id) IN (SELECT DISTINCT a.tenant_id, a.exception_id FROM added a)
          AND e.state = 'active'
          AND e.maximum < (SELECT count(*) FROM treatment_exceptionitem i
                           WHERE i.tenant_id = e.tenant_id AND i.exception_id = e.id))
    THEN
        RAISE EXCEPTION 'treatment_item_guard: a rule gets new findings up to its maximum only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'treatment_item_guard';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER treatment_guard_maximum AFTER INSERT ON treatment_exceptionitem
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION treatment_guard_maximum();
"""
NO_GUARD = """
DROP TRIGGER treatment_guard_maximum ON treatment_exceptionitem;
DROP FUNCTION treatment_guard_maximum();
DROP TRIGGER treatment_guard_item ON treatment_exceptionitem;
DROP FUNCTION treatment_guard_item();
"""


class Migration(migrations.Migration):
    dependencies = [("treatment", "0023_decider_guard")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
