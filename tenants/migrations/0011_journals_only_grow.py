from django.db import migrations

from tenants.append_only import revoke_changes


class Migration(migrations.Migration):
    """The application's role may neither update nor delete entries of journals."""

    dependencies = [("tenants", "0010_organization_keys")]

    operations = [revoke_changes("tenants_journalentry", "tenants_organizationjournalentry")]
