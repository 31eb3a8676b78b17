"""Create a trigger that refuses journal entries whose details cannot be read or verified.

The application's role inserts entries. With SQL, it could insert numbers that programs read differently or not at all.
It could also insert an entry `journal.redacted` with a list that verification cannot read
(`tenants.journal.listed_entries`).
"""

from django.db import migrations

FORM = """
CREATE FUNCTION tenants_journal_form() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF jsonb_typeof(NEW.details) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'the details of a journal entry are an object'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF jsonb_path_exists(NEW.details, 'strict $.** ? (@.type() == "number"
                         && (@ > 1e300 || @ < -1e300 || @.floor() != @))') THEN
        RAISE EXCEPTION 'numbers in the details of a journal entry are integers of at most 300 digits'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.action = 'journal.redacted' AND (
        jsonb_typeof(NEW.details->'reason') IS DISTINCT FROM 'string'
        OR jsonb_typeof(NEW.details->'entries') IS DISTINCT FROM 'array'
        OR EXISTS (
            SELECT FROM jsonb_array_elements(
                CASE jsonb_typeof(NEW.details->'entries') WHEN 'array' THEN NEW.details->'entries' ELSE '[]' END) item
            WHERE jsonb_typeof(item) <> 'array' OR jsonb_array_length(item) <> 3
               OR jsonb_typeof(item->0) <> 'number'
               OR jsonb_typeof(item->1) <> 'string' OR item->>1 !~ '^[0-9a-f]{64}$'
               OR jsonb_typeof(item->2) <> 'string' OR item->>2 !~ '^[0-9a-f]{64}$')) THEN
        RAISE EXCEPTION 'a list of redacted entries consists of [number, hash, hash]'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tenants_journal_form BEFORE INSERT ON tenants_journalentry
    FOR EACH ROW EXECUTE FUNCTION tenants_journal_form();
CREATE TRIGGER tenants_journal_form BEFORE INSERT ON tenants_organizationjournalentry
    FOR EACH ROW EXECUTE FUNCTION tenants_journal_form();
"""
NO_FORM = """
DROP TRIGGER tenants_journal_form ON tenants_organizationjournalentry;
DROP TRIGGER tenants_journal_form ON tenants_journalentry;
DROP FUNCTION tenants_journal_form();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0030_organization_erasure_wait_hours")]

    operations = [migrations.RunSQL(FORM, NO_FORM)]
