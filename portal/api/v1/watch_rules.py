"""Watch rules of a customer: its own rules, and the settings of the shipped ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.models import Finding
from portal.api.bodies import checked, names_of_fields
from portal.api.etags import ETAG, etag_of, with_etag
from portal.api.idempotency import IDEMPOTENCY_KEY, create
from portal.api.listing import Listing, ListView, ObjectView
from portal.api.pages import listed, only, page_of_items, page_parameters, respond
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, change, change_unanswered, require_match, settings_lock
from portal.api.v1.shared import patterns
from portal.changes.actions.rules import (
    CONDITIONS,
    MAX_NAME,
    check_rule,
    delete_rule,
    save_rule,
    set_shipped,
)
from portal.changes.models import ResourceChange, WatchRule
from portal.changes.preview import PREVIEW_DAYS, preview
from portal.changes.shipped import SHIPPED, rules_of
from tenants import access
from tenants.actions.organizations import lock_settings
from tenants.errors import NotFound
from tenants.models import Tenant
from tenants.roles import Capability

_NEEDS: Final = Capability.ADMINISTER
_NAMES: Final = {"enabled": "is_enabled"}
SEVERITIES: Final = Finding.Severity.values
KINDS: Final = ResourceChange.Kind.values


class WatchConditionsSerializer(serializers.Serializer[Any]):
    """Conditions, all of which a change must meet. Values of one condition are alternatives; an empty condition is
    always met. In patterns, `*` matches any text and `?` one character.
    """

    kinds = serializers.ListField(child=serializers.ChoiceField(KINDS), required=False, max_length=len(KINDS))
    types = patterns("Patterns of resource types, such as `microsoft.network/*`")
    units = patterns("Subscriptions, as `/subscriptions/<id>`")
    groups = patterns("Patterns of resource groups")
    tag_name = serializers.CharField(max_length=512, required=False, allow_blank=True)
    tag_value = serializers.CharField(
        max_length=256, required=False, allow_blank=True, help_text="Empty for any value"
    )
    properties = patterns("Patterns of properties, such as `properties.securityRules*`")
    operations = patterns("Patterns of operations, such as `microsoft.authorization/locks/*`")
    actors = patterns("Patterns of user names or of ids of applications")
    except_actors = patterns(
        "Patterns of user names or of ids of applications. If the patterns match all actors that may have made a"
        " change, the rule does not catch the change"
    )
    hours = serializers.CharField(
        max_length=11,
        required=False,
        allow_blank=True,
        help_text="The rule catches only changes in these hours, in the customer's time zone, such as `18:00-07:00`",
    )
    days = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7),
        required=False,
        max_length=7,
        help_text="The rule catches only changes on these weekdays, from 1 (Monday) to 7 (Sunday)",
    )
    worsened = serializers.BooleanField(
        required=False,
        help_text="Whether the rule catches a change only if a finding of the resource began to fail after the change",
    )
    unapproved = serializers.BooleanField(
        required=False,
        help_text="Whether the rule catches a change only if the change leaves the resource different from its approved"
        " configuration",
    )


class WatchRuleSerializer(WatchConditionsSerializer):
    """A rule that the customer added."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    severity = serializers.ChoiceField(SEVERITIES)
    is_enabled = serializers.BooleanField(source="enabled")
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()


class ChangeWatchRuleSerializer(WatchConditionsSerializer):
    """The new values. Fields that are left out do not change."""

    name = serializers.CharField(max_length=MAX_NAME, required=False)
    severity = serializers.ChoiceField(SEVERITIES, required=False)
    is_enabled = serializers.BooleanField(required=False)


class AddWatchRuleSerializer(WatchConditionsSerializer):
    """A new rule."""

    name = serializers.CharField(max_length=MAX_NAME)
    severity = serializers.ChoiceField(SEVERITIES, default=Finding.Severity.MEDIUM)
    is_enabled = serializers.BooleanField(default=True)


class WatchRulePreviewSerializer(serializers.Serializer[Any]):
    """The changes that the rule would have caught."""

    days = serializers.IntegerField(help_text="The number of past days whose changes were examined")
    count = serializers.IntegerField(help_text="The number of changes that the rule would have caught")
    examined = serializers.IntegerField()
    is_cut = serializers.BooleanField(
        help_text="Whether only the newest changes were examined, because there were too many changes"
    )
    changes = serializers.ListField(
        child=serializers.UUIDField(), help_text="The newest ten changes that the rule would have caught"
    )


class ShippedWatchRuleSerializer(serializers.Serializer[Any]):
    """A rule that every customer has."""

    rule = serializers.CharField(source="shipped")
    name = serializers.CharField()
    why = serializers.SerializerMethodField()
    severity = serializers.ChoiceField(SEVERITIES)
    is_enabled = serializers.BooleanField(source="enabled")

    def get_why(self, row: WatchRule) -> str:
        return SHIPPED[row.shipped].why


class SetShippedWatchRuleSerializer(serializers.Serializer[Any]):
    """The new values. Fields that are left out do not change."""

    severity = serializers.ChoiceField(SEVERITIES, required=False)
    is_enabled = serializers.BooleanField(required=False)


WATCH_RULES: Final = Listing[WatchRule](
    plural="watch-rules",
    singular="watch-rule",
    needs=_NEEDS,
    serializer=WatchRuleSerializer,
    rows=lambda tenant: WatchRule.objects.filter(tenant=tenant, shipped="").select_related("tenant"),
    description="The list contains the rules that the customer added. Each rule decides which changes people must"
    " review.",
)


