"""Shorten the validity of existing tokens with the right `approve` to at most 30 days from this migration.

New tokens with this right are valid for at most 30 days. Before, such tokens could be valid for up to 366 days.
"""

from django.db import migrations

# Row-level security applies to the owner too, so the scope of all organizations is set for this transaction.
LIMIT = """
SELECT set_config('surety.organizations', coalesce('{' || string_agg(organization_id::text, ',') || '}', ''), true)
    FROM tenants_organizationkey;
UPDATE accounts_apitoken SET expires_at = now() + interval '30 days'
    WHERE 'approve' = ANY(capabilities) AND expires_at > now() + interval '30 days';
SELECT set_config('surety.organizations', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_idempotency_keys")]

    operations = [migrations.RunSQL(LIMIT, migrations.RunSQL.noop)]
