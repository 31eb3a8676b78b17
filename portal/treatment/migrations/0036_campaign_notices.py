"""Store for each customer of a campaign whether a worker must still notify the owners of the start."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treatment", "0035_facet_pairs")]

    operations = [
        migrations.AddField(
            model_name="campaigncustomer",
            name="notices_due",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="campaigncustomer",
            index=models.Index(
                condition=models.Q(notices_due=True),
                fields=["campaign"],
                name="treatment_campaign_notices",
            ),
        ),
    ]
