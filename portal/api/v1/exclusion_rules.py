"""Rules that exclude subscriptions of a customer from assessments: by management group, by tag, or by both."""

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

from portal.api.bodies import checked, optional_text
from portal.api.idempotency import IDEMPOTENCY_KEY, create
from portal.api.listing import Listing, ListView, ObjectView
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, change, change_unanswered, settings_lock
from portal.queries.subscriptions import listed_subscriptions, matching_subscriptions
from tenants import access
from tenants.actions.exclusion_rules import (
    MAX_GROUP,
    MAX_NAME,
    MAX_TAG,
    add_exclusion_rule,
    change_exclusion_rule,
    check_conditions,
    remove_exclusion_rule,
)
from tenants.actions.subscriptions import MAX_REASON_LENGTH
from tenants.models import ExclusionRule, Tenant
from tenants.roles import Capability

_NEEDS: Final = Capability.ADMINISTER
_FIELDS: Final = ("name", "reason", "management_group", "tag", "until")


class ExclusionConditionsSerializer(serializers.Serializer[Any]):
    """A management group, a tag, or both. If both are given, a subscription must be below the management group and have
    the tag.
    """

    management_group = optional_text(
        MAX_GROUP,
        "The name (id) of a management group above the subscription; empty if the rule does not depend on"
        " a management group",
    )
    tag = optional_text(MAX_TAG, "A tag as `name=value`; empty if the rule does not depend on a tag")


class ExclusionRuleSerializer(ExclusionConditionsSerializer):
    """A rule that excludes matching subscriptions, also those that appear later."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    reason = serializers.CharField()
    until = serializers.DateTimeField(
        allow_null=True, help_text="The time when the rule ends; null if the rule has no end"
    )
    subscriptions = serializers.IntegerField(
        source="excluded", help_text="Number of subscriptions that the rule excludes now"
    )
    created_at = serializers.DateTimeField()


class AddExclusionRuleSerializer(ExclusionConditionsSerializer):
    """A new rule."""

    name = serializers.CharField(max_length=MAX_NAME)
    reason = serializers.CharField(
        max_length=MAX_REASON_LENGTH,
        help_text="The reason, which is shown wherever an excluded subscription is listed",
    )
    until = serializers.DateTimeField(
        default=None,
        allow_null=True,
        help_text="The time when the rule ends. Without this field, the rule has no end",
    )


class ChangeExclusionRuleSerializer(ExclusionConditionsSerializer):
    """The new values. Fields that are left out do not change."""

    name = serializers.CharField(max_length=MAX_NAME, required=False)
    reason = serializers.CharField(max_length=MAX_REASON_LENGTH, required=False)
    until = serializers.DateTimeField(required=False, allow_null=True)


class ExclusionPreviewSerializer(serializers.Serializer[Any]):
    """The subscriptions that the conditions match now."""

    matching = serializers.ListField(child=serializers.CharField(), help_text="Ids of the subscriptions")
    newly_excluded = serializers.ListField(
        child=serializers.CharField(), help_text="Ids of the matching subscriptions that are assessed now"
    )


def _rows(tenant: Tenant) -> QuerySet[ExclusionRule]:
    rows = ExclusionRule.objects.filter(tenant=tenant).select_related("tenant")
    return rows.annotate(excluded=Count("subscriptions"))


EXCLUSION_RULES: Final = Listing[ExclusionRule](
    plural="exclusion-rules",
    singular="exclusion-rule",
    needs=_NEEDS,
    serializer=ExclusionRuleSerializer,
    rows=_rows,
    description="If several rules match a subscription, the oldest one excludes it.",
)


class ExclusionRulesView(ListView, listing=EXCLUSION_RULES):
    """Exclusion rules of a customer."""

    @extend_schema(
        operation_id="add_exclusion_rule",
        summary="Exclude subscriptions by management group or tag",
        description="The next assessment does not assess the matching subscriptions.",
        parameters=[IDEMPOTENCY_KEY],
        request=AddExclusionRuleSerializer,
        responses={201: ExclusionRuleSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        values = checked(AddExclusionRuleSerializer, request)
        return create(
            request,
            tenant,
            EXCLUSION_RULES,
            "add_exclusion_rule",
            lambda: add_exclusion_rule(by=person(request), tenant=tenant, **values),
            status=201,
        )


class ExclusionRuleView(ObjectView, listing=EXCLUSION_RULES):
    """An exclusion rule of a customer."""

    @extend_schema(
        operation_id="change_exclusion_rule",
        summary="Change an exclusion rule",
        description="If a subscription no longer matches any rule, the next assessment assesses the subscription"
        " again.",
        parameters=[IF_MATCH],
        request=ChangeExclusionRuleSerializer,
        responses=ExclusionRuleSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        given = checked(ChangeExclusionRuleSerializer, request)

        def action(row: ExclusionRule) -> None:
            present = {name: getattr(row, name) for name in _FIELDS}
            change_exclusion_rule(by=person(request), rule=row, **present | given)

        return change(request, tenant, EXCLUSION_RULES, pk, action, lock=settings_lock(tenant))


class RemoveView(APIView):
    """The removal of an exclusion rule."""

    @extend_schema(
        operation_id="remove_exclusion_rule",
        summary="Remove an exclusion rule",
        description="The next assessment again assesses the subscriptions that only this rule excludes. Subscriptions"
        " that another rule or a person excludes remain excluded.",
        parameters=[IF_MATCH],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        change_unanswered(
            request,
            tenant,
            EXCLUSION_RULES,
            pk,
            lambda row: remove_exclusion_rule(by=person(request), rule=row),
            lock=settings_lock(tenant),
        )
        return Response(status=204)


class PreviewView(APIView):
    """The subscriptions that conditions would exclude."""

    @extend_schema(
        operation_id="preview_exclusion_rule",
        summary="List the subscriptions that an exclusion rule would match",
        description="Writes nothing.",
        request=ExclusionConditionsSerializer,
        responses=ExclusionPreviewSerializer,
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        given = checked(ExclusionConditionsSerializer, request)
        draft = check_conditions(
            ExclusionRule(tenant=tenant),
            management_group=given.get("management_group", ""),
            tag=given.get("tag", ""),
        )
        found = matching_subscriptions(draft, listed_subscriptions(tenant))
        new = [row for row in found if row.included and row.exclusion_rule_id is None]
        shown = {
            "matching": [row.subscription_id for row in found],
            "newly_excluded": [row.subscription_id for row in new],
        }
        return Response(ExclusionPreviewSerializer(shown).data)


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    "exclusion-rules/preview": PreviewView,
    "exclusion-rules/<uuid:pk>/remove": RemoveView,
}
"""The views of further operations on exclusion rules. Each key is the part of the URL below the customer."""
