"""Planned changes of a customer: times and scopes in which changes are expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked
from portal.api.idempotency import IDEMPOTENCY_KEY, create
from portal.api.listing import Listing, ListView
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, change
from portal.api.v1.shared import PersonSerializer, patterns
from portal.changes.actions.plans import cancel_plan, plan_change
from portal.changes.actions.rules import MAX_NAME
from portal.changes.models import PlannedChange
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability

_NEEDS: Final = Capability.ADMINISTER


class PlannedScopeSerializer(serializers.Serializer[Any]):
    """Name, time and scope of a planned change. The scope has conditions, and a change must meet all of them. An empty
    condition is always met; at least one condition is required.
    """

    name = serializers.CharField(max_length=MAX_NAME)
    ticket = serializers.CharField(
        max_length=MAX_NAME, required=False, allow_blank=True, help_text="Number or name of a ticket"
    )
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(help_text="At most 31 days after the start")
    units = patterns("Subscriptions, as `/subscriptions/<id>`")
    groups = patterns(
        "Patterns of the names of resource groups: `*` matches any text, `?` matches one character"
    )
    types = patterns("Patterns of resource types")
    actors = patterns("Patterns of user names or of ids of applications")


class PlannedChangeSerializer(PlannedScopeSerializer):
    """A planned change."""

    id = serializers.UUIDField()
    expected = serializers.IntegerField(
        help_text="The number of changes that this planned change has covered"
    )
    created_by = PersonSerializer()
    created_at = serializers.DateTimeField()
    cancelled_at = serializers.DateTimeField(allow_null=True)


def _rows(tenant: Tenant) -> QuerySet[PlannedChange]:
    rows = PlannedChange.objects.filter(tenant=tenant).select_related("tenant", "created_by")
    return rows.annotate(expected=Count("changes"))


PLANNED_CHANGES: Final = Listing[PlannedChange](
    plural="planned-changes",
    singular="planned-change",
    needs=_NEEDS,
    serializer=PlannedChangeSerializer,
    rows=_rows,
    description="The list includes planned changes that have ended or were cancelled.",
)


class PlannedChangesView(ListView, listing=PLANNED_CHANGES):
    """Planned changes of a customer."""

    @extend_schema(
        operation_id="plan_change",
        summary="Plan a change",
        description="A change counts as expected if it happens after this request, in the given time and scope.",
        parameters=[IDEMPOTENCY_KEY],
        request=PlannedScopeSerializer,
        responses={201: PlannedChangeSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        values = checked(PlannedScopeSerializer, request)
        return create(
            request,
            tenant,
            PLANNED_CHANGES,
            "plan_change",
            lambda: plan_change(tenant=tenant, by=person(request), **values),
            status=201,
        )


class CancelView(APIView):
    """The cancellation of a planned change."""

    @extend_schema(
        operation_id="cancel_planned_change",
        summary="Cancel a planned change",
        description="After the cancellation, the planned change covers no further changes. Changes that it covered"
        " earlier remain expected.",
        parameters=[IF_MATCH],
        request=None,
        responses=PlannedChangeSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        rows = PlannedChange.objects.filter(tenant=tenant, pk=pk).select_for_update(of=("self",))
        return change(
            request,
            tenant,
            PLANNED_CHANGES,
            pk,
            lambda row: cancel_plan(plan=row, by=person(request)),
            lock=lambda: list(rows.values_list("pk")),
        )


ACTIONS: Final[Mapping[str, type[APIView]]] = {"planned-changes/<uuid:pk>/cancel": CancelView}
"""The view of the operation that cancels a planned change. The key is the part of the URL below the customer."""
