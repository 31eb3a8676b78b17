"""Create triggers that record each transaction that changes how findings are shown (`TreatmentChange`).

Because triggers write the records, no code that writes treatments can forget a record.
"""

from django.db import migrations

# Insert a row even if there is a row of an earlier transaction: a snapshot that does not see this transaction yet may
# be about to delete the earlier row.
TRIGGERS = """
CREATE FUNCTION treatment_record_change(changed uuid[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO treatment_treatmentchange (id, tenant_id, transaction)
    SELECT gen_random_uuid(), one.tenant_id, pg_current_xact_id()::text::bigint
    FROM unnest(changed) AS one (tenant_id)
    WHERE NOT EXISTS (
        SELECT FROM treatment_treatmentchange known
        WHERE known.tenant_id = one.tenant_id AND known.transaction = pg_current_xact_id()::text::bigint)
$$;
CREATE FUNCTION treatment_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM treatment_record_change(array_agg(DISTINCT tenant_id)) FROM written
    WHERE acknowledged_failing_since IS NOT NULL OR excepted_until IS NOT NULL OR attested_until IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER treatment_inserted AFTER INSERT ON treatment_treatment
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION treatment_inserted();
CREATE TRIGGER treatment_deleted AFTER DELETE ON treatment_treatment
    REFERENCING OLD TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION treatment_inserted();
CREATE FUNCTION treatment_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM treatment_record_change(array_agg(DISTINCT after.tenant_id))
    FROM written after JOIN replaced before USING (id)
    WHERE (after.acknowledged_failing_since, after.excepted_sha256, after.excepted_from, after.excepted_until,
           after.attested_met, after.attested_until, after.attested_sha256)
          IS DISTINCT FROM
          (before.acknowledged_failing_since, before.excepted_sha256, before.excepted_from, before.excepted_until,
           before.attested_met, before.attested_until, before.attested_sha256);
    RETURN NULL;
END $$;
CREATE TRIGGER treatment_updated AFTER UPDATE ON treatment_treatment
    REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION treatment_updated();
CREATE FUNCTION treatment_due_days_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM treatment_record_change(ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE TRIGGER treatment_due_days_changed AFTER UPDATE ON tenants_tenant
    FOR EACH ROW WHEN (OLD.due_days IS DISTINCT FROM NEW.due_days) EXECUTE FUNCTION treatment_due_days_changed();
"""
NO_TRIGGERS = """
DROP TRIGGER treatment_due_days_changed ON tenants_tenant;
DROP FUNCTION treatment_due_days_changed();
DROP TRIGGER treatment_updated ON treatment_treatment;
DROP FUNCTION treatment_updated();
DROP TRIGGER treatment_deleted ON treatment_treatment;
DROP TRIGGER treatment_inserted ON treatment_treatment;
DROP FUNCTION treatment_inserted();
DROP FUNCTION treatment_record_change(uuid[]);
"""


class Migration(migrations.Migration):
    dependencies = [("treatment", "0026_shown_counts")]

    operations = [migrations.RunSQL(TRIGGERS, NO_TRIGGERS)]
