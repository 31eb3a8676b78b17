"""Join two migrations that were added at the same time. They change different tables."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0043_organization_report_language"),
        ("tenants", "0043_subscription_rule_unannounced"),
    ]

    operations = []
