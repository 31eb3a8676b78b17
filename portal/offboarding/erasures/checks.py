"""Checks before the request and before the start of an erasure or pseudonymisation. Each check raises an error if the
action is not permitted at the moment.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from assessments.models import Assessment
from portal.offboarding.erasures.shared_reports import refuse_held_reports
from portal.offboarding.models import CustomerExport, Erasure
from portal.offboarding.people.other_organizations import (
    WITHDRAWN_ELSEWHERE,
    in_other_organizations,
)
from portal.offboarding.people.pseudonymise import PSEUDONYM_DOMAIN
from portal.reports.models import Report
from portal.retention.selectors import hold_of
from tenants.actors import Actor, System
from tenants.errors import Conflict, PermissionDenied, invalid
from tenants.models import Membership, Organization, Person, Tenant
from tenants.roles import Capability
from tenants.scope import current, roles_everywhere
from tenants.values.visible_text import is_blank

MAX_REASON: Final = 500
REGAINED: Final = "person_regained_access"


def refuse_start(erasure: Erasure, *, confirmed: bool = False) -> None:
    """Raise Conflict if the customer may not be erased now, or the person may not be pseudonymised now.

    Set `confirmed` if the confirmed erasure is about to start. Then a pseudonymisation is also refused until all other
    organizations in which the person had a role permit the start (`Other.may_start`).
    """
    if erasure.is_customer:
        # Lock the customer. Transactions that restore the customer or place a legal hold take the same lock, so this
        # transaction waits until they have ended.
        tenant = Tenant.objects.select_for_update(no_key=True).get(pk=subject_of(erasure))
        if not tenant.is_archived:
            raise Conflict(
                f"{tenant.name} is no longer archived, so it cannot be erased.",
                code="customer_not_archived",
            )
        refuse_hold_or_work(tenant)
    else:
        organization = Organization.objects.get(pk=erasure.organization_id)
        person = Person.objects.get(pk=subject_of(erasure))
        refuse_access(organization, person)
        others = in_other_organizations(erasure)
        back = Membership.objects.filter(person=person, created_at__gte=erasure.requested_at).exists()
        # A role that was granted after the request prevents the start. But if the pseudonymisation has started in one
        # organization, it must start in all of them, because a pseudonymisation cannot be undone.
        if (back or any(one.has_returned for one in others)) and not any(one.has_started for one in others):
            raise Conflict(
                f"{person} got access again after this request, so the request is no longer valid. Withdraw it. If"
                " the person should still be pseudonymised, make a new request.",
                code=REGAINED,
            )
        if any(one.is_abandoned for one in others):
            raise Conflict(WITHDRAWN_ELSEWHERE, code="withdrawn_elsewhere")
        if confirmed and not all(one.may_start for one in others):
            raise Conflict(
                f"{person} also had a role in another organization. The pseudonymisation starts after an"
                " administrator of each organization has confirmed it and all waiting periods have ended.",
                code="waits_for_others",
            )


def refuse_access(organization: Organization, person: Person) -> None:
    """Raise Conflict if the person may not be pseudonymised.

    Reasons: the person has a role now or will have one later, a role of the person waits for a confirmation, the person
    never had a role in this organization, or the person is already pseudonymised.
    """
    if roles_everywhere(person):
        raise Conflict(
            f"{person} still has access. End every access of the person first.", code="person_has_access"
        )
    if organization.pk not in {place for place, _, _ in roles_everywhere(person, ended=True)}:
        raise Conflict("This person has never had a role in this organization.", code="person_unknown")
    if person.email.endswith(PSEUDONYM_DOMAIN):
        raise Conflict("This person is already pseudonymised.", code="person_pseudonymised")


def checked_reason(reason: str) -> str:
    text = " ".join(reason.split())
    if is_blank(text) or len(text) > MAX_REASON or not text.isprintable():
        raise invalid("reason", f"Enter a reason of 1 to {MAX_REASON} characters.")
    return text


def refuse_hold_or_work(tenant: Tenant) -> None:
    """Raise Conflict if the customer is on legal hold, or if an assessment, report or export of the customer is
    unfinished. Also raise Conflict if a portfolio report on the customer also covers another customer that is on legal
    hold, because the erasure would delete this report.
    """
    if hold_of(tenant) is not None:
        raise Conflict(
            f"{tenant.name} is on legal hold. Lift the legal hold under Settings › Retention first. The hold"
            " ends seven days after you lift it.",
            code="customer_on_hold",
        )
    refuse_held_reports(tenant)
    active = (Assessment.State.QUEUED, Assessment.State.RUNNING)
    busy = {
        "an assessment": Assessment.objects.filter(tenant=tenant, state__in=active),
        "a report": Report.objects.filter(tenant=tenant, state=Report.State.BUILDING),
        "an export": CustomerExport.objects.filter(tenant=tenant, state__in=CustomerExport.ACTIVE),
    }
    if running := [what for what, rows in busy.items() if rows.exists()]:
        verb, them = ("is", "it") if len(running) == 1 else ("are", "them")
        raise Conflict(
            f"{' and '.join(running).capitalize()} of {tenant.name} {verb} not finished. Wait, or cancel {them}.",
            code="customer_busy",
        )


def require_administrator(by: Actor, organization_id: UUID) -> None:
    """Raise PermissionDenied if `by` is a person without the right OFFBOARD in the whole organization."""
    if isinstance(by, System):
        return
    opened = current()
    if opened.person != by or not opened.may_in_organization(Capability.OFFBOARD, organization_id):
        raise PermissionDenied(
            "Only administrators of the organization can manage erasures and pseudonymisations.",
            code="not_administrator",
        )


def subject_of(erasure: Erasure) -> UUID:
    if erasure.subject is None:
        raise Conflict("This erasure has ended. Reload the page.", code="erasure_finished")
    return erasure.subject