class WatchRulesView(ListView, listing=WATCH_RULES):
    """Watch rules of a customer."""

    @extend_schema(
        operation_id="add_watch_rule",
        summary="Add a watch rule",
        description="The rule applies only to changes that Surety finds after this request.",
        parameters=[IDEMPOTENCY_KEY],
        request=AddWatchRuleSerializer,
        responses={201: WatchRuleSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        values = checked(AddWatchRuleSerializer, request)
        return create(
            request,
            tenant,
            WATCH_RULES,
            "add_watch_rule",
            lambda: _save(request, tenant, None, values),
            status=201,
        )


class WatchRuleView(ObjectView, listing=WATCH_RULES):
    """A watch rule of a customer."""

    @extend_schema(
        operation_id="change_watch_rule",
        summary="Change a watch rule, or turn it on or off",
        description="Changes that the rule has caught keep their reviews.",
        parameters=[IF_MATCH],
        request=ChangeWatchRuleSerializer,
        responses=WatchRuleSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        given = checked(ChangeWatchRuleSerializer, request)

        def action(row: WatchRule) -> WatchRule:
            present = {name: getattr(row, name) for name in ("name", "severity", *CONDITIONS)}
            return _save(request, tenant, row, {**present, "is_enabled": row.enabled, **given})

        return change(request, tenant, WATCH_RULES, pk, action, lock=settings_lock(tenant))


class DeleteView(APIView):
    """The deletion of a watch rule."""

    @extend_schema(
        operation_id="delete_watch_rule",
        summary="Delete a watch rule",
        description="Changes that the rule has caught keep their reviews.",
        parameters=[IF_MATCH],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        change_unanswered(
            request,
            tenant,
            WATCH_RULES,
            pk,
            lambda row: delete_rule(rule=row, by=person(request)),
            lock=settings_lock(tenant),
        )
        return Response(status=204)


class PreviewView(APIView):
    """The changes that a watch rule would have caught."""

    @extend_schema(
        operation_id="preview_watch_rule",
        summary="Count the changes that a watch rule would have caught",
        description=f"Examines the changes of the last {PREVIEW_DAYS} days. Nothing is saved.",
        request=WatchConditionsSerializer,
        responses=WatchRulePreviewSerializer,
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        given = checked(WatchConditionsSerializer, request)
        draft = check_rule(
            WatchRule(tenant=tenant), name="Preview", severity=Finding.Severity.MEDIUM, enabled=True, **given
        )
        seen = preview(tenant, draft, timezone.now())
        shown = {
            "days": PREVIEW_DAYS,
            "count": seen.count,
            "examined": seen.examined,
            "is_cut": seen.is_cut,
            "changes": [one.pk for one in seen.sample],
        }
        return Response(WatchRulePreviewSerializer(shown).data)


class ShippedWatchRulesView(APIView):
    """The rules that every customer has."""

    @extend_schema(
        operation_id="list_shipped_watch_rules",
        summary="List shipped watch rules",
        description="The list contains the watch rules that every customer has, with the settings of this customer.",
        parameters=list(page_parameters(ShippedWatchRuleSerializer)),
        responses=listed("ShippedWatchRulePage", ShippedWatchRuleSerializer),
    )
    def get(self, request: Request, customer: str) -> Response:
        only(request, (), item=ShippedWatchRuleSerializer)
        rows = _shipped(access.tenant(customer, needs=_NEEDS))
        page = page_of_items(request, rows, lambda row: row.shipped)
        return respond(request, ShippedWatchRuleSerializer(page.rows, many=True).data, page.next_cursor)


class ShippedWatchRuleView(APIView):
    """A rule that every customer has."""

    @extend_schema(
        operation_id="get_shipped_watch_rule",
        summary="Get a shipped watch rule",
        parameters=[ETAG],
        responses=ShippedWatchRuleSerializer,
    )
    def get(self, request: Request, customer: str, rule: str) -> Response:
        only(request, (), paged=False)
        return _answer(_find(access.tenant(customer, needs=_NEEDS), rule))

    @extend_schema(
        operation_id="set_shipped_watch_rule",
        summary="Turn a shipped watch rule on or off, or set its severity",
        parameters=[IF_MATCH],
        request=SetShippedWatchRuleSerializer,
        responses=ShippedWatchRuleSerializer,
    )
    def post(self, request: Request, customer: str, rule: str) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        given = checked(SetShippedWatchRuleSerializer, request)
        lock_settings([tenant])
        row = _find(tenant, rule)
        require_match(request, etag_of(ShippedWatchRuleSerializer(row).data))
        set_shipped(
            tenant=tenant,
            by=person(request),
            key=rule,
            enabled=given.get("is_enabled", row.enabled),
            severity=given.get("severity", row.severity),
        )
        return _answer(_find(tenant, rule))


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    "watch-rules/preview": PreviewView,
    "watch-rules/<uuid:pk>/delete": DeleteView,
}
"""The views of further operations on watch rules. Each key is the part of the URL below the customer."""


def _save(request: Request, tenant: Tenant, row: WatchRule | None, given: Mapping[str, Any]) -> WatchRule:
    values = dict(given)
    with names_of_fields(_NAMES):
        return save_rule(
            tenant=tenant, by=person(request), rule=row, enabled=values.pop("is_enabled"), **values
        )


def _shipped(tenant: Tenant) -> list[WatchRule]:
    return [row for row in rules_of(tenant) if row.shipped]


def _find(tenant: Tenant, rule: str) -> WatchRule:
    found = next((row for row in _shipped(tenant) if row.shipped == rule), None)
    if found is None:
        raise NotFound(
            f"There is no shipped watch rule “{rule[:60]}”. The shipped rules are: {', '.join(SHIPPED)}."
        )
    return found


def _answer(row: WatchRule) -> Response:
    return with_etag(Response(ShippedWatchRuleSerializer(row).data))
