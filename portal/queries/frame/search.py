"""Search of the command palette: findings, exceptions and people by words, in the customers that the person
may see.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from assessments.controls.registry import known_controls
from assessments.models import Finding
from assessments.selectors import text_filter
from portal.treatment.models import ExceptionItem, FindingException
from portal.treatment.selectors.findings import exceptions_of
from tenants import scope
from tenants.models import Membership, Person, Tenant
from tenants.roles import Capability

# For people with more customers than this, findings are searched only if the words name a customer, because a search
# reads all texts of each searched customer.
MAX_SEARCHED_CUSTOMERS: Final = 20
# Shorter texts are not searched for, because they match almost everything.
MIN_CHARACTERS: Final = 3


def searched_customers(words: Sequence[str], here: Tenant | None) -> tuple[list[Tenant], list[str]]:
    """Return the customers to search, and the words to search for in them.

    On a page of a customer, search only that customer. On other pages, if some words name customers, search these
    customers for the other words. If no word names a customer, search all customers of the person, unless there are too
    many.
    """
    if here is not None:
        return [here], list(words)
    named = Q(pk__in=())
    for word in words:
        named |= Q(name__icontains=word)
    found = list(Tenant.objects.filter(named).order_by("name")[:MAX_SEARCHED_CUSTOMERS])
    best = max((_named(tenant, words) for tenant in found), default=0)
    left = len(words) - best
    if best and left:
        found = [tenant for tenant in found if _named(tenant, words) == best]
        names = " ".join(tenant.name.casefold() for tenant in found)
        return found, [word for word in words if word not in names]
    every = list(Tenant.objects.order_by("name")[: MAX_SEARCHED_CUSTOMERS + 1])
    return (every if len(every) <= MAX_SEARCHED_CUSTOMERS else []), list(words)


def _named(tenant: Tenant, words: Sequence[str]) -> int:
    return sum(word in tenant.name.casefold() for word in words)


def find_findings(tenants: Collection[Tenant], words: Sequence[str], most: int) -> list[Finding]:
    """Return at most `most` visible findings. Each word must occur in the resource, the control or the reason.

    Failures come first, sorted by severity, the most severe first.
    """
    text = " ".join(words)
    if not tenants or len(text) < MIN_CHARACTERS:
        return []
    ids = [tenant.pk for tenant in tenants]
    rows = Finding.objects.filter(_visible(ids, "treatment__owner"), tenant__any_of=ids, gone_at__isnull=True)
    rows = rows.filter(text_filter(tenants if len(ids) > 1 else next(iter(tenants)), text))
    return list(
        rows.select_related("tenant").order_by("outcome_rank", "severity_rank", "control", "id")[:most]
    )


def find_exceptions(
    tenants: Collection[Tenant], words: Sequence[str], most: int
) -> QuerySet[FindingException] | list[FindingException]:
    """Return at most `most` visible exceptions, the newest first. Each word must occur in the reason, a control or the
    name of a resource.
    """
    if not tenants or len(" ".join(words)) < MIN_CHARACTERS:
        return []
    ids = [tenant.pk for tenant in tenants]
    current = scope.current()
    everything = [pk for pk in ids if current.may(Capability.VIEW_ALL, pk)]
    mine = exceptions_of(current.person.pk) if current.person else Q(pk__in=())
    rows = FindingException.objects.filter(Q(tenant__any_of=everything) | mine, tenant__any_of=ids)
    # Search only the names of resources that the person may see. Otherwise, a hit would confirm a guessed name.
    visible = _visible(ids, "finding__treatment__owner")
    for word in words:
        controls = [
            slug
            for slug, control in known_controls().items()
            if word in f"{slug} {control.problem}".casefold()
        ]
        items = ExceptionItem.objects.filter(visible, exception=OuterRef("pk")).filter(
            Q(finding__control__in=controls) | Q(finding__subject_name__icontains=word)
        )
        rows = rows.filter(Q(reason__icontains=word) | Q(control__in=controls) | Exists(items))
    return rows.select_related("tenant").order_by("-requested_at", "pk")[:most]


def find_people(words: Sequence[str], most: int, here: Tenant | None = None) -> list[Person]:
    """Return at most `most` members. Each word must occur in a member's name or email address.

    In customers of which the searching person sees only some findings, no members are found.
    """
    if len(" ".join(words)) < MIN_CHARACTERS:
        return []
    current = scope.current()
    known = [pk for pk in current.tenant_ids if current.may(Capability.VIEW_ALL, pk)]
    if here is not None:
        known = [pk for pk in known if pk == here.pk]
    if not known:
        return []
    organizations = Tenant.objects.filter(pk__in=known).values("organization")
    held = Membership.objects.filter(
        Q(tenant__any_of=known) | Q(tenant__isnull=True, organization__in=organizations),
        Membership.valid_at(timezone.now()),
        person=OuterRef("pk"),
    )
    rows = Person.objects.filter(Exists(held), is_active=True)
    for word in words:
        rows = rows.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return list(rows.order_by("name", "email")[:most])


def _visible(tenant_ids: Collection[UUID], owner: str) -> Q:
    """Return the condition that the person owns the row, or may see every finding of the row's tenant.

    `owner` is the lookup from a row to its owner.
    """
    current = scope.current()
    everything = Q(tenant__any_of=[pk for pk in tenant_ids if current.may(Capability.VIEW_ALL, pk)])
    return everything | Q(**{owner: current.person.pk}) if current.person else everything
