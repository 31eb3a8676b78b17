"""Request, confirm and withdraw erasures of customers and pseudonymisations of people.

A second administrator of the organization must confirm. If there is no second administrator, the operator must confirm.
The erasure starts after the `waiting_period`, in which other administrators can withdraw it.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal import links
from portal.notify.publish import Event, publish
from portal.offboarding.erasures.checks import (
    checked_reason,
    refuse_access,
    refuse_hold_or_work,
    refuse_start,
    require_administrator,
    subject_of,
)
from portal.offboarding.models import Erasure
from portal.offboarding.people.other_organizations import (
    elsewhere_sentence,
    in_other_organizations,
    lock_person,
    worked_elsewhere,
)
from portal.offboarding.people.pseudonymise import new_pseudonym
from portal.offboarding.task_names import RUN_ERASURE
from tenants import journal
from tenants.actors import Actor, System
from tenants.dispatch import enqueue
from tenants.errors import Conflict, PermissionDenied, invalid
from tenants.models import Organization, Person, Tenant
from tenants.people.second_administrators import refuse_new_administrator
from tenants.roles import Role
from tenants.scope import current
from tenants.selectors import people_with_role

_OPERATOR: Final = System("operator")
_REQUESTED: Final = (
    "Another administrator must confirm this request. The request can be withdrawn until the erasure starts."
)
_ADMINISTRATORS: Final = (Role.ORGANIZATION_ADMINISTRATOR, Role.TENANT_ADMINISTRATOR)


@transaction.atomic
def request_erasure(*, tenant: Tenant, by: Actor, name: str, reason: str) -> Erasure:
    """Request the erasure of an archived customer. `name` is the customer's name as the person has typed it.

    Raise InvalidInput if the name or the reason is wrong. Raise Conflict if the customer is not archived, if
    `refuse_hold_or_work` refuses the erasure, or if the erasure was already requested.
    """
    require_administrator(by, tenant.organization_id)
    row = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    row.organization = Organization.objects.get(pk=row.organization_id)
    if " ".join(name.split()) != row.name:
        raise invalid("name", f"Enter exactly the name of the customer: {row.name}.")
    text = checked_reason(reason)
    if not row.is_archived:
        raise Conflict(
            f"{row.name} is not archived. Archive the customer first.", code="customer_not_archived"
        )
    refuse_hold_or_work(row)
    salt = secrets.token_hex(16)
    pseudonym = customer_pseudonym(salt, row.pk)
    erasure = create_erasure(
        row.organization, Erasure.Kind.CUSTOMER, row.pk, by, text, pseudonym=pseudonym, salt=salt
    )
    journal.record(
        tenant=row,
        actor=by,
        action="erasure.requested",
        target=f"erasure:{erasure.pk}",
        details={"reason": text},
    )
    _notify(row, erasure, by, "requested", _REQUESTED)
    return erasure


@transaction.atomic
def request_pseudonymisation(
    *, organization: Organization, person: Person, by: Actor, reason: str
) -> Erasure:
    """Request the pseudonymisation of a person without access.

    Raise Conflict if the person still has access. Also raise Conflict if the person had a role in several
    organizations, because only the operator can request the pseudonymisation in all of them
    (`all_organizations.request_everywhere`).
    """
    require_administrator(by, organization.pk)
    text = checked_reason(reason)
    who = lock_person(person.pk)
    refuse_access(organization, who)
    if worked_elsewhere(organization, who):
        raise Conflict(elsewhere_sentence(who), code="person_elsewhere")
    return create_erasure(organization, Erasure.Kind.PERSON, who.pk, by, text, pseudonym=new_pseudonym())


@transaction.atomic
def confirm_erasure(*, erasure: Erasure, by: Actor) -> Erasure:
    """Confirm an erasure that another person has requested. The erasure starts after the organization's waiting period.

    Raise PermissionDenied if `by` requested the erasure, or is an administrator whose role is too new. Raise Conflict
    if the erasure no longer waits for a confirmation.
    """
    require_administrator(by, erasure.organization_id)
    organization = Organization.objects.get(pk=erasure.organization_id)
    row = _locked(erasure)
    if row.state != Erasure.State.REQUESTED:
        raise Conflict(
            "This erasure no longer waits for a confirmation. Reload the page.", code="not_waiting"
        )
    who = by.pk if isinstance(by, Person) else None
    if who == row.requested_by_id:
        message = (
            "You made this request, so someone else must confirm it: another administrator or, with a command, the"
            " operator of Surety."
        )
        if who is None:
            message = (
                "The operator made this request, so an administrator must confirm it on the page Erasures."
            )
        raise PermissionDenied(message, code="not_second_administrator")
    if isinstance(by, Person):
        refuse_new_administrator(by, organization)
    refuse_start(row)
    row.state, row.confirmed_at = Erasure.State.CONFIRMED, timezone.now()
    row.confirmed_by = by if isinstance(by, Person) else None
    row.save(update_fields=["state", "confirmed_at", "confirmed_by"])
    row.refresh_from_db(fields=["confirmed_at", "not_before"])  # A database trigger sets these columns.
    _record(row, organization, by, "erasure.confirmed")
    if row.is_customer:
        _notify(_tenant(row), row, by, "confirmed", _starts(row))
    if row.is_due:
        enqueue(RUN_ERASURE, row.organization_id, row.pk)
    return row


@transaction.atomic
def withdraw_erasure(*, erasure: Erasure, by: Actor) -> Erasure:
    """Withdraw an erasure. Raise Conflict if it has started.

    A pseudonymisation counts as started as soon as one of the organizations has started it. If several organizations
    have requested the pseudonymisation of the same person, the requests of the other organizations are withdrawn within
    ten minutes (`all_organizations.withdraw_abandoned`).
    """
    require_administrator(by, erasure.organization_id)
    organization = Organization.objects.get(pk=erasure.organization_id)
    row = _locked(erasure)
    if not row.can_withdraw or (
        not row.is_customer and any(one.has_started for one in in_other_organizations(row))
    ):
        raise Conflict("This erasure has already started, so it cannot be withdrawn.", code="erasure_started")
    withdraw_row(row, organization, by, "The customer stays archived.")
    return row


@transaction.atomic
def start_due_erasure(*, erasure: Erasure, by: Actor) -> None:
    """Send a confirmed erasure to a worker now, without waiting for the check that runs every ten minutes.

    Raise Conflict if the erasure is not confirmed, has already started, or is still in its waiting period.
    """
    require_administrator(by, erasure.organization_id)
    row = _locked(erasure)
    if row.state != Erasure.State.CONFIRMED:
        raise Conflict(
            "This erasure is not confirmed, or it has already started. Reload the page.",
            code="not_waiting",
        )
    if not row.is_due:
        raise Conflict(_starts(row), code="waiting_period")
    enqueue(RUN_ERASURE, row.organization_id, row.pk)


def withdraw_of_restored(tenant: Tenant, by: Actor) -> None:
    """Withdraw the erasure of a customer that is being restored. Otherwise, the erasure could start after the customer
    is archived again.

    If the scope does not include the customer's organization, a trigger withdraws the erasure instead, without a
    journal entry or notice.
    """
    if tenant.organization_id not in current().organization_ids:
        return
    waiting = (Erasure.State.REQUESTED, Erasure.State.CONFIRMED)
    rows = Erasure.objects.select_for_update(of=("self",))
    for row in rows.filter(kind=Erasure.Kind.CUSTOMER, subject=tenant.pk, state__in=waiting):
        organization = Organization.objects.get(pk=row.organization_id)
        withdraw_row(row, organization, by, "The customer was restored.")


def withdraw_row(
    row: Erasure, organization: Organization, by: Actor, line: str, *, problem: str = ""
) -> None:
    """Withdraw an erasure that has not started and whose row the caller has locked.

    `line` is a sentence for the notice to the administrators; the page of the erasure shows `problem`.
    """
    row.state, row.ended_at, row.problem = Erasure.State.WITHDRAWN, timezone.now(), problem
    row.withdrawn_by = by if isinstance(by, Person) else None
    row.save(update_fields=["state", "ended_at", "withdrawn_by", "problem"])
    _record(row, organization, by, "erasure.withdrawn")
    if row.is_customer:
        _notify(_tenant(row), row, by, "withdrawn", line)


def announce_waiting(*, organization_id: UUID) -> None:
    """Notify the administrators of each requested or confirmed erasure of a customer, if they have not been notified
    yet. In this way, the administrators also learn of erasures that somebody stored directly in the database.

    Needs the organization's scope.
    """
    rows = Erasure.objects.filter(organization=organization_id, kind=Erasure.Kind.CUSTOMER)
    rows = rows.filter(state__in=(Erasure.State.REQUESTED, Erasure.State.CONFIRMED))
    for row in rows.select_related("requested_by", "confirmed_by").defer("certificate"):
        tenant = _tenant(row)
        _notify(tenant, row, row.requested_by or _OPERATOR, "requested", _REQUESTED)
        if row.state == Erasure.State.CONFIRMED:
            _notify(tenant, row, row.confirmed_by or _OPERATOR, "confirmed", _starts(row))


@transaction.atomic
def record_certificate_download(*, erasure: Erasure, by: Actor) -> None:
    """Record the download of a certificate in the organization's journal."""
    organization = Organization.objects.get(pk=erasure.organization_id)
    _record(erasure, organization, by, "erasure.certificate_downloaded", sha256=erasure.certificate_sha256)


