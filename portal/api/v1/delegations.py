"""Subscriptions that customers delegated to an organization: assign each to a customer, or exclude it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked
from portal.api.organization_listing import (
    OrganizationListing,
    OrganizationListView,
    OrganizationObjectView,
)
from portal.api.people import person
from portal.api.preconditions import IF_MATCH
from portal.api.v1.shared import PersonSerializer
from tenants import access
from tenants.actions.delegations import (
    assign_delegations,
    exclude_delegations,
    undo_delegation_decision,
)
from tenants.actions.foreign_subscriptions import MAX_REASON
from tenants.azure.delegations import DelegatedSubscription, listed_delegations, with_customers
from tenants.errors import Conflict, invalid
from tenants.models import Delegation, Directory, Organization
from tenants.roles import Capability

_NEEDS: Final = Capability.ORGANIZATION
DECISIONS: Final = Delegation.Decision.values


class AssignSubscriptionSerializer(serializers.Serializer[Any]):
    """The customer that gets a subscription."""

    customer = serializers.SlugField(
        max_length=60,
        required=False,
        help_text="The short name of the customer. Optional if only one customer has the subscription’s directory",
    )


class ExcludeSubscriptionsSerializer(serializers.Serializer[Any]):
    """Why a subscription belongs to no customer."""

    reason = serializers.CharField(max_length=MAX_REASON)


class DelegationSerializer(serializers.Serializer[Any]):
    """A subscription that a customer delegated to the organization."""

    id = serializers.UUIDField(source="row.pk")
    subscription_id = serializers.CharField(source="row.subscription_id")
    name = serializers.CharField(source="row.display_name", allow_blank=True)
    state = serializers.CharField(
        source="row.state", help_text="The state in Azure; Vanished if Azure no longer lists the subscription"
    )
    directory_id = serializers.CharField(
        source="row.home_directory_id", help_text="The directory to which the subscription belongs"
    )
    managing_principal = serializers.UUIDField(
        source="row.principal_id",
        allow_null=True,
        help_text="The service principal that reads the subscription",
    )
    is_partial = serializers.BooleanField(
        source="row.is_partial",
        help_text="Whether only resource groups of the subscription were delegated. If so, nothing is read",
    )
    possible_customers = serializers.SerializerMethodField(
        help_text="Short names of the customers that have the directory of the subscription"
    )
    decision = serializers.ChoiceField(
        DECISIONS, source="row.decision", allow_blank=True, help_text="Empty until somebody decides"
    )
    customer = serializers.SlugField(
        source="row.tenant.slug",
        default=None,
        allow_null=True,
        help_text="The customer to which the subscription is assigned",
    )
    reason = serializers.CharField(
        source="row.decision_reason", allow_blank=True, help_text="Why the subscription is excluded"
    )
    decided_by = PersonSerializer(source="row.decided_by", allow_null=True)
    decided_at = serializers.DateTimeField(source="row.decided_at", allow_null=True)
    is_read = serializers.BooleanField(help_text="Whether assessments of the customer read the subscription")
    why_unread = serializers.CharField(allow_blank=True)

    def get_possible_customers(self, one: DelegatedSubscription) -> list[str]:
        return [home.tenant.slug for home in one.homes]


def _objects(organization: Organization, rows: Sequence[Delegation]) -> list[DelegatedSubscription]:
    return with_customers(organization, rows)


DELEGATIONS: Final = OrganizationListing[Delegation](
    plural="delegations",
    singular="delegation",
    needs=_NEEDS,
    serializer=DelegationSerializer,
    rows=lambda organization: listed_delegations(organization).select_related("organization"),
    # Lock only the organization's row here. The actions lock customers first, and then delegations. If a delegation was
    # already locked before an action, two transactions could deadlock.
    lock=lambda row: list(
        Organization.objects.select_for_update(no_key=True).filter(pk=row.organization_id).values_list("pk")
    ),
    objects=_objects,
    description="Subscriptions that customers delegated to the organization with Azure Lighthouse. Needs the right"
    " `organization`.",
)


class DelegationsView(OrganizationListView, listing=DELEGATIONS):
    """Delegated subscriptions of an organization."""


class DelegationView(OrganizationObjectView, listing=DELEGATIONS):
    """A delegated subscription of an organization."""


class AssignView(APIView):
    """The assignment of a delegated subscription to a customer."""

    @extend_schema(
        operation_id="assign_delegation",
        summary="Assign a delegated subscription to a customer",
        description="The next assessment of the customer reads the subscription.",
        parameters=[IF_MATCH],
        request=AssignSubscriptionSerializer,
        responses=DelegationSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        values = checked(AssignSubscriptionSerializer, request)

        def action(row: Delegation) -> None:
            (one,) = with_customers(found, [row])
            home = home_of(str(row), one.homes, row.home_directory_id, values.get("customer"))
            assign_delegations(by=person(request), organization=found, assignments={row.pk: home})

        return _change(request, found, pk, action)


class ExcludeView(APIView):
    """The exclusion of a delegated subscription."""

    @extend_schema(
        operation_id="exclude_delegation",
        summary="Exclude a delegated subscription",
        description="The subscription then belongs to no customer, and is not read.",
        parameters=[IF_MATCH],
        request=ExcludeSubscriptionsSerializer,
        responses=DelegationSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        reason = checked(ExcludeSubscriptionsSerializer, request)["reason"]
        return _change(
            request,
            found,
            pk,
            lambda row: exclude_delegations(
                by=person(request), organization=found, ids=[row.pk], reason=reason
            ),
        )


class UndoView(APIView):
    """Undo the decision about a delegated subscription."""

    @extend_schema(
        operation_id="undo_delegation",
        summary="Undo the decision about a delegated subscription",
        description="The subscription waits for a decision again, and is not read before the decision.",
        parameters=[IF_MATCH],
        request=None,
        responses=DelegationSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        return _change(
            request, found, pk, lambda row: undo_delegation_decision(by=person(request), delegation=row)
        )


ACTIONS: Final = {"assign": AssignView, "exclude": ExcludeView, "undo": UndoView}
"""The views that decide about a delegated subscription. Each key is the last part of the URL."""


def home_of(name: str, homes: Sequence[Directory], directory_id: str, customer: str | None) -> Directory:
    """Return the directory whose customer gets a subscription. `name` is the name of the subscription, for messages.

    `homes` has a row for each customer with the directory `directory_id`. If `customer` is a short name, return the row
    of this customer, and raise InvalidInput if there is none. If `customer` is None, return the only row, and raise
    Conflict unless there is exactly one.
    """
    if customer is not None:
        found = next((home for home in homes if home.tenant.slug == customer), None)
        if found is None:
            raise invalid("customer", f"No customer with this short name has the directory {directory_id}.")
        return found
    if len(homes) == 1:
        return homes[0]
    reason = (
        "Several customers have the directory of the subscription: name one of them."
        if homes
        else f"No customer has the directory {directory_id} of the subscription. Register a customer with this"
        " directory first."
    )
    raise Conflict(f"{name} was not assigned. {reason}", code="no_home")


def _change(request: Request, organization: Organization, pk: UUID, action: Any) -> Response:
    DELEGATIONS.change(request, organization, pk, action)
    return DELEGATIONS.answer(organization, DELEGATIONS.find(organization, pk))
