"""Which subscriptions are assessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, change
from portal.api.v1.connection import SUBSCRIPTIONS, SubscriptionSerializer
from portal.queries.subscriptions import CHOOSABLE, why_not_assessed
from tenants import access
from tenants.actions.subscriptions import MAX_REASON_LENGTH, Choice, choose_subscriptions
from tenants.errors import Conflict
from tenants.models import Subscription, Tenant
from tenants.roles import Capability


class ExcludeSerializer(serializers.Serializer[Any]):
    """The reason why a subscription is not assessed, and the end of the exclusion."""

    reason = serializers.CharField(max_length=MAX_REASON_LENGTH)
    until = serializers.DateTimeField(
        default=None,
        allow_null=True,
        help_text="The time when the exclusion ends; null for an exclusion without an end",
    )


class IncludeView(APIView):
    """The inclusion of a subscription in assessments."""

    @extend_schema(
        operation_id="include_subscription",
        summary="Assess a subscription",
        description="The next assessment covers the subscription.",
        parameters=[IF_MATCH],
        request=None,
        responses=SubscriptionSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        return _choose(request, tenant, pk, Choice(included=True))


class ExcludeView(APIView):
    """The exclusion of a subscription from assessments."""

    @extend_schema(
        operation_id="exclude_subscription",
        summary="Stop assessing a subscription",
        description="The reason is shown wherever the subscription is listed.",
        parameters=[IF_MATCH],
        request=ExcludeSerializer,
        responses=SubscriptionSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        values = checked(ExcludeSerializer, request)
        return _choose(request, tenant, pk, Choice(included=False, **values))


def _choose(request: Request, tenant: Tenant, pk: UUID, wanted: Choice) -> Response:
    def lock() -> None:
        rows = Subscription.objects.filter(tenant=tenant, pk=pk)
        list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk"))

    def action(row: Subscription) -> None:
        if row.situation not in CHOOSABLE:
            raise Conflict(
                f"This subscription cannot be included or excluded. {why_not_assessed(row)}.",
                code="not_choosable",
            )
        choose_subscriptions(by=person(request), choices={row.pk: wanted})

    return change(request, tenant, SUBSCRIPTIONS, pk, action, lock=lock)


ACTIONS: Final[Mapping[str, type[APIView]]] = {"include": IncludeView, "exclude": ExcludeView}
"""The views that change a subscription. Each key is the last part of the URL."""
