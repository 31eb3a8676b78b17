"""Create triggers that let approved values of covered findings change only in the transaction of a decision.

While an exception waits for a decision, the application binds its findings to their present values and then stores the
decision. If there were no such triggers, SQL in the scope of a worker could accept changed values of a returned
exception, without a decision. SQL could also prepare a request: for a finding that does not fail at the approval, it
could store an approved value with which the finding fails later. The exception would then cover this failure.
"""

from django.db import migrations, models

# The check runs at the end of the transaction, when the scope may already be closed. So the checking function itself
# opens the scope of the row's tenant.
GUARD = """
CREATE FUNCTION treatment_count_decisions() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.decisions := CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE OLD.decisions END;
    IF TG_OP = 'UPDATE' AND OLD.state IN ('requested', 'returned') AND NEW.state IN ('approved', 'active') THEN
        NEW.decisions := OLD.decisions + 1;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treatment_count_decisions BEFORE INSERT OR UPDATE ON treatment_findingexception
    FOR EACH ROW EXECUTE FUNCTION treatment_count_decisions();

CREATE FUNCTION treatment_note_binding() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.approved_sha256, NEW.approved_observed, NEW.approved_at)
                            IS NOT DISTINCT FROM (OLD.approved_sha256, OLD.approved_observed, OLD.approved_at) THEN
        NEW.decisions_before := OLD.decisions_before;
    ELSE
        NEW.decisions_before := (SELECT e.decisions FROM public.treatment_findingexception e
                                 WHERE e.id = NEW.exception_id AND e.tenant_id = NEW.tenant_id);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treatment_note_binding BEFORE INSERT OR UPDATE ON treatment_exceptionitem
    FOR EACH ROW EXECUTE FUNCTION treatment_note_binding();

CREATE FUNCTION treatment_guard_binding() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text := COALESCE(current_setting('surety.tenants', true), '');
    is_decided boolean;
BEGIN
    PERFORM set_config('surety.tenants', '{' || NEW.tenant_id || '}', true);
    -- An item that does not exist any more covers nothing, so it needs no decision.
    is_decided := NOT EXISTS (SELECT FROM public.treatment_exceptionitem i WHERE i.id = NEW.id)
        OR EXISTS (SELECT FROM public.treatment_findingexception e
                   WHERE e.id = NEW.exception_id AND e.tenant_id = NEW.tenant_id
                     AND e.decisions > NEW.decisions_before);
    PERFORM set_config('surety.tenants', before, true);
    IF NOT is_decided THEN
        RAISE EXCEPTION 'treatment_item_guard: approved values change only together with a decision'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'treatment_item_guard';
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION treatment_guard_binding() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER treatment_guard_new_binding AFTER INSERT ON treatment_exceptionitem
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.approved_sha256 <> '' AND NEW.added_at IS NULL)
    EXECUTE FUNCTION treatment_guard_binding();
CREATE CONSTRAINT TRIGGER treatment_guard_binding AFTER UPDATE ON treatment_exceptionitem
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((NEW.approved_sha256, NEW.approved_observed, NEW.approved_at)
          IS DISTINCT FROM (OLD.approved_sha256, OLD.approved_observed, OLD.approved_at))
    EXECUTE FUNCTION treatment_guard_binding();

-- After the approval, findings can be added to an exception only while it is in force. So a returned exception gets no
-- findings until it is decided.
CREATE FUNCTION treatment_guard_added() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM public.treatment_findingexception e
               WHERE e.id = NEW.exception_id AND e.tenant_id = NEW.tenant_id AND e.state <> 'active') THEN
        RAISE EXCEPTION 'treatment_item_guard: a rule matches later only while it is in force'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'treatment_item_guard';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER treatment_guard_added AFTER INSERT ON treatment_exceptionitem
    FOR EACH ROW WHEN (NEW.added_at IS NOT NULL) EXECUTE FUNCTION treatment_guard_added();
"""
NO_GUARD = """
DROP TRIGGER treatment_guard_added ON treatment_exceptionitem;
DROP FUNCTION treatment_guard_added();
DROP TRIGGER treatment_guard_binding ON treatment_exceptionitem;
DROP TRIGGER treatment_guard_new_binding ON treatment_exceptionitem;
DROP FUNCTION treatment_guard_binding();
DROP TRIGGER treatment_note_binding ON treatment_exceptionitem;
DROP FUNCTION treatment_note_binding();
DROP TRIGGER treatment_count_decisions ON treatment_findingexception;
DROP FUNCTION treatment_count_decisions();
"""


class Migration(migrations.Migration):
    dependencies = [("treatment", "0027_treatment_change_triggers")]

    operations = [
        migrations.AddField(
            model_name="findingexception",
            name="decisions",
            field=models.PositiveIntegerField(
                default=0, editable=False, help_text="approvals; a trigger counts them"
            ),
        ),
        migrations.AddField(
            model_name="exceptionitem",
            name="decisions_before",
            field=models.PositiveIntegerField(editable=False, null=True),
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
