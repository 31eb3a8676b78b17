"""Manage access: grant, change and revoke memberships.

Actions and database triggers keep people from granting themselves a role or inviting themselves. A second administrator
must confirm each role in `tenants.roles.NEEDS_SECOND_ADMINISTRATOR` (`tenants.actions.confirmations`), unless the
operator grants the role.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tenants import journal, scope
from tenants.actions.access_periods import check_period, check_review, check_start
from tenants.actors import Actor, System
from tenants.auditors.review_periods import ReviewPeriod
from tenants.errors import Conflict, PermissionDenied, invalid
from tenants.models import Membership, Organization, Person, Tenant
from tenants.people.pseudonymised import no_access_once_pseudonymised
from tenants.roles import NEEDS_SECOND_ADMINISTRATOR, ORGANIZATION_ROLES, Capability, Role


@transaction.atomic
def grant_membership(
    *,
    by: Actor,
    person: Person,
    organization: Organization,
    role: Role,
    tenant: Tenant | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    review: ReviewPeriod | None = None,
    operator_confirms: bool = True,
    replaces: Membership | None = None,
) -> Membership:
    """Grant a person a role in a tenant, or an organization role in the organization as a whole.

    `review` is the review period of an auditor, who reads only the records of this period. A role that needs a second
    administrator gets the confirmation `waiting`, unless the operator grants the role and `operator_confirms` is true.
    If `replaces` is given, the journal records that the new role replaces this membership, and the caller must end the
    membership (`end_replaced`).
    """
    role = check_place(by, organization, tenant, role)
    start = valid_from or timezone.now()
    check_start(start, "valid_from")
    check_period(role, start, valid_until, "valid_until")
    check_review(role, review)
    if isinstance(by, Person) and by.pk == person.pk:
        raise to_oneself("person")
    # Only check that the organization is in the open scope: the query raises NoScope or DoesNotExist if not.
    Organization.objects.get(pk=organization.pk)
    same = Membership.objects.filter(person=person, organization=organization, tenant=tenant, role=role)
    overlapping = [
        membership
        for membership in same
        if membership.confirmation != Membership.Confirmation.REFUSED
        and (membership.valid_until is None or membership.valid_until > start)
        and (valid_until is None or membership.valid_from < valid_until)
    ]
    if overlapping:
        raise Conflict(
            f"{person} already has the role {role.label.lower()} in this period."
            " Change the dates, or revoke the role first.",
            code="already_member",
        )
    with no_access_once_pseudonymised(person):
        membership = Membership.objects.create(
            person=person,
            organization=organization,
            tenant=tenant,
            role=role,
            valid_from=start,
            valid_until=valid_until,
            review_first=review.first if review else None,
            review_last=review.last if review else None,
            granted_by=by if isinstance(by, Person) else None,
            **confirmation_fields(role, operator=isinstance(by, System) and operator_confirms),
        )
    details = {
        "person": person.email,
        "role": role,
        "valid_from": start,
        "valid_until": valid_until,
        **review_detail(review),
        **confirmation_detail(membership),
        **({"replaces": str(replaces.pk), "former_role": replaces.role} if replaces else {}),
    }
    record(by, organization, tenant, "membership.granted", membership, details)
    return membership


def require_another_administrator(organization: Organization, person_id: UUID) -> None:
    """Raise Conflict if the organization has no active administrator other than this person.

    First lock the memberships of all administrators. Then, with a second query, read which administrators are active.
    If two transactions do this at the same time, the second transaction waits for the lock, and then reads the data
    that the first transaction has committed. With only one query, PostgreSQL would read only the locked memberships
    again after the wait, and not notice that the other transaction has disabled an account.
    """
    lock_administrators(organization)
    others = _administrators(organization).filter(Membership.valid_at(timezone.now()), person__is_active=True)
    if not others.exclude(person=person_id).exists():
        raise Conflict(
            "This person is the organization’s last administrator. Appoint another administrator first.",
            code="last_administrator",
        )


def _administrators(organization: Organization) -> QuerySet[Membership]:
    return Membership.objects.filter(organization=organization, role=Role.ORGANIZATION_ADMINISTRATOR)


def lock_administrators(organization: Organization) -> None:
    """Lock the memberships of all administrators, in the order of their ids.

    Call this before other memberships are locked. Otherwise, two transactions could deadlock.
    """
    list(_administrators(organization).order_by("pk").select_for_update(of=("self",)).values_list("pk"))


@transaction.atomic
def revoke_membership(*, by: Actor, membership: Membership) -> Membership | None:
    """End a membership now. If the membership has not started yet, delete it and return None.

    Raise Conflict for the last administrator of an organization, because nobody could appoint another administrator.
    """
    if membership.role == Role.ORGANIZATION_ADMINISTRATOR:
        lock_administrators(membership.organization)
    row = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    now = timezone.now()
    role = check_place(by, row.organization, row.tenant, Role(row.role))
    ended = row.valid_until is not None and row.valid_until <= now
    if ended or row.confirmation == Membership.Confirmation.REFUSED:
        raise Conflict("This access has already ended. Reload the page.", code="already_ended")
    if role is Role.ORGANIZATION_ADMINISTRATOR:
        require_another_administrator(row.organization, row.person_id)
    details = {"person": row.person.email, "role": row.role, "valid_from": row.valid_from}
    if row.valid_from >= now:
        record(by, row.organization, row.tenant, "membership.revoked", row, details)
        row.delete()
        return None
    row.valid_until = now
    # All actions write to the organization's journal before the journals of customers, so that they cannot deadlock.
    # Saving sends a signal whose receiver can write to the organization's journal, so save first.
    row.save(update_fields=["valid_until"])
    record(by, row.organization, row.tenant, "membership.revoked", row, details)
    return row


@transaction.atomic
def shorten_membership(*, by: Actor, membership: Membership, valid_until: datetime) -> Membership:
    """Move the end of a membership to an earlier time. A later end needs a new membership.

    Raise Conflict if the membership has ended. Raise InvalidInput if the new end is later than the present end, or not
    in the future.
    """
    if membership.role == Role.ORGANIZATION_ADMINISTRATOR:
        lock_administrators(membership.organization)
    row = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    role = check_place(by, row.organization, row.tenant, Role(row.role))
    if row.valid_until is not None and row.valid_until <= timezone.now():
        raise Conflict("This access has already ended. Reload the page.", code="already_ended")
    check_period(role, row.valid_from, valid_until, "valid_until")
    if row.valid_until is not None and valid_until > row.valid_until:
        raise invalid(
            "valid_until",
            "The end of access can only be moved to an earlier time. Enter an earlier end. To extend the access,"
            " grant the role again.",
        )
    if role is Role.ORGANIZATION_ADMINISTRATOR:
        require_another_administrator(row.organization, row.person_id)
    details = {"person": row.person.email, "role": row.role, "from": row.valid_until, "to": valid_until}
    row.valid_until = valid_until
    row.save(update_fields=["valid_until"])
    record(by, row.organization, row.tenant, "membership.shortened", row, details)
    return row


@transaction.atomic
def change_role(
    *,
    by: Actor,
    membership: Membership,
    role: Role,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    review: ReviewPeriod | None = None,
) -> Membership:
    """Give the person another role in the same tenant or organization, and end the current role. Return the new
    membership.

    The current role ends when the new role starts. If the new role needs a second administrator, the current role goes
    on until the new role has been confirmed (`decide_membership`) and starts. Raise Conflict if the current role has
    ended or was refused, because then only an invitation can give access.
    """
    row = Membership.objects.select_related("person", "organization", "tenant").get(pk=membership.pk)
    ended = row.valid_until is not None and row.valid_until <= timezone.now()
    if ended or row.confirmation == Membership.Confirmation.REFUSED:
        raise Conflict(
            "This access has already ended. To give the person access again, send an invitation.",
            code="already_ended",
        )
    if Role(row.role) == role:
        raise invalid("role", "The person already has this role. Choose another role.", code="same_role")
    granted = grant_membership(
        by=by,
        person=row.person,
        organization=row.organization,
        tenant=row.tenant,
        role=role,
        valid_from=valid_from if valid_from and valid_from > timezone.now() else None,
        valid_until=valid_until,
        review=review,
        replaces=row,
    )
    if granted.confirmation != Membership.Confirmation.WAITING:
        end_replaced(by=by, replaced=row, granted=granted)
    return granted


def end_replaced(*, by: Actor, replaced: Membership, granted: Membership) -> None:
    """End the membership `replaced` when the membership `granted` starts.

    End `replaced` now if `granted` has already started, or if `replaced` would not start earlier than `granted`.
    """
    if granted.valid_from <= timezone.now() or replaced.valid_from >= granted.valid_from:
        revoke_membership(by=by, membership=replaced)
    elif replaced.valid_until is None or replaced.valid_until > granted.valid_from:
        shorten_membership(by=by, membership=replaced, valid_until=granted.valid_from)


@transaction.atomic
def change_review_period(*, by: Actor, membership: Membership, review: ReviewPeriod | None) -> Membership:
    """Change the review period of an auditor. If `review` is None, the auditor has no period any more.

    An auditor without a period can read all records. The change applies from the auditor's next request on. Raise
    Conflict if the access has ended, and PermissionDenied if people try to change their own review period.
    """
    row = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    role = check_place(by, row.organization, row.tenant, Role(row.role))
    if row.valid_until is not None and row.valid_until <= timezone.now():
        raise Conflict("This access has already ended. Reload the page.", code="already_ended")
    check_review(role, review)
    if isinstance(by, Person) and by.pk == row.person_id:
        raise to_oneself("review_first")
    before = row.review_period
    if before == review:
        return row
    row.review_first = review.first if review else None
    row.review_last = review.last if review else None
    row.save(update_fields=["review_first", "review_last"])
    details = {
        "person": row.person.email,
        "role": row.role,
        "review_period": {"from": str(before) if before else None, "to": str(review) if review else None},
    }
    record(by, row.organization, row.tenant, "membership.review_changed", row, details)
    return row


def review_detail(review: ReviewPeriod | None) -> dict[str, str]:
    """Return the review period as the detail `review_period` of a journal entry. Return an empty mapping if there is no
    period.
    """
    return {"review_period": str(review)} if review else {}


def to_oneself(field: str) -> PermissionDenied:
    """Return the error that people get if they try to grant or change their own access."""
    message = "You cannot grant or change your own access. Ask another administrator."
    return PermissionDenied(message, code="to_oneself", fields={field: [message]})


def confirmation_fields(role: Role, *, operator: bool) -> dict[str, Any]:
    if role not in NEEDS_SECOND_ADMINISTRATOR:
        return {}
    if not operator:
        return {"confirmation": Membership.Confirmation.WAITING}
    return {"confirmation": Membership.Confirmation.OPERATOR, "confirmed_at": timezone.now()}


def confirmation_detail(membership: Membership) -> dict[str, str]:
    """Return the detail `confirmation` of a journal entry. Return an empty mapping if the role needs no
    confirmation.
    """
    needed = membership.confirmation != Membership.Confirmation.NOT_NEEDED
    return {"confirmation": membership.confirmation} if needed else {}


def check_place(by: Actor, organization: Organization, tenant: Tenant | None, role: Role) -> Role:
    """Check that the role can be granted in this place by this actor. Return `role` as a `Role`.

    The place is the tenant or, if `tenant` is None, the whole organization. Raise an error if the role cannot be
    granted in this place, or if the actor may not grant roles there.
    """
    try:
        role = Role(role)
    except ValueError:
        raise invalid("role", f"Unknown role “{role}”. Choose one of {', '.join(Role.values)}.") from None
    if (role in ORGANIZATION_ROLES) != (tenant is None):
        where = "for the whole organization" if role in ORGANIZATION_ROLES else "for a single customer"
        raise invalid(
            "role", f"The role {role.label.lower()} can only be granted {where}.", code="role_place"
        )
    if tenant is not None and tenant.organization_id != organization.pk:
        raise invalid(
            "tenant",
            "This customer belongs to another organization. Choose one of this organization’s customers.",
            code="tenant_foreign",
        )
    if isinstance(by, System):
        return role
    opened = scope.current()
    if opened.person is None or opened.person.pk != by.pk:
        raise PermissionDenied(
            "The scope of the person who changes the access must be open. Open this scope first.",
            code="not_in_scope",
        )
    if tenant is None:
        allowed = opened.may_in_organization(Capability.MEMBERS, organization.pk)
    else:
        allowed = opened.may(Capability.MEMBERS, tenant.pk)
    if not allowed:
        raise PermissionDenied(
            "Your role does not include the right to change access. Ask an administrator.",
            code="not_administrator",
        )
    return role


def record(
    by: Actor,
    organization: Organization,
    tenant: Tenant | None,
    action: str,
    target: Membership | str,
    details: Mapping[str, object],
) -> None:
    """Record an action in the tenant's journal. If `tenant` is None, record the action in the journals of the
    organization and of all its tenants.
    """
    if tenant is not None:
        journal.record(tenant=tenant, actor=by, action=action, target=target, details=details)
        return
    journal.record(organization=organization, actor=by, action=action, target=target, details=details)
    # Each journal's chain stays locked until the transaction ends. Write in a fixed order, so that two transactions
    # cannot deadlock.
    for row in Tenant.objects.filter(organization=organization).order_by("pk"):
        journal.record(tenant=row, actor=by, action=action, target=target, details=details)
