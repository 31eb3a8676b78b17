"""Changes of access to a customer: invite people, change their roles and review periods, and end their access."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked
from portal.api.etags import with_etag
from portal.api.idempotency import IDEMPOTENCY_KEY, create
from portal.api.listing import Listing, ListView
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, change_unanswered
from portal.api.v1.members import MEMBERS, MemberSerializer
from portal.api.v1.shared import PersonSerializer
from portal.members.invite import invite_person
from tenants import access, selectors
from tenants.actions import change_review_period, change_role, revoke_membership, withdraw_invitation
from tenants.actions.access_periods import review_of
from tenants.actions.members import lock_administrators
from tenants.models import Invitation, Membership, Tenant
from tenants.roles import Capability, Role

_BOTH: Final = "The token needs the rights `members` and `administer`."


class InvitationSerializer(serializers.Serializer[Any]):
    """An invitation that nobody has accepted yet. The link to accept it is only in the mail to the invited address."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(Role.values)
    invited_by = PersonSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    access_from = serializers.DateTimeField(allow_null=True)
    access_until = serializers.DateTimeField(allow_null=True)
    review_first = serializers.DateField(allow_null=True)
    review_last = serializers.DateField(allow_null=True)


def _review_day(description: str) -> serializers.DateField:
    return serializers.DateField(default=None, allow_null=True, help_text=description)


_FIRST: Final = (
    "Only for auditors: the first day (UTC) of the review period. Without this day, the auditor sees all"
    " records"
)
_LAST: Final = "The last day of the review period, which is included; required with `review_first`"


class InviteSerializer(serializers.Serializer[Any]):
    """The person to invite, and the role for the customer."""

    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(Role.values, help_text="A role for a single customer")
    access_from = serializers.DateTimeField(
        default=None,
        allow_null=True,
        help_text="Start of the access; by default, the time when the invitation is accepted",
    )
    access_until = serializers.DateTimeField(
        default=None,
        allow_null=True,
        help_text="Required for auditors. For other roles, the access has no end if this is left out",
    )
    review_first = _review_day(_FIRST)
    review_last = _review_day(_LAST)


class ChangeRoleSerializer(serializers.Serializer[Any]):
    """The new role. It applies to the same customer or organization as the present role."""

    role = serializers.ChoiceField(Role.values)
    valid_from = serializers.DateTimeField(default=None, allow_null=True, help_text="By default, now")
    valid_until = serializers.DateTimeField(
        default=None,
        allow_null=True,
        help_text="Required for auditors. For other roles, the access has no end if this is left out",
    )
    review_first = _review_day(_FIRST)
    review_last = _review_day(_LAST)


class ReviewPeriodSerializer(serializers.Serializer[Any]):
    """The review period of an auditor. Without days, the auditor reads all records."""

    review_first = serializers.DateField(allow_null=True, help_text="The first day, in UTC")
    review_last = serializers.DateField(allow_null=True, help_text="The last day, which is included")


INVITATIONS: Final = Listing[Invitation](
    plural="invitations",
    singular="invitation",
    needs=Capability.MEMBERS,
    serializer=InvitationSerializer,
    rows=lambda tenant: selectors.open_invitations(tenant=tenant),
    description="The invitations to the customer that nobody has accepted yet.",
)


