"""Treatments of the demonstration: acknowledgements, comments, exceptions and attestations.

Each treatment is made by the action that the pages call, on behalf of a person with the right role.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.actions.acknowledge import acknowledge
from portal.treatment.actions.attestations.attest import attest
from portal.treatment.actions.comments import add_comment
from portal.treatment.actions.exceptions import approve, request_exception
from portal.treatment.models import ExceptionItem, FindingException
from tenants.models import Person, Tenant

Scope = FindingException.Scope
ANONYMOUS = "storage-anonymous-access-disallowed"
# The validity of one exception and one attestation, so short that they expire during the demonstration. The periodic
# task (“tick”) lets them expire up to a minute after their end.
ENDS_SOON = timedelta(seconds=20)
OPEN_PORTS = ("network-ssh-from-internet", "network-rdp-from-internet")


@dataclass(frozen=True, slots=True)
class Actors:
    """The people who make the treatments."""

    engineer: Person
    owner: Person
    approver: Person
    customer: Person


def load_actors() -> Actors:
    """Return the people who make the treatments. The local parts of their email addresses identify them."""

    def person(local_part: str) -> Person:
        return Person.objects.get(email__startswith=f"{local_part}@")

    return Actors(person("engineer"), person("owner"), person("approver"), person("customer"))


def seed_large_customer(tenant: Tenant, people: Actors) -> Finding | None:
    """Add treatments to findings of the large customer, which has an owner and an approver.

    Returns a finding about an open port, for which an exception was approved, or None if there is no such finding. The
    caller changes the finding's observed value.
    """
    now = timezone.now()
    owned = without_exception(failing(tenant).filter(treatment__owner=people.owner))
    planned = owned.filter(section="storage").order_by("severity_rank", "control", "id")[:3]
    acknowledge(
        tenant=tenant,
        findings=Finding.objects.filter(pk__in=[finding.pk for finding in planned]),
        by=people.owner,
        plan="We fix this in the next release of the platform templates.",
        planned_for=(now + timedelta(days=14)).date(),
    )
    if (first := owned.filter(section="storage").order_by("severity_rank", "id").first()) is not None:
        add_comment(
            finding=first,
            by=people.owner,
            body=f"@{people.engineer.email} The old uploader needs this until the release. Is that OK?",
        )
        add_comment(
            finding=first,
            by=people.engineer,
            body="Yes, we accept this until the release. Please tell us when the release is out.",
        )
    open_port = owned.filter(control__in=OPEN_PORTS).order_by("control", "id").first()
    if open_port is not None:
        exception = request_exception(
            tenant=tenant,
            by=people.owner,
            scope=Scope.FINDING,
            findings=Finding.objects.filter(pk=open_port.pk),
            reason="This is the jump host of the logistics partner, who connects from changing addresses.",
            compensating_control="People can sign in only with keys and at most five times per hour. The log is"
            " reviewed every week.",
            ends_at=now + timedelta(days=60),
        )
        approve(
            exception=exception, by=people.approver, note="Approved until the partner has a fixed address."
        )
    not_rotated = without_exception(failing(tenant).filter(control="storage-key-rotation")).order_by("id")[:5]
    if not_rotated:
        exception = request_exception(
            tenant=tenant,
            by=people.owner,
            scope=Scope.LIST,
            findings=Finding.objects.filter(pk__in=[finding.pk for finding in not_rotated]),
            reason="The accounts move to the new key vault next week. After that, the vault rotates their keys.",
            ends_at=now + timedelta(days=10),
        )
        approve(exception=exception, by=people.approver, note="Approved for ten days only.")
    plain_http = owned.filter(control="storage-secure-transfer").order_by("id").last()
    if plain_http is not None:
        exception = request_exception(
            tenant=tenant,
            by=people.owner,
            scope=Scope.FINDING,
            findings=Finding.objects.filter(pk=plain_http.pk),
            reason="The warehouse scanners use plain HTTP. The scanners will be replaced today.",
            ends_at=timezone.now() + ENDS_SOON,
        )
        approve(exception=exception, by=people.approver, note="Approved for today only.")
    anonymous = failing(tenant).filter(control=ANONYMOUS).count()
    request_exception(
        tenant=tenant,
        by=people.engineer,
        scope=Scope.RULE,
        rule={"control": ANONYMOUS},
        reason="These accounts serve the customer’s public web sites.",
        compensating_control="The accounts hold public files only; their containers are reviewed every month.",
        ends_at=now + timedelta(days=90),
        maximum=max(1, anonymous + 2),
    )
    return open_port


def seed_small_customer(tenant: Tenant, people: Actors) -> None:
    """Attest manual controls of the small customer, in the name of the customer's administrator."""
    manual = Finding.objects.filter(
        tenant=tenant, outcome="manual", gone_at__isnull=True, treatment__attestation__isnull=True
    )
    periods = (timedelta(days=350), timedelta(days=20), ENDS_SOON)
    for period, finding in zip(periods, manual.order_by("control", "id"), strict=False):
        attest(
            finding=finding,
            by=people.customer,
            met=True,
            statement="Checked in the quarterly review with the provider; the minutes are archived.",
            valid_until=timezone.now() + period,
        )


def failing(tenant: Tenant) -> QuerySet[Finding]:
    return Finding.objects.filter(tenant=tenant, outcome="fail", gone_at__isnull=True)


def without_exception(findings: QuerySet[Finding]) -> QuerySet[Finding]:
    """Return the findings for which no exception was ever requested."""
    return findings.exclude(pk__in=ExceptionItem.objects.values("finding"))
