import django.db.models.deletion
from django.db import migrations, models

# The forced policy binds the owner too, so the migration lifts it for the statement that lists the organizations.
KEYS = """
ALTER TABLE tenants_organization NO FORCE ROW LEVEL SECURITY;
INSERT INTO tenants_organizationkey (organization_id) SELECT id FROM tenants_organization;
ALTER TABLE tenants_organization FORCE ROW LEVEL SECURITY;

CREATE FUNCTION tenants_write_organization_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tenants_organizationkey (organization_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER tenants_write_organization_key AFTER INSERT ON tenants_organization
    FOR EACH ROW EXECUTE FUNCTION tenants_write_organization_key();

CREATE FUNCTION tenants_guard_organization_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND COALESCE(
        OLD.organization_id = ANY(NULLIF(current_setting('surety.organizations', true), '')::uuid[]), false) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the key of an organization: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER tenants_guard_organization_key BEFORE UPDATE OR DELETE ON tenants_organizationkey
    FOR EACH ROW EXECUTE FUNCTION tenants_guard_organization_key();
"""
NO_KEYS = """
DROP TRIGGER tenants_guard_organization_key ON tenants_organizationkey;
DROP FUNCTION tenants_guard_organization_key();
DROP TRIGGER tenants_write_organization_key ON tenants_organization;
DROP FUNCTION tenants_write_organization_key();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0009_customer_administrator_label")]

    operations = [
        migrations.CreateModel(
            name="OrganizationKey",
            fields=[
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="tenants.organization",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="organizationjournalentry",
            index=models.Index(
                fields=["organization", "action", "actor"], name="tenants_orgjournal_counts"
            ),
        ),
        migrations.RunSQL(KEYS, NO_KEYS),
    ]