class InvitationsView(ListView, listing=INVITATIONS):
    """Invitations to a customer."""

    @extend_schema(
        operation_id="invite_member",
        summary="Invite a person to the customer",
        description="A worker mails a link to the email address. The link works for a week, and only for this address."
        f" {_BOTH}",
        parameters=[IDEMPOTENCY_KEY],
        request=InviteSerializer,
        responses={201: InvitationSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = _tenant(customer)
        values = checked(InviteSerializer, request)

        def action() -> Invitation:
            return invite_person(
                by=person(request),
                organization=tenant.organization,
                tenants=[tenant],
                **_with_review(values) | {"role": Role(values["role"])},
            )

        return create(request, tenant, INVITATIONS, "invite_member", action, status=201)


class WithdrawInvitationView(APIView):
    """The withdrawal of an invitation."""

    @extend_schema(
        operation_id="withdraw_invitation",
        summary="Withdraw an invitation",
        description=f"The mailed link stops working. {_BOTH}",
        parameters=[IF_MATCH],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = _tenant(customer)
        rows = Invitation.objects.filter(tenant=tenant, pk=pk)
        change_unanswered(
            request,
            tenant,
            INVITATIONS,
            pk,
            lambda row: withdraw_invitation(by=person(request), invitation=row),
            lock=lambda: list(rows.select_for_update(of=("self",)).values_list("pk")),
        )
        return Response(status=204)


class ChangeRoleView(APIView):
    """The change of a member's role."""

    @extend_schema(
        operation_id="change_member_role",
        summary="Give a member another role",
        description="The answer has the new role and a new `id`. While the new role waits for a second administrator"
        f" (see `confirmation`), the member keeps the current role and has no access through the new role. {_BOTH}",
        parameters=[IF_MATCH],
        request=ChangeRoleSerializer,
        responses=MemberSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = _tenant(customer)
        values = checked(ChangeRoleSerializer, request)
        granted = change_unanswered(
            request,
            tenant,
            MEMBERS,
            pk,
            lambda row: change_role(
                by=person(request),
                membership=_own(row),
                **_with_review(values) | {"role": Role(values["role"])},
            ),
            lock=_lock(tenant, pk),
        )
        return with_etag(Response(MemberSerializer(granted).data))


class ChangeReviewPeriodView(APIView):
    """The change of an auditor's review period."""

    @extend_schema(
        operation_id="change_review_period",
        summary="Change the review period of an auditor",
        description="With a review period, an auditor reads only the records of the days in this period. The change"
        f" takes effect with the auditor’s next request. {_BOTH}",
        parameters=[IF_MATCH],
        request=ReviewPeriodSerializer,
        responses=MemberSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = _tenant(customer)
        values = checked(ReviewPeriodSerializer, request)
        changed = change_unanswered(
            request,
            tenant,
            MEMBERS,
            pk,
            lambda row: change_review_period(
                by=person(request), membership=_own(row), **_with_review(values)
            ),
            lock=_lock(tenant, pk),
        )
        return with_etag(Response(MemberSerializer(changed).data))


class RemoveMemberView(APIView):
    """Remove a member's access."""

    @extend_schema(
        operation_id="remove_member",
        summary="End the access of a member",
        description=_BOTH,
        parameters=[IF_MATCH],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = _tenant(customer)
        change_unanswered(
            request,
            tenant,
            MEMBERS,
            pk,
            lambda row: revoke_membership(by=person(request), membership=_own(row)),
            lock=_lock(tenant, pk),
        )
        return Response(status=204)


def _with_review(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a request body with the review period as one value: `review` replaces the first and the last
    day.
    """
    found = dict(values)
    found["review"] = review_of(found.pop("review_first"), found.pop("review_last"))
    return found


def _tenant(customer: str) -> Tenant:
    """Return the customer. Raise an error unless the token has the rights `members` and `administer`.

    The right `members` alone is not enough: most tokens with this right were created for programs that only list who
    has access.
    """
    tenant = access.tenant(customer, needs=Capability.MEMBERS)
    access.require(Capability.ADMINISTER, tenant_id=tenant.pk)
    return tenant


def _own(row: Membership) -> Membership:
    """Return the membership. If it is a role in the whole organization, raise PermissionDenied unless the token may
    change roles in the organization.
    """
    if row.tenant_id is None:
        access.require_in_organization(Capability.MEMBERS, organization_id=row.organization_id)
    return row


def _lock(tenant: Tenant, pk: UUID) -> Callable[[], object]:
    """Return a function that locks the membership with the id `pk`. To avoid deadlocks, the function locks the
    memberships of all administrators first.
    """

    def lock() -> None:
        lock_administrators(tenant.organization)
        rows = Membership.objects.filter(organization=tenant.organization, pk=pk)
        list(rows.select_for_update(of=("self",)).values_list("pk"))

    return lock


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    "members/<uuid:pk>/change-role": ChangeRoleView,
    "members/<uuid:pk>/change-review-period": ChangeReviewPeriodView,
    "members/<uuid:pk>/remove": RemoveMemberView,
    "invitations/<uuid:pk>/withdraw": WithdrawInvitationView,
}
"""The views that change access. Each key is the part of the URL below the customer."""
