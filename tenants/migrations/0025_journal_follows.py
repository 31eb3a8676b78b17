"""Create a trigger that accepts only the entry that follows the last entry of its chain.

The application's role inserts entries. If there were no trigger, this role could also insert a gap, a second beginning,
or an entry without hashes. The trigger does not recompute the hash. `manage.py verify_journal` recomputes it.
"""

from django.db import migrations

# The function runs as the role that inserts, so row-level security applies. The application locks the chain before it
# inserts (`Lock.JOURNAL`). If two transactions insert without this lock, the unique constraint refuses the second
# entry.
FOLLOWS = """
CREATE FUNCTION {table}_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_sequence bigint := 0;
    last_hash text := repeat('0', 64);
BEGIN
    SELECT sequence, hash INTO last_sequence, last_hash FROM {table}
        WHERE {owner} = NEW.{owner} ORDER BY sequence DESC LIMIT 1;
    IF NOT FOUND THEN
        last_sequence := 0;
        last_hash := repeat('0', 64);
    END IF;
    IF NEW.sequence IS DISTINCT FROM last_sequence + 1 THEN
        RAISE EXCEPTION 'the journal has % entries, so entry % does not follow', last_sequence, NEW.sequence
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.previous_hash IS DISTINCT FROM last_hash THEN
        RAISE EXCEPTION 'entry % does not contain the hash of the previous entry of the journal', NEW.sequence
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.hash IS NULL OR NEW.hash !~ '^[0-9a-f]{{64}}$' OR NEW.hash = repeat('0', 64) THEN
        RAISE EXCEPTION 'entry % of the journal has no hash', NEW.sequence
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {table}_follows BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_follows();
"""
NO_FOLLOWS = """
DROP TRIGGER {table}_follows ON {table};
DROP FUNCTION {table}_follows();
"""
CHAINS = (
    {"table": "tenants_journalentry", "owner": "tenant_id"},
    {"table": "tenants_organizationjournalentry", "owner": "organization_id"},
)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0024_keyless_sign_in")]

    operations = [migrations.RunSQL(FOLLOWS.format(**chain), NO_FOLLOWS.format(**chain)) for chain in CHAINS]
