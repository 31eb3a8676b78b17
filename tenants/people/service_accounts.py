"""Find the people who could act as a service account. They count as authors of what the account does."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from tenants.models import Person, ServiceAccountController


def controllers_of(account: UUID) -> QuerySet[ServiceAccountController, UUID]:
    """Return the ids of the people who could act as a service account. `account` is the id of the account's row in the
    table of people.
    """
    rows = ServiceAccountController.objects.filter(account=account)
    return rows.order_by().values_list("person_id", flat=True)


def controls(person: Person, account: Person) -> bool:
    """Return whether the person could act as the account. Return False if `account` is not a service account."""
    return account.is_service and controllers_of(account.pk).filter(person=person).exists()


def author_addresses(account: Person) -> frozenset[str]:
    """Return the email addresses of the people who count as authors of what an account does: the address of the
    person or, for a service account, the addresses of everybody who could act as the service account.
    """
    if not account.is_service:
        return frozenset({account.email})
    people = Person.objects.filter(pk__in=controllers_of(account.pk))
    return frozenset(people.values_list("email", flat=True))


def made_by(person: UUID, field: str) -> Q:
    """Return the condition that `field`, a foreign key to a person, refers to the person or to a service account that
    the person could act as.
    """
    accounts = ServiceAccountController.objects.filter(person=person).order_by().values("account")
    return Q(**{field: person}) | Q(**{f"{field}__in": accounts})
