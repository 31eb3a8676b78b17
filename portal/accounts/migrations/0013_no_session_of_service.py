"""A trigger that refuses sessions of service accounts, so that nobody can sign in with a service account."""

from django.db import migrations

GUARD = """
CREATE FUNCTION accounts_no_session_of_service() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM tenants_person p WHERE p.id = NEW.person_id AND p.is_service) THEN
        RAISE EXCEPTION 'a service account has no sessions' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_no_session_of_service BEFORE INSERT OR UPDATE OF person_id ON accounts_session
    FOR EACH ROW WHEN (NEW.person_id IS NOT NULL) EXECUTE FUNCTION accounts_no_session_of_service();
"""
NO_GUARD = """
DROP TRIGGER accounts_no_session_of_service ON accounts_session;
DROP FUNCTION accounts_no_session_of_service();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_limit_tokens_that_may_approve"),
        ("tenants", "0048_service_account_guards"),
    ]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
