"""Store, with each snapshot, how many findings match each combination of values of two filters.

A customer gets the numbers with its next snapshot, which is taken within a minute after the next change or the
beginning of the next day. Until then, pages read the findings.
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
        # Remove the index on the tenant alone. PostgreSQL used it instead of the index of the unique constraint, and so
        # read the rows of all facets.
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
