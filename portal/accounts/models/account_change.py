"""Changes to how people sign in. Each change waits until an administrator confirms it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tenants import rls
from tenants.models import OrganizationOwned
from tenants.protection import Protection


class AccountChange(OrganizationOwned):
    """A change that waits until an administrator confirms it. The requester and the owner of the account may not
    confirm it.

    Administrators request changes of other accounts. For their own account, people can request a new address.
    `value` is the new address or identity. For the other kinds of changes, `value` is empty.
    """

    protection = Protection.PERSONAL

    policy: ClassVar[str] = (
        f"{rls.ORGANIZATION} OR (person_id = {rls.PERSON_ID} AND requested_by_id = {rls.PERSON_ID})"
    )

    class Kind(models.TextChoices):
        ADDRESS = "address", "New email address"
        IDENTITY = "identity", "Single sign-on identity"
        NEXT_SIGN_IN = "next_sign_in", "Link the next single sign-on"
        SECOND_FACTOR = "second_factor", "Remove all second factors"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    value = models.CharField(max_length=300, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | ~Q(decided_by=F("requested_by")) & ~Q(decided_by=F("person")),
                name="accounts_change_second_person",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="accounts_change_decided",
            ),
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(decided_at__isnull=True),
                name="accounts_change_open_once",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
