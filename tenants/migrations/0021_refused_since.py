"""Set `refused_since` to the time of the last check, for service principals whose last sign-in was refused."""

from django.db import migrations

FILL = """
UPDATE tenants_serviceprincipal SET refused_since = last_checked_at
WHERE refused_since IS NULL
  AND (last_error_code LIKE 'AADSTS%' OR last_error_code IN ('invalid_directory', 'invalid_certificate'));
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0020_registration_and_credential_life")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
