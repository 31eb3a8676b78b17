"""Create triggers that insert the TenantKey of each new tenant, and triggers that refuse to change or delete journal
entries.
"""

from django.db import migrations

TENANT_KEY = """
CREATE FUNCTION tenants_write_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tenants_tenantkey (tenant_id, organization_id) VALUES (NEW.id, NEW.organization_id);
    RETURN NULL;
END $$;
CREATE TRIGGER tenants_write_key AFTER INSERT ON tenants_tenant
    FOR EACH ROW EXECUTE FUNCTION tenants_write_key();
"""
NO_TENANT_KEY = """
DROP TRIGGER tenants_write_key ON tenants_tenant;
DROP FUNCTION tenants_write_key();
"""

# The trigger applies to the tables' owner too. To delete a tenant, the owner disables the trigger in the same
# transaction (docs/threat-model.md). TRUNCATE fires no row trigger, but only the owner has the privilege to TRUNCATE.
JOURNAL = """
CREATE FUNCTION tenants_journal_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal only grows: % of an entry is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER tenants_journal_only_grows BEFORE UPDATE OR DELETE ON tenants_journalentry
    FOR EACH ROW EXECUTE FUNCTION tenants_journal_only_grows();
CREATE TRIGGER tenants_journal_only_grows BEFORE UPDATE OR DELETE ON tenants_organizationjournalentry
    FOR EACH ROW EXECUTE FUNCTION tenants_journal_only_grows();
"""
NO_JOURNAL = """
DROP TRIGGER tenants_journal_only_grows ON tenants_organizationjournalentry;
DROP TRIGGER tenants_journal_only_grows ON tenants_journalentry;
DROP FUNCTION tenants_journal_only_grows();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        migrations.RunSQL(TENANT_KEY, NO_TENANT_KEY),
        migrations.RunSQL(JOURNAL, NO_JOURNAL),
    ]
