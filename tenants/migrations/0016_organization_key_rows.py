"""Insert the OrganizationKey rows of existing organizations, and create triggers that insert them for new
organizations.

These steps are not part of migration 0010, because Django creates the foreign key at the end of that migration. When
PostgreSQL creates a foreign key, it checks the existing rows, and row-level security of tenants_organization applies to
this check. Row-level security applies to the owner too (FORCE), so the check would find no organization, and
fail. Rows that are inserted later are checked without row-level security.
"""

from django.db import migrations

# Row-level security applies to the owner too (FORCE), so the migration lifts FORCE for the statement that lists the
# organizations.
KEYS = """
ALTER TABLE tenants_organization NO FORCE ROW LEVEL SECURITY;
INSERT INTO tenants_organizationkey (organization_id) SELECT id FROM tenants_organization ON CONFLICT DO NOTHING;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE tenants_organization FORCE ROW LEVEL SECURITY;

CREATE OR REPLACE FUNCTION tenants_write_organization_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tenants_organizationkey (organization_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tenants_write_organization_key AFTER INSERT ON tenants_organization
    FOR EACH ROW EXECUTE FUNCTION tenants_write_organization_key();

CREATE OR REPLACE FUNCTION tenants_guard_organization_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND COALESCE(
        OLD.organization_id = ANY(NULLIF(current_setting('surety.organizations', true), '')::uuid[]), false) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the key of an organization: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE TRIGGER tenants_guard_organization_key BEFORE UPDATE OR DELETE ON tenants_organizationkey
    FOR EACH ROW EXECUTE FUNCTION tenants_guard_organization_key();
"""
NO_KEYS = """
DROP TRIGGER tenants_guard_organization_key ON tenants_organizationkey;
DROP FUNCTION tenants_guard_organization_key();
DROP TRIGGER tenants_write_organization_key ON tenants_organization;
DROP FUNCTION tenants_write_organization_key();
TRUNCATE tenants_organizationkey;
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0015_subscription_home")]

    operations = [migrations.RunSQL(KEYS, NO_KEYS)]
