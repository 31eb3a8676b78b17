"""Triggers that protect the finding changes of an ended assessment. Even the application's role can neither change nor
delete them.
"""

from django.db import migrations

# While an assessment is active, its workers replace and remove changes of findings that several units have judged. To
# delete a tenant, the owner of the database disables the triggers in the same transaction (docs/threat-model.md).
GUARD = """
CREATE FUNCTION assessments_guard_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM assessments_assessment a
                   WHERE a.id = OLD.assessment_id AND a.state IN ('queued', 'running'))
       OR TG_OP = 'UPDATE' AND (NEW.id, NEW.tenant_id, NEW.finding_id, NEW.assessment_id)
                               IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.finding_id, OLD.assessment_id)
    THEN
        RAISE EXCEPTION 'the changes that an ended assessment found remain as they are'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER assessments_guard_change BEFORE UPDATE OR DELETE ON assessments_findingchange
    FOR EACH ROW EXECUTE FUNCTION assessments_guard_change();

CREATE FUNCTION assessments_guard_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an ended assessment does not start again' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER assessments_guard_ended BEFORE UPDATE OF state ON assessments_assessment
    FOR EACH ROW WHEN (OLD.state IN ('finished', 'cancelled') AND NEW.state NOT IN ('finished', 'cancelled'))
    EXECUTE FUNCTION assessments_guard_ended();
"""
NO_GUARD = """
DROP TRIGGER assessments_guard_ended ON assessments_assessment;
DROP FUNCTION assessments_guard_ended();
DROP TRIGGER assessments_guard_change ON assessments_findingchange;
DROP FUNCTION assessments_guard_change();
"""


class Migration(migrations.Migration):
    dependencies = [("assessments", "0018_recommendation_names")]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
