"""Baselines: policy and control parameters that an organization sets once for many customers."""

from django.db import models

from tenants.models import OrganizationOwned, Person


class Baseline(OrganizationOwned):
    """Values for all customers of an organization, or for the customers with a label.

    `due_days` is {severity: days} and `parameters` {control: {parameter: value}}; if the baseline sets no
    such values, both are empty and `exception_cap_days` is null. An empty `label` means all customers.
    """

    name = models.CharField(max_length=120)
    label = models.CharField(max_length=60, blank=True)
    due_days = models.JSONField(default=dict)
    exception_cap_days = models.PositiveIntegerField(null=True)
    parameters = models.JSONField(default=dict)
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "label"], name="treatment_baseline_label"),
        ]

    def __str__(self) -> str:
        return self.name
