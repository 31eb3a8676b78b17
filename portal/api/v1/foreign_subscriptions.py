"""Subscriptions of other directories that a customer's service principals see: assign each to the customer of its
directory, or exclude it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked
from portal.api.listing import Listing
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, change, settings_lock
from portal.api.v1.delegations import (
    AssignSubscriptionSerializer,
    ExcludeSubscriptionsSerializer,
    home_of,
)
from portal.api.v1.shared import PersonSerializer
from tenants import access
from tenants.actions import Assignment, assign_foreign, exclude_foreign, undo_foreign_decision
from tenants.azure import foreign
from tenants.azure.foreign import ForeignSubscription
from tenants.models import Subscription, Tenant
from tenants.roles import Capability
from tenants.scope import current

_NEEDS: Final = Capability.ADMINISTER
DECISIONS: Final = Subscription.Decision.values


class ForeignSubscriptionSerializer(serializers.Serializer[Any]):
    """A subscription that belongs to another directory than the one in which it was found."""

    id = serializers.UUIDField(source="row.pk")
    subscription_id = serializers.CharField(source="row.subscription_id")
    name = serializers.CharField(source="row.display_name", allow_blank=True)
    state = serializers.CharField(source="row.state")
    directory_id = serializers.CharField(
        source="row.home_directory_id", help_text="The directory to which the subscription belongs"
    )
    possible_customers = serializers.SerializerMethodField(
        help_text="Short names of customers that have the subscription’s directory and that the token may administer"
    )
    decision = serializers.ChoiceField(
        DECISIONS, source="row.decision", allow_blank=True, help_text="Empty until somebody decides"
    )
    reason = serializers.CharField(
        source="row.decision_reason", allow_blank=True, help_text="Why the subscription is excluded"
    )
    decided_by = PersonSerializer(source="row.decided_by", allow_null=True)
    decided_at = serializers.DateTimeField(source="row.decided_at", allow_null=True)
    is_read_at_home = serializers.BooleanField(
        help_text="Whether a service principal of the subscription’s own directory sees the subscription"
    )
    command = serializers.CharField(
        allow_blank=True,
        help_text="Commands of the Azure CLI that let a service principal of the subscription’s"
        " own directory read the subscription",
    )

    def get_possible_customers(self, one: ForeignSubscription) -> list[str]:
        return [home.tenant.slug for home in one.homes]


def _rows(tenant: Tenant) -> QuerySet[Subscription]:
    # People who administer only some customers see a foreign subscription only if the directory of the subscription
    # belongs to one of these customers.
    whole = current().may_in_organization(_NEEDS, tenant.organization_id)
    rows = foreign.foreign_rows(_administered(tenant), every_home=whole).filter(tenant=tenant)
    return rows.select_related("directory", "tenant", "decided_by").order_by()


def _objects(tenant: Tenant, rows: Sequence[Subscription]) -> list[ForeignSubscription]:
    return foreign.with_homes(rows, _administered(tenant))


def _administered(tenant: Tenant) -> list[Tenant]:
    """Return the customers that the token may administer in the organization of `tenant`."""
    rows = access.tenants(needs=_NEEDS, archived=None)
    return list(rows.filter(organization=tenant.organization_id))


FOREIGN_SUBSCRIPTIONS: Final = Listing[Subscription](
    plural="foreign-subscriptions",
    singular="foreign-subscription",
    needs=_NEEDS,
    serializer=ForeignSubscriptionSerializer,
    rows=_rows,
    objects=_objects,
    description="Subscriptions of other directories that the customer’s service principals see. These subscriptions are"
    " not assessed for this customer.",
)


class AssignView(APIView):
    """The assignment of another directory's subscription to a customer."""

    @extend_schema(
        operation_id="assign_foreign_subscription",
        summary="Assign a subscription to another customer that has the subscription’s directory",
        description="Assessments of that customer then read the subscription with a service principal of the"
        " subscription’s directory. The token needs the right `administer` in both customers.",
        parameters=[IF_MATCH],
        request=AssignSubscriptionSerializer,
        responses=ForeignSubscriptionSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        values = checked(AssignSubscriptionSerializer, request)

        def action(row: Subscription) -> None:
            (one,) = _objects(tenant, [row])
            home = home_of(str(row), one.homes, row.home_directory_id, values.get("customer"))
            assign_foreign(by=person(request), assignments=[Assignment(row, home)])

        return _change(request, tenant, pk, action)


class ExcludeView(APIView):
    """The exclusion of another directory's subscription."""

    @extend_schema(
        operation_id="exclude_foreign_subscription",
        summary="Exclude a subscription of another directory",
        description="The subscription is then assigned to no customer, and is not assessed.",
        parameters=[IF_MATCH],
        request=ExcludeSubscriptionsSerializer,
        responses=ForeignSubscriptionSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        reason = checked(ExcludeSubscriptionsSerializer, request)["reason"]
        return _change(
            request,
            tenant,
            pk,
            lambda row: exclude_foreign(by=person(request), subscriptions=[row], reason=reason),
        )


class UndoView(APIView):
    """Undo the decision about another directory's subscription."""

    @extend_schema(
        operation_id="undo_foreign_subscription",
        summary="Undo the decision about a subscription of another directory",
        description="The subscription waits for a decision again.",
        parameters=[IF_MATCH],
        request=None,
        responses=ForeignSubscriptionSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        return _change(
            request,
            tenant,
            pk,
            lambda row: undo_foreign_decision(by=person(request), subscription=row),
        )


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    "foreign-subscriptions/<uuid:pk>/assign": AssignView,
    "foreign-subscriptions/<uuid:pk>/exclude": ExcludeView,
    "foreign-subscriptions/<uuid:pk>/undo": UndoView,
}
"""The views that decide about a foreign subscription. Each key is the part of the URL below the customer."""


def _change(request: Request, tenant: Tenant, pk: UUID, action: Callable[[Subscription], object]) -> Response:
    # Before the action, lock only the row of this customer. The action itself locks the directories of all customers
    # that it concerns, in the order of the directories' ids. The action also checks that nobody has decided about the
    # subscription meanwhile.
    return change(request, tenant, FOREIGN_SUBSCRIPTIONS, pk, action, lock=settings_lock(tenant))
