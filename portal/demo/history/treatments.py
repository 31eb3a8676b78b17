"""Let people act during the history: they assign owners, make plans, request exceptions, attest findings and add a
channel.

The functions call the same actions as the pages, on the given day, for a person with the right role.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from assessments.models import Finding
from portal.demo.seed_treatments import ANONYMOUS, OPEN_PORTS, Actors, failing, without_exception
from portal.notify.actions.channels import add_channel
from portal.notify.models import Channel
from portal.treatment.actions.acknowledge import acknowledge
from portal.treatment.actions.attestations.attest import attest
from portal.treatment.actions.comments import add_comment
from portal.treatment.actions.exceptions import approve, refuse, request_exception
from portal.treatment.actions.owners.rules import apply_rules, create_rule
from portal.treatment.models import FindingException
from tenants.models import Person, Tenant

Scope = FindingException.Scope


@dataclass(frozen=True, slots=True)
class Scene:
    """The values that an event of the history needs: the customer, the people, and the address of the sandbox."""

    tenant: Tenant
    people: Actors
    sandbox_url: str


type Act = Callable[[Scene], None]


def _assign_by_rules(scene: Scene) -> None:
    people = scene.people
    for name, section in (("Storage", "storage"), ("Networks", "network")):
        create_rule(tenant=scene.tenant, by=people.engineer, name=name, owner=people.owner, section=section)
    apply_rules(tenant=scene.tenant, by=people.engineer)


def _plan_that_passes(scene: Scene) -> None:
    """Acknowledge findings with a plan whose date has passed by the end of the history."""
    found = without_exception(failing(scene.tenant).filter(section="storage")).order_by("control", "id")[:4]
    acknowledge(
        tenant=scene.tenant,
        findings=Finding.objects.filter(pk__in=[finding.pk for finding in found]),
        by=scene.people.owner,
        plan="We move the data to the new landing zone, then delete these storage accounts.",
        planned_for=(timezone.now() + timedelta(days=25)).date(),
    )


def _except(scene: Scene, control: str, days: int, reason: str, note: str, requester: Person) -> None:
    finding = without_exception(failing(scene.tenant).filter(control=control)).order_by("id").first()
    if finding is None:
        return
    exception = request_exception(
        tenant=scene.tenant,
        by=requester,
        scope=Scope.FINDING,
        findings=Finding.objects.filter(pk=finding.pk),
        reason=reason,
        ends_at=timezone.now() + timedelta(days=days),
    )
    approve(exception=exception, by=scene.people.approver, note=note)


def _exception_that_expires(scene: Scene) -> None:
    _except(
        scene,
        "storage-secure-transfer",
        55,
        "The route planner of a partner uploads over HTTP until its next version.",
        "Approved until the partner has updated.",
        scene.people.owner,
    )


def _exception_of_another_customer(scene: Scene) -> None:
    _except(
        scene,
        ANONYMOUS,
        40,
        "The account serves the public trailers of the film festival.",
        "Approved for the season of the festival.",
        scene.people.engineer,
    )


def _refused_exception(scene: Scene) -> None:
    finding = (
        without_exception(failing(scene.tenant).filter(control="storage-sas-https-only"))
        .order_by("id")
        .last()
    )
    if finding is None:
        return
    exception = request_exception(
        tenant=scene.tenant,
        by=scene.people.owner,
        scope=Scope.FINDING,
        findings=Finding.objects.filter(pk=finding.pk),
        reason="Nobody has asked us to fix this.",
        ends_at=timezone.now() + timedelta(days=90),
    )
    refuse(
        exception=exception,
        by=scene.people.approver,
        note="The failure can be fixed, so there is no reason for an exception.",
    )


def _exception_that_returns(scene: Scene) -> None:
    """Request and approve an exception for open ports. Later changes of some network rules return the exception to the
    approver.
    """
    found = without_exception(failing(scene.tenant).filter(control__in=OPEN_PORTS)).order_by(
        "-control", "-id"
    )[:4]
    if not found:
        return
    exception = request_exception(
        tenant=scene.tenant,
        by=scene.people.owner,
        scope=Scope.LIST,
        findings=Finding.objects.filter(pk__in=[finding.pk for finding in found]),
        reason="Technicians reach the depots over these ports until the private network is ready.",
        compensating_control="Accounts are locked after five attempts; the log is reviewed every week.",
        ends_at=timezone.now() + timedelta(days=45),
    )
    approve(
        exception=exception, by=scene.people.approver, note="Approved until the private network is ready."
    )


def _attest(scene: Scene, by: Person, days: tuple[int, ...], statement: str) -> None:
    """For each number in `days`, attest one manual control. The attestation is valid for this number of days."""
    manual = Finding.objects.filter(
        tenant=scene.tenant, outcome="manual", gone_at__isnull=True, treatment__attestation__isnull=True
    )
    for number, finding in zip(days, manual.order_by("-control", "-id"), strict=False):
        attest(
            finding=finding,
            by=by,
            met=True,
            statement=statement,
            valid_until=timezone.now() + timedelta(days=number),
        )


def _attest_reviews(scene: Scene) -> None:
    statement = "Reviewed with the customer; the minutes are in the customer’s share."
    _attest(scene, scene.people.engineer, (45, 45, 60, 90, 90, 95, 180, 180), statement)


def _attest_quarter(scene: Scene) -> None:
    _attest(scene, scene.people.customer, (40, 84, 300), "Checked in the quarterly review with the provider.")


def _ask_owner(scene: Scene) -> None:
    finding = (
        failing(scene.tenant)
        .filter(treatment__owner=scene.people.owner)
        .order_by("severity_rank", "id")
        .first()
    )
    if finding is None:
        return
    body = f"@{scene.people.owner.email} This is overdue. Who can close it?"
    add_comment(finding=finding, by=scene.people.engineer, body=body)
    add_comment(
        finding=finding,
        by=scene.people.owner,
        body="The network team corrects this after the move of the depots.",
    )


def _unreachable_channel(scene: Scene) -> None:
    """Add a channel whose receiver answers 404, so that its deliveries fail."""
    add_channel(
        tenant=scene.tenant,
        by=scene.people.engineer,
        name="Ticket system",
        kind=Channel.Kind.WEBHOOK,
        address=f"{scene.sandbox_url}/_sandbox/hooks/tickets",
        kinds=["exception_returned", "exception_ending", "exception_ended", "attestation_lapsed"],
    )


# The acts of the history, by the customer's short name: the number of days before today, and the function that acts.
ACTS: dict[str, tuple[tuple[int, Act], ...]] = {
    "fabrikam": ((80, _attest_quarter),),
    "contoso": (
        (87, _assign_by_rules),
        (83, _attest_reviews),
        (80, _plan_that_passes),
        (73, _exception_that_expires),
        (71, _refused_exception),
        (40, _ask_owner),
        (22, _unreachable_channel),
        (16, _exception_that_returns),
    ),
    "tailspin": ((58, _exception_of_another_customer),),
}