@transaction.atomic
def delete_old_certificates(*, organization_id: UUID) -> int:
    """Delete the certificates of erasures whose download period has ended. Afterwards, the register of erasures no
    longer names these customers.
    """
    old = Erasure.objects.filter(organization=organization_id, certificate_until__lte=timezone.now())
    return old.exclude(certificate=None).update(certificate=None)


def customer_pseudonym(salt: str, tenant_id: UUID) -> str:
    """Return the pseudonym under which the register of erasures lists an erased customer.

    To check whether a pseudonym belongs to a customer, a person needs the salt, which is in the certificate of the
    erasure.
    """
    return hashlib.sha256(f"{salt}{tenant_id}".encode()).hexdigest()


def create_erasure(
    organization: Organization,
    kind: Erasure.Kind,
    subject: UUID,
    by: Actor,
    reason: str,
    *,
    pseudonym: str,
    salt: str = "",
) -> Erasure:
    try:
        with transaction.atomic():
            erasure = Erasure.objects.create(
                organization=organization,
                kind=kind,
                subject=subject,
                pseudonym=pseudonym,
                salt=salt,
                reason=reason,
                requested_by=by if isinstance(by, Person) else None,
                requested_at=timezone.now(),
            )
    except IntegrityError as error:
        if "leaving_erasure_one_at_a_time" not in str(error):
            raise
        raise Conflict("This erasure was already requested. Reload the page.", code="erasure_open") from None
    _record(erasure, organization, by, "erasure.requested")
    return erasure


