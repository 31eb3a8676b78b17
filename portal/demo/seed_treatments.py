"""What the demonstration's people have done already: owners, acknowledgements, exceptions, attestations.

Everything goes through the actions that the pages call, each by the person whose role it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.actions.acknowledge import acknowledge
from portal.treatment.actions.attestations import attest
from portal.treatment.actions.comments import add_comment
from portal.treatment.actions.exceptions import approve, request_exception
from portal.treatment.actions.rules import apply_rules, create_rule
from portal.treatment.models import FindingException
from tenants.models import Person, Tenant

Scope = FindingException.Scope
ANONYMOUS = "storage-anonymous-access-disallowed"
# So soon does an end come that is to be seen: the next pass of the workers, within a minute, acts on it.
AT_ONCE = timedelta(seconds=20)
OPEN_PORTS = ("network-ssh-from-internet", "network-rdp-from-internet")


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts."""

    engineer: Person
    owner: Person
    approver: Person
    customer: Person


def cast() -> Cast:
    """The demonstration's people, by their addresses."""

    def one(start: str) -> Person:
        return Person.objects.get(email__startswith=f"{start}@")

    return Cast(one("engineer"), one("owner"), one("approver"), one("customer"))


def seed_large_customer(tenant: Tenant, people: Cast) -> Finding | None:
    """The customer with an owner and an approver. → the finding whose approved value is about to change."""
    now = timezone.now()
    for name, section in (("Storage", "storage"), ("Networks", "network")):
        create_rule(tenant=tenant, by=people.engineer, name=name, owner=people.owner, section=section)
    apply_rules(tenant=tenant, by=people.engineer)
    mine = _failing(tenant).filter(treatment__owner=people.owner)
    taken = mine.filter(section="storage").order_by("severity_rank", "control", "id")[:3]
    acknowledge(
        tenant=tenant,
        findings=Finding.objects.filter(pk__in=[finding.pk for finding in taken]),
        by=people.owner,
        plan="Changed together with the next release of the platform templates.",
        planned_for=(now + timedelta(days=14)).date(),
    )
    if (first := mine.filter(section="storage").order_by("severity_rank", "id").first()) is not None:
        add_comment(
            finding=first,
            by=people.owner,
            body=f"@{people.engineer.email} the old uploader still needs this until the release. Is that all right?",
        )
        add_comment(
            finding=first, by=people.engineer, body="Until then yes. Please tell us when the release is out."
        )
    port = mine.filter(control__in=OPEN_PORTS).order_by("control", "id").first()
    if port is not None:
        asked = request_exception(
            tenant=tenant,
            by=people.owner,
            scope=Scope.FINDING,
            findings=Finding.objects.filter(pk=port.pk),
            reason="Jump host of the logistics partner, who comes from changing addresses.",
            compensating_control="Keys only, five tries an hour, and the log is read every week.",
            ends_at=now + timedelta(days=60),
        )
        approve(exception=asked, by=people.approver, note="Agreed until the partner has a fixed address.")
    rotated = _failing(tenant).filter(control="storage-key-rotation").order_by("id")[:5]
    if rotated:
        asked = request_exception(
            tenant=tenant,
            by=people.owner,
            scope=Scope.LIST,
            findings=Finding.objects.filter(pk__in=[finding.pk for finding in rotated]),
            reason="The keys are rotated by the new vault, which takes these accounts over next week.",
            ends_at=now + timedelta(days=10),
        )
        approve(exception=asked, by=people.approver, note="Ten days, not longer.")
    plain = mine.filter(control="storage-secure-transfer").order_by("id").last()
    if plain is not None:
        asked = request_exception(
            tenant=tenant,
            by=people.owner,
            scope=Scope.FINDING,
            findings=Finding.objects.filter(pk=plain.pk),
            reason="The scanners of the warehouse speak plain HTTP until they are exchanged today.",
            ends_at=now + AT_ONCE,
        )
        approve(exception=asked, by=people.approver, note="For today only.")
    public = _failing(tenant).filter(control=ANONYMOUS).count()
    request_exception(
        tenant=tenant,
        by=people.engineer,
        scope=Scope.RULE,
        rule={"control": ANONYMOUS},
        reason="The public sites of the customer are read from these accounts by everybody.",
        compensating_control="The sites hold public files only; their containers are looked at every month.",
        ends_at=now + timedelta(days=90),
        maximum=max(1, public + 2),
    )
    return port


def seed_small_customer(tenant: Tenant, people: Cast) -> None:
    """The tidy customer, whose administrator answers what only a person can."""
    now = timezone.now()
    manual = Finding.objects.filter(tenant=tenant, outcome="manual", gone_at__isnull=True)
    ends = (timedelta(days=350), timedelta(days=20), AT_ONCE)
    for end, finding in zip(ends, manual.order_by("control", "id"), strict=False):
        attest(
            finding=finding,
            by=people.customer,
            met=True,
            statement="Looked at in the quarterly review with the provider; the minutes are in the archive.",
            valid_until=now + end,
        )


def _failing(tenant: Tenant) -> QuerySet[Finding]:
    return Finding.objects.filter(tenant=tenant, outcome="fail", gone_at__isnull=True)
