import django.db.models.deletion
from django.db import migrations, models


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
    ]
