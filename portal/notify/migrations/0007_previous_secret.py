from django.db import migrations, models

import tenants.secrets


class Migration(migrations.Migration):

    dependencies = [("notify", "0006_channel_without_address")]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="previous_secret",
            field=tenants.secrets.SealedField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="channel",
            name="previous_secret_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("previous_secret__isnull", True), ("previous_secret_until__isnull", True)),
                    models.Q(("previous_secret__isnull", False), ("previous_secret_until__isnull", False)),
                    _connector="OR",
                ),
                name="notify_channel_previous_secret",
            ),
        ),
    ]
