"""Create triggers for service accounts. Service accounts get no membership, and rows about their controllers cannot be
changed or deleted.
"""

from django.db import migrations

from tenants.append_only import revoke_changes

GUARDS = """
CREATE FUNCTION tenants_no_membership_of_service() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM tenants_person p WHERE p.id = NEW.person_id AND p.is_service) THEN
        RAISE EXCEPTION 'a service account has no memberships' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tenants_no_membership_of_service BEFORE INSERT OR UPDATE OF person_id ON tenants_membership
    FOR EACH ROW EXECUTE FUNCTION tenants_no_membership_of_service();

CREATE FUNCTION tenants_keep_controllers() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the register of who could act as a service account only grows'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER tenants_keep_controllers BEFORE UPDATE OR DELETE ON tenants_serviceaccountcontroller
    FOR EACH ROW EXECUTE FUNCTION tenants_keep_controllers();
"""

NO_GUARDS = """
DROP TRIGGER tenants_keep_controllers ON tenants_serviceaccountcontroller;
DROP FUNCTION tenants_keep_controllers();
DROP TRIGGER tenants_no_membership_of_service ON tenants_membership;
DROP FUNCTION tenants_no_membership_of_service();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0047_service_accounts")]

    operations = [
        migrations.RunSQL(GUARDS, NO_GUARDS),
        revoke_changes("tenants_serviceaccountcontroller"),
    ]