def _starts(erasure: Erasure) -> str:
    if erasure.not_before is None:
        raise Conflict("This erasure is not confirmed. Reload the page.", code="not_confirmed")
    return (
        f"The erasure starts on {erasure.not_before:%Y-%m-%d at %H:%M} UTC and can be withdrawn until then."
    )


def _locked(erasure: Erasure) -> Erasure:
    """Lock the row of an erasure and return it. For a pseudonymisation, lock the person first, so that only one
    organization at a time decides about the person.
    """
    if not erasure.is_customer and erasure.subject is not None:
        lock_person(erasure.subject)
    return Erasure.objects.select_for_update(of=("self",)).get(pk=erasure.pk)


def _tenant(erasure: Erasure) -> Tenant:
    return Tenant.objects.get(pk=subject_of(erasure))


def _record(erasure: Erasure, organization: Organization, by: Actor, action: str, **details: str) -> None:
    """Record a step of an erasure in the organization's journal. The entry outlives the erasure, so it does not name
    the customer.
    """
    journal.record(
        organization=organization,
        actor=by,
        action=action,
        target=f"erasure:{erasure.pk}",
        details={"kind": erasure.kind, **details},
    )


def _notify(tenant: Tenant, erasure: Erasure, by: Actor, what: str, line: str) -> None:
    organization = Organization.objects.get(pk=erasure.organization_id)
    tenant.organization = organization
    publish(
        tenant=tenant,
        event=Event(
            kind="customer_erasure",
            key=f"erasure:{erasure.pk}:{what}",
            title=f"The erasure of {tenant.name} was {what}",
            lines=(line,),
            path=links.erasure(organization.slug, erasure.pk),
        ),
        subscribers=people_with_role(tenant, _ADMINISTRATORS),
        by=by,
    )
