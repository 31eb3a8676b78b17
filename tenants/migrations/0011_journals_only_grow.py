from django.db import migrations

from tenants.append_only import revoke_changes


class Migration(migrations.Migration):
    """Revoke the right to update and delete entries of journals from the application's role."""

    dependencies = [("tenants", "0010_organization_keys")]

    operations = [revoke_changes("tenants_journalentry", "tenants_organizationjournalentry")]
