"""Baselines: settings that an organization sets once for many customers."""

from django.db import models

from portal.notify.models import Channel
from tenants.models import OrganizationOwned, Person
from tenants.protection import Protection
from tenants.references import CompositeReference
from tenants.secrets import SealedField


class Baseline(OrganizationOwned):
    """Values for all customers of an organization, or for the customers that have the baseline's `label`.

    - `due_days`: {severity: days}; `parameters`: {control: {parameter: value}}. If a value is missing, each customer
      sets its own
    - `exception_cap_days`: the maximum length of exceptions, or null
    - `schedule`: “off”, “default”, a timetable, or empty if each customer has its own
    - `profile`: {"profile": key, "controls": slugs of the chosen controls if the key is “own”}
      (`assessments.controls.profiles`), or empty if each customer chooses
    - `retention`: {kind of data: days, “keep” or “default”}
    - `owner_rules`: a list of {"name", "owner" (id of a person), "enabled"} and conditions
    - `watch_rules`: a list of {"name", "severity", "enabled"} and conditions (see `changes.WatchRule`). A rule that
      Surety ships is in the list as {"shipped", "severity", "enabled"}

    The keys of conditions are names of columns of `OwnerRule` and `WatchRule`.
    """

    protection = Protection.CONFIDENTIAL

    name = models.CharField(max_length=120)
    label = models.CharField(max_length=60, blank=True)
    due_days = models.JSONField(default=dict)
    exception_cap_days = models.PositiveIntegerField(null=True)
    parameters = models.JSONField(default=dict)
    schedule = models.CharField(max_length=250, blank=True, default="")
    profile = models.JSONField(default=dict, db_default={})
    retention = models.JSONField(default=dict)
    owner_rules = models.JSONField(default=list)
    watch_rules = models.JSONField(default=list)
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "label"], name="treatment_baseline_label"),
            models.UniqueConstraint(fields=["organization", "id"], name="treatment_baseline_organization_id"),
        ]

    def __str__(self) -> str:
        return self.name


class BaselineChannel(OrganizationOwned):
    """A channel that the customers of a baseline get, with the fields of `notify.Channel`.

    All these customers get the same URL and, for a webhook, the same signing secret.
    """

    protection = Protection.SECRET

    baseline = models.ForeignKey(Baseline, on_delete=models.CASCADE, related_name="channels")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Channel.Kind)
    host = models.CharField(max_length=255)
    address = SealedField()
    secret = SealedField(null=True, blank=True)
    kinds = models.JSONField(default=list)

    class Meta(OrganizationOwned.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["baseline", "name"], name="treatment_baselinechannel_name"),
            models.CheckConstraint(
                condition=~models.Q(kind="webhook") | models.Q(secret__isnull=False),
                name="treatment_baselinechannel_signed",
            ),
            CompositeReference(
                name="treatment_baselinechannel_baseline",
                columns=("organization_id", "baseline_id"),
                table="treatment_baseline",
                targets=("organization_id", "id"),
            ),
        ]

    def __str__(self) -> str:
        return self.name
