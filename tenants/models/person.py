"""Define people. A person has one account for all organizations. Memberships decide which data the person can see."""

from typing import Any, ClassVar, Final
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models.functions import Lower

from tenants.ids import uuid7
from tenants.isolation.built_query import BuiltInstances
from tenants.protection import Protection

SERVICE_DOMAIN: Final = "service.invalid"
"""The domain of the addresses of service accounts. No person has an address of this domain."""


def _build_person(person: UUID) -> models.QuerySet["Person"]:
    return Person._base_manager.filter(pk=person)


_person = BuiltInstances(_build_person, person=UUID(int=0))


class PersonManager(BaseUserManager["Person"]):
    """The manager that creates people. There are no superusers, because all rights come from memberships."""

    def get(self, *args: Any, **conditions: Any) -> "Person":
        """Return the only person that meets the conditions.

        Each request looks up a person by id. To save time, the SQL of this look-up is built only once.
        """
        given = conditions.get("pk")
        # Django derives the managers of related objects from this class. These managers add conditions that the
        # prebuilt query `_person` does not have, so they use Django's `get`.
        if type(self) is not PersonManager or args or len(conditions) > 1 or not isinstance(given, UUID):
            return super().get(*args, **conditions)
        for person in _person(person=given):
            return person
        raise self.model.DoesNotExist("Person matching query does not exist.")

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """Create a person. If `password` is missing, the person cannot sign in with a password."""
        person = self.model(email=email, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email=(username or "").strip().lower())


class Person(AbstractBaseUser):
    """A user account. The email address identifies the account and is stored in lower case.

    A service account has a row too (`is_service`), but no password, session or membership. Its role is in
    `ServiceAccount`, and its email address cannot exist (.invalid, RFC 6761).

    `timezone` and `date_format` determine how times are shown (`tenants.values.time_display`). If `timezone` is empty,
    pages use the organization's time zone, and digests use the customer's time zone.
    """

    protection = Protection.PERSONAL

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField("e-mail address", max_length=254, unique=True)
    name = models.CharField(max_length=200, blank=True)
    timezone = models.CharField(max_length=64, blank=True, default="")
    date_format = models.CharField(max_length=20, default="iso")
    is_active = models.BooleanField(default=True)
    is_service = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="to a few minutes")

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="tenants_person_email_lower"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    is_service=True,
                    email__endswith=f"@{SERVICE_DOMAIN}",
                    password__startswith=UNUSABLE_PASSWORD_PREFIX,
                )
                | (models.Q(is_service=False) & ~models.Q(email__endswith=f"@{SERVICE_DOMAIN}")),
                name="tenants_person_service",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        return self.name or self.email
