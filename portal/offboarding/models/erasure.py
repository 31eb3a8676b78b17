"""Erasures, which form the register of erased customers and pseudonymised people."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Final
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from tenants.models import OrganizationOwned, Person
from tenants.protection import Protection
from tenants.secrets import SealedField, seal, unseal

LOST_AFTER: Final = timedelta(minutes=5)
"""If a worker reports no progress for this time, it counts as dead, and another worker continues."""


class Erasure(OrganizationOwned):
    """The erasure of a customer, or the pseudonymisation of a person, with the two people who decided it.

    - `subject`: the id of the customer or person; null once a customer is erased
    - `pseudonym`: for a person a short code; for a customer the SHA-256 of its id and of a salt that only the
      certificate contains
    - `requested_by`, `confirmed_by`: null for the operator
    - `attempt`: counts the workers that took over; a worker with an earlier number stops
    - `needles`: the ids and names to search for in other data, stored only while the erasure runs
    - `rows`: the number of deleted rows by table; `people`: the number of pseudonymised people; `redacted`: the number
      of changed journal entries
    - `head_…`, `organization_head_…`: the last entry of the customer's journal and of the organization's journal before
      the erasure
    - `certificate`: the signed PDF, encrypted; it names the customer and is deleted at `certificate_until`
    - `announced_at`: when the administrators were mailed that the customer is erased

    A trigger permits only valid changes of the state, and no deletion. It also sets `confirmed_at`, and `not_before`,
    the time from which the erasure may start.
    """

    protection = Protection.CONFIDENTIAL

    class Kind(models.TextChoices):
        CUSTOMER = "customer", "Customer"
        PERSON = "person", "Person"

    class State(models.TextChoices):
        REQUESTED = "requested", "Waiting for a second administrator"
        CONFIRMED = "confirmed", "Confirmed"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        WITHDRAWN = "withdrawn", "Withdrawn"

    OPEN = (State.REQUESTED, State.CONFIRMED, State.RUNNING)

    # The ids of other tables contain the time of their creation. This id is random, so that it reveals nothing: it
    # stays in journals from which the erasure removes texts.
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    subject = models.UUIDField(null=True)
    pseudonym = models.CharField(max_length=64)
    salt = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    requested_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True)
    worked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    step = models.CharField(max_length=100, blank=True)
    steps_done = models.PositiveIntegerField(default=0)
    steps_planned = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    needles = models.JSONField(null=True)
    rows = models.JSONField(default=dict)
    files = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)
    redacted = models.PositiveIntegerField(default=0)
    head_sequence = models.PositiveBigIntegerField(default=0)
    head_hash = models.CharField(max_length=64, blank=True)
    organization_head_sequence = models.PositiveBigIntegerField(default=0)
    organization_head_hash = models.CharField(max_length=64, blank=True)
    certificate = SealedField(null=True)
    certificate_sha256 = models.CharField(max_length=64, blank=True)
    certificate_until = models.DateTimeField(null=True)
    announced_at = models.DateTimeField(null=True)

    class Meta(OrganizationOwned.Meta):
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "subject"],
                condition=Q(state__in=("requested", "confirmed", "running")),
                name="leaving_erasure_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True)
                | Q(requested_by__isnull=True, confirmed_by__isnull=False)
                | Q(requested_by__isnull=False, confirmed_by__isnull=True)
                | Q(
                    requested_by__isnull=False, confirmed_by__isnull=False, requested_by__lt=F("confirmed_by")
                )
                | Q(
                    requested_by__isnull=False, confirmed_by__isnull=False, requested_by__gt=F("confirmed_by")
                ),
                name="leaving_erasure_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("requested", "withdrawn")) | Q(confirmed_at__isnull=False),
                name="leaving_erasure_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"erasure {self.pk}"

    def seal_certificate(self, content: bytes) -> None:
        """Encrypt the signed PDF and store it in `certificate`. The caller saves the row."""
        seal(self, "certificate", base64.b64encode(content).decode())

    def open_certificate(self) -> bytes:
        """Decrypt and return the signed PDF."""
        return base64.b64decode(unseal(self, "certificate").reveal())

    @property
    def is_open(self) -> bool:
        """Whether the erasure is requested, confirmed or running."""
        return self.state in self.OPEN

    @property
    def is_customer(self) -> bool:
        return self.kind == self.Kind.CUSTOMER

    @property
    def can_withdraw(self) -> bool:
        """Whether the erasure can be withdrawn. This is possible until it starts, because nothing is deleted before."""
        return self.state in (self.State.REQUESTED, self.State.CONFIRMED)

    @property
    def is_due(self) -> bool:
        """Whether a worker may start the erasure now."""
        return (
            self.state == self.State.CONFIRMED
            and self.not_before is not None
            and self.not_before <= timezone.now()
        )

    @property
    def all_rows(self) -> int:
        return sum(self.rows.values())

    @property
    def has_certificate(self) -> bool:
        return bool(self.certificate) and (self.certificate_until or timezone.now()) > timezone.now()
