"""Prevent the application's role from making data look older than it is. Retention would delete such data too early.

Retention decides by the time of evidence, versions and assessments. Evidence and versions never change after they were
written. An assessment cannot end before its request. After its end, the time of its end, and the times at which its
units ended, cannot be removed or become earlier. Before its end, the time of its request cannot become earlier.
"""

from django.db import migrations

from tenants.append_only import revoke_changes

GUARD = """
CREATE FUNCTION assessments_guard_times() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL AND COALESCE(NEW.ended_at < OLD.ended_at, true)
       OR OLD.state IN ('queued', 'running') AND NEW.created_at < OLD.created_at THEN
        RAISE EXCEPTION 'an assessment does not become older' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.ended_at IS NULL THEN
        NEW.ended_at := GREATEST(NEW.ended_at, CASE WHEN NEW.ended_at IS NOT NULL THEN OLD.created_at END);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessments_guard_times BEFORE UPDATE OF ended_at, created_at ON assessments_assessment
    FOR EACH ROW EXECUTE FUNCTION assessments_guard_times();

CREATE FUNCTION assessments_guard_unit_times() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM public.assessments_assessment a
               WHERE a.id = OLD.assessment_id AND a.state IN ('finished', 'cancelled')) THEN
        RAISE EXCEPTION 'a unit of an ended assessment does not become older' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessments_guard_unit_times BEFORE UPDATE OF ended_at ON assessments_unit
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL AND (NEW.ended_at IS NULL OR NEW.ended_at < OLD.ended_at))
    EXECUTE FUNCTION assessments_guard_unit_times();
"""
NO_GUARD = """
DROP TRIGGER assessments_guard_unit_times ON assessments_unit;
DROP FUNCTION assessments_guard_unit_times();
DROP TRIGGER assessments_guard_times ON assessments_assessment;
DROP FUNCTION assessments_guard_times();
"""


class Migration(migrations.Migration):
    dependencies = [("assessments", "0022_assessment_details_deleted_at")]

    operations = [
        migrations.RunSQL(GUARD, NO_GUARD),
        revoke_changes("assessments_evidenceitem", "assessments_resourceversion"),
    ]
