from django.db import migrations

from tenants.append_only import revoke_changes


class Migration(migrations.Migration):
    """The application's role may neither update nor delete events of timelines."""

    dependencies = [("treatment", "0014_four_eyes_message")]

    operations = [revoke_changes("treatment_treatmentevent")]
