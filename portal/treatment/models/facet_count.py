"""Store, with each snapshot of a tenant, how many findings of the tenant match each value of a filter."""

from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models

from assessments.models.generated import StoredColumn, key_of_text
from portal.treatment.models.control_count import STATES, TREATED
from tenants.models import TenantOwned
from tenants.protection import Protection

# The columns of `FacetCount` that count findings, one for each shown state.
SHOWN: Final = (*STATES, *TREATED)


# Pairs of facets whose combined values are counted too. The two names of each pair are in alphabetical order.
PAIRS: Final = (
    ("age", "due"),
    ("age", "owner"),
    ("age", "subscription"),
    ("age", "tag"),
    ("due", "tag"),
)


def _numbers() -> "ArrayField[Any, Any]":
    return ArrayField(models.PositiveIntegerField(), default=list)


class FacetCount(TenantOwned):
    """The number of a tenant's findings that match one value of a filter, by control, severity and shown state.

    Pages about all customers sum these rows.

    - `facet`, `value`: parameter and value of the findings page's URL, such as `owner` and a person's id, or `tag` and
      `name=value`; the name of a tag is in lower case
    - The row of a pair in `PAIRS` has both facets and both values, separated by a space: `age owner` and `7 <id>`.
    - `controls`, `severities`, `sections` and the columns of numbers (`SHOWN`) are lists of equal length. Each number
      counts the findings of the control and severity at its position.
    - Values without findings have no row.

    A snapshot writes changed rows (`portal.treatment.actions.figures.facet_counts`).
    `portal.treatment.selectors.facet_counts` decides which rows are up to date.
    """

    protection = Protection.CONFIDENTIAL

    class Facet(models.TextChoices):
        OWNER = "owner"
        DUE = "due"
        AGE = "age"
        SUBSCRIPTION = "subscription"
        TAG = "tag"
        AGE_DUE = "age due"
        AGE_OWNER = "age owner"
        AGE_SUBSCRIPTION = "age subscription"
        AGE_TAG = "age tag"
        DUE_TAG = "due tag"

    # Do not create an index on `tenant` alone. PostgreSQL would use it instead of the index of the unique constraint,
    # and would read the rows of all facets of a tenant.
    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.CASCADE, related_name="+", editable=False, db_index=False
    )
    facet = models.CharField(max_length=20, choices=Facet)
    value = models.TextField()
    ref = StoredColumn(
        expression=key_of_text(models.F("value")),
        output_field=models.UUIDField(),
        db_persist=True,
        help_text="key of the value, which can be too long for an index",
    )
    controls = ArrayField(models.CharField(max_length=80), default=list)
    severities = ArrayField(models.CharField(max_length=20), default=list)
    sections = ArrayField(models.CharField(max_length=40), default=list)
    open = _numbers()
    resolved = _numbers()
    passing = _numbers()
    manual = _numbers()
    unknown = _numbers()
    not_applicable = _numbers()
    acknowledged = _numbers()
    excepted = _numbers()
    attested = _numbers()
    not_met = _numbers()
    lapsed = _numbers()

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "facet", "ref"], name="treatment_facet_count_of_tenant"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facet}={self.value}"
