"""Permissions to link an identity, to verify an address, to use emergency access, and to register the first
organization. `UnconfirmedChange` records a new address or identity that one administrator set alone.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tenants.ids import uuid7
from tenants.protection import Protection


class IdentityPermit(models.Model):
    """An administrator's permission to link an identity with the person's account. At the next single sign-on with the
    person's email address, the identity that signs on is linked.

    A person has at most one permit. The permit is deleted when it is used.
    """

    protection = Protection.PERSONAL

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    confirmed = models.BooleanField(default=False, help_text="a second person agreed")

    objects: models.Manager[IdentityPermit] = models.Manager()

    def __str__(self) -> str:
        return str(self.pk)


class AddressPermit(models.Model):
    """Marks a pending email address as chosen by an administrator, not by the person.

    The domain of an address can decide whether the person must use single sign-on. People cannot verify an address of
    their own choice with which they would avoid single sign-on. An administrator may choose such an address for them.
    """

    protection = Protection.PERSONAL

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    address = models.OneToOneField("account.EmailAddress", on_delete=models.CASCADE, related_name="+")
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed = models.BooleanField(default=False, help_text="a second person agreed")

    objects: models.Manager[AddressPermit] = models.Manager()

    def __str__(self) -> str:
        return str(self.pk)


class UnconfirmedChange(models.Model):
    """A new address or identity of a person that one administrator set without a second administrator.

    This administrator could sign in as the person. So before the person becomes an administrator or approver,
    `actions.unconfirmed.reset_account` resets the account and sets `reset_at`. The row remains: the administrator who
    confirms the role sees who set the address or identity.
    """

    protection = Protection.PERSONAL

    class Kind(models.TextChoices):
        ADDRESS = "address", "Email address"
        IDENTITY = "identity", "Single sign-on identity"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(max_length=300, help_text="the address or the identity")
    previous = models.CharField(max_length=300, blank=True, help_text="the address before the change")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    reset_at = models.DateTimeField(null=True, blank=True)

    objects: models.Manager[UnconfirmedChange] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["address", "identity"]), name="accounts_unconfirmed_change_kind"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class EmergencyAccess(models.Model):
    """A link of `manage.py break_glass` that signs an administrator in once. Used and expired rows are kept.

    `token_hash` is the SHA-256 in hex of the link's token; the token itself is not stored.
    """

    protection = Protection.SECRET

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=500)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects: models.Manager[EmergencyAccess] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="accounts_emergency_period"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SetupLink(models.Model):
    """A link that registers the first organization of an installation and its administrator. Used rows are kept.

    `token_hash` is the SHA-256 in hex of the link's token; the token itself is not stored.
    """

    protection = Protection.SECRET

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects: models.Manager[SetupLink] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="accounts_setuplink_period"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
