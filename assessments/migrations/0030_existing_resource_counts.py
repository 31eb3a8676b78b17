"""Count the resources that are stored already."""

from django.db import migrations

# Row-level security applies to the owner of the tables too, so the migration opens the scope of all tenants.
COUNT = """
SELECT set_config('surety.tenants', (SELECT '{' || string_agg(tenant_id::text, ',') || '}' FROM tenants_tenantkey), true);
INSERT INTO assessments_resourcecount (id, tenant_id, unit, type, location, resources)
SELECT gen_random_uuid(), tenant_id, unit, lower(type), location, count(*)
FROM assessments_resource WHERE gone_at IS NULL GROUP BY tenant_id, unit, lower(type), location;
SELECT set_config('surety.tenants', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("assessments", "0029_resource_counts")]

    operations = [migrations.RunSQL(COUNT, migrations.RunSQL.noop)]
