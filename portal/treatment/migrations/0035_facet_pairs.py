"""Numbers of findings by two values of filters, stored with each snapshot.

The next snapshot of a customer stores them, within a minute of the next change or day. Until then, pages read the
findings.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treatment", "0034_baseline_watch_rules")]

    operations = [
        migrations.AddField(
            model_name="snapshot",
            name="has_pairs",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="facetcount",
            constraint=models.UniqueConstraint(
                fields=("tenant", "facet", "ref"), name="treatment_facet_count_of_tenant"
            ),
        ),
        migrations.RemoveConstraint(model_name="facetcount", name="treatment_facet_count_once"),
        # PostgreSQL chose the index of the tenant alone, and read all rows of the tenants.
        migrations.AlterField(
            model_name="facetcount",
            name="tenant",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenants.tenant",
            ),
        ),
        migrations.AlterField(
            model_name="facetcount",
            name="facet",
            field=models.CharField(
                choices=[
                    ("owner", "Owner"),
                    ("due", "Due"),
                    ("age", "Age"),
                    ("subscription", "Subscription"),
                    ("tag", "Tag"),
                    ("age due", "Age Due"),
                    ("age owner", "Age Owner"),
                    ("age subscription", "Age Subscription"),
                    ("age tag", "Age Tag"),
                    ("due tag", "Due Tag"),
                ],
                max_length=20,
            ),
        ),
    ]
