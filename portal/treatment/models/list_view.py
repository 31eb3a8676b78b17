"""Saved views of the lists that span all customers: a name for a set of filters."""

from django.db import models

from tenants.models import OrganizationOwned, Person
from tenants.protection import Protection


class ListView(OrganizationOwned):
    """A named query string of one page. If `shared` is True, everybody with a role for the whole organization sees the
    view.
    """

    protection = Protection.CONFIDENTIAL

    class Page(models.TextChoices):
        PORTFOLIO = "portfolio", "Portfolio"
        ALL_FINDINGS = "all-findings", "All findings"

    page = models.CharField(max_length=20, choices=Page)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    query = models.TextField(blank=True)
    shared = models.BooleanField(default=False)

    class Meta(OrganizationOwned.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "person", "page", "name"], name="treatment_listview_name"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="treatment_listview_named"),
        ]

    def __str__(self) -> str:
        return self.name
