"""Refuse changes of the name and addresses of a pseudonymised account, and refuse to add a second factor or a linked
identity to it.

Without these triggers, a request of the person that began before the pseudonymisation could write the person's name
into the account afterwards. The triggers wait for a pseudonymisation that is not committed yet, because they lock the
row of the account.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION leaving_guard_pseudonym() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    address text;
BEGIN
    IF TG_TABLE_NAME = 'tenants_person' THEN
        address := OLD.email;
    ELSE
        SELECT p.email INTO address FROM public.tenants_person p WHERE p.id = NEW.user_id FOR KEY SHARE;
    END IF;
    IF address LIKE '%@pseudonym.invalid' THEN
        RAISE EXCEPTION 'a pseudonymised account does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leaving_guard_pseudonym BEFORE UPDATE OF name, email ON tenants_person
    FOR EACH ROW WHEN ((NEW.name, NEW.email) IS DISTINCT FROM (OLD.name, OLD.email))
    EXECUTE FUNCTION leaving_guard_pseudonym();
CREATE TRIGGER leaving_guard_pseudonym BEFORE INSERT OR UPDATE ON account_emailaddress
    FOR EACH ROW EXECUTE FUNCTION leaving_guard_pseudonym();
CREATE TRIGGER leaving_guard_pseudonym BEFORE INSERT OR UPDATE ON mfa_authenticator
    FOR EACH ROW EXECUTE FUNCTION leaving_guard_pseudonym();
CREATE TRIGGER leaving_guard_pseudonym BEFORE INSERT OR UPDATE ON socialaccount_socialaccount
    FOR EACH ROW EXECUTE FUNCTION leaving_guard_pseudonym();
"""
NO_GUARD = """
DROP TRIGGER leaving_guard_pseudonym ON socialaccount_socialaccount;
DROP TRIGGER leaving_guard_pseudonym ON mfa_authenticator;
DROP TRIGGER leaving_guard_pseudonym ON account_emailaddress;
DROP TRIGGER leaving_guard_pseudonym ON tenants_person;
DROP FUNCTION leaving_guard_pseudonym();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("leaving", "0013_whole_pseudonymisations"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
