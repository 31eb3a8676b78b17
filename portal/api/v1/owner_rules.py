"""Owner rules of a customer: the ordered list that assigns owners to findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.models import Finding
from portal.api.bodies import checked, names_of_fields, optional_text
from portal.api.idempotency import IDEMPOTENCY_KEY, create
from portal.api.listing import Listing, ListView, ObjectView
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, change, change_unanswered
from portal.api.reauthentication import proven
from portal.api.v1.shared import PersonSerializer
from portal.treatment.actions.owners.assign import owner_with_address
from portal.treatment.actions.owners.rules import (
    MAX_NAME,
    MAX_RULES,
    apply_rules,
    change_rule,
    check_rule,
    create_rule,
    delete_rule,
    move_rule,
)
from portal.treatment.matching import FIELDS
from portal.treatment.models import OwnerRule
from portal.treatment.selectors import owners
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability

_NEEDS: Final = Capability.ASSIGN
_BOTH: Final = "The token needs the rights `assign` and `administer`."
_OWNER: Final = "The email address of a person who may own findings of the customer"
_NAMES: Final = {"email": "owner", "enabled": "is_enabled"}


class ConditionsSerializer(serializers.Serializer[Any]):
    """Conditions, all of which a finding must meet. An empty condition is always met."""

    control = optional_text(80, "The short name of a control")
    section = optional_text(40, "The short name of a section of the catalogue of controls")
    severity = optional_text(20, f"One of {', '.join(Finding.Severity.values)}")
    unit = optional_text(60, "`/subscriptions/<id>` or `directory:<id>`")
    resource_group = optional_text(
        200, "A pattern of the names of resource groups: `*` matches any text, `?` matches one character"
    )
    resource_pattern = optional_text(500, "A pattern of ids of resources")
    tag_name = optional_text(512, "The name of a tag")
    tag_value = optional_text(256, "The value of the tag; empty if any value matches")


class OwnerRuleSerializer(ConditionsSerializer):
    """A rule. The first rule that matches a finding decides who owns the finding."""

    id = serializers.UUIDField()
    position = serializers.IntegerField(help_text="1 for the rule that applies first")
    name = serializers.CharField()
    owner = PersonSerializer()
    is_enabled = serializers.BooleanField(source="enabled")
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()


class ChangeOwnerRuleSerializer(ConditionsSerializer):
    """The new values. Fields that are left out do not change."""

    name = serializers.CharField(max_length=MAX_NAME, required=False)
    owner = serializers.EmailField(required=False, help_text=_OWNER)
    is_enabled = serializers.BooleanField(required=False)


class AddOwnerRuleSerializer(ConditionsSerializer):
    """A new rule. Without conditions, it matches every finding."""

    name = serializers.CharField(max_length=MAX_NAME)
    owner = serializers.EmailField(help_text=_OWNER)
    is_enabled = serializers.BooleanField(default=True)


class PreviewOwnerRuleSerializer(ConditionsSerializer):
    """The conditions of the rule to preview. The rule can be a new rule, or a change of an existing rule."""

    owner = serializers.EmailField(required=False, help_text=_OWNER)
    rule = serializers.UUIDField(
        required=False,
        help_text="The id of an existing rule that the previewed rule would replace. By default, the previewed rule"
        " is a new rule at the end of the list",
    )


class OwnerRulePreviewSerializer(serializers.Serializer[Any]):
    """How many findings match the rule now: those that the rule assigns, and those that keep their owner."""

    count = serializers.IntegerField(
        help_text="The number of findings that the rule would assign or has already assigned"
    )
    taken_from_others = serializers.IntegerField(
        help_text="The number of findings in `count` that another rule has assigned to another owner"
    )
    kept = serializers.IntegerField(
        help_text="The number of matching findings that people assigned. The rule does not change their owner"
    )
    earlier = serializers.IntegerField(
        help_text="The number of matching findings that an earlier rule assigns"
    )


class MoveOwnerRuleSerializer(serializers.Serializer[Any]):
    """The new position of a rule."""

    position = serializers.IntegerField(
        min_value=1,
        max_value=MAX_RULES,
        help_text="1 for the first place. A number beyond the end means the last place",
    )


class AppliedOwnerRulesSerializer(serializers.Serializer[Any]):
    """The changes that applying the rules has made."""

    findings = serializers.IntegerField(help_text="The number of findings whose owner has changed")


OWNER_RULES: Final = Listing[OwnerRule](
    plural="owner-rules",
    singular="owner-rule",
    needs=_NEEDS,
    serializer=OwnerRuleSerializer,
    rows=lambda tenant: owners.rules(tenant).order_by().select_related("tenant", "owner"),
    description="Rules assign owners to failing and manual findings, except those that people have assigned. If several"
    " rules match a finding, Surety uses the first of them (by `position`) that is enabled and whose owner has access.",
)


class OwnerRulesView(ListView, listing=OWNER_RULES):
    """Owner rules of a customer."""

    @extend_schema(
        operation_id="add_owner_rule",
        summary="Add an owner rule",
        description="The new rule is added at the end of the list. The rule takes effect after the next assessment,"
        f" or when the rules are applied on request. {_BOTH}",
        parameters=[IDEMPOTENCY_KEY],
        request=AddOwnerRuleSerializer,
        responses={201: OwnerRuleSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = proven(customer, _NEEDS)
        values = _values(tenant, checked(AddOwnerRuleSerializer, request))

        def action() -> OwnerRule:
            with names_of_fields(_NAMES):
                return create_rule(tenant=tenant, by=person(request), **values)

        return create(request, tenant, OWNER_RULES, "add_owner_rule", action, status=201)


class OwnerRuleView(ObjectView, listing=OWNER_RULES):
    """An owner rule of a customer."""

    @extend_schema(
        operation_id="change_owner_rule",
        summary="Change an owner rule, or turn it on or off",
        description="Findings that the rule has assigned keep their owner until the rules are applied the next time."
        f" {_BOTH}",
        parameters=[IF_MATCH],
        request=ChangeOwnerRuleSerializer,
        responses=OwnerRuleSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = proven(customer, _NEEDS)
        values = _values(tenant, checked(ChangeOwnerRuleSerializer, request))

        def action(row: OwnerRule) -> None:
            with names_of_fields(_NAMES):
                change_rule(rule=row, by=person(request), **values)

        return change(request, tenant, OWNER_RULES, pk, action)


class MoveView(APIView):
    """The move of an owner rule to another position."""

    @extend_schema(
        operation_id="move_owner_rule",
        summary="Move an owner rule",
        description=f"The positions of the other rules change accordingly. {_BOTH}",
        parameters=[IF_MATCH],
        request=MoveOwnerRuleSerializer,
        responses=OwnerRuleSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = proven(customer, _NEEDS)
        position = checked(MoveOwnerRuleSerializer, request)["position"]
        return change(
            request,
            tenant,
            OWNER_RULES,
            pk,
            lambda row: move_rule(rule=row, by=person(request), position=position),
        )


class DeleteView(APIView):
    """The deletion of an owner rule."""

    @extend_schema(
        operation_id="delete_owner_rule",
        summary="Delete an owner rule",
        description=f"Findings that the rule has assigned keep their owner until another rule matches them. {_BOTH}",
        parameters=[IF_MATCH],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = proven(customer, _NEEDS)
        change_unanswered(
            request, tenant, OWNER_RULES, pk, lambda row: delete_rule(rule=row, by=person(request))
        )
        return Response(status=204)


class ApplyView(APIView):
    """The application of all owner rules."""

    @extend_schema(
        operation_id="apply_owner_rules",
        summary="Apply the owner rules now",
        description="Assigns owners to failing and manual findings now, as Surety does after each assessment."
        f" Findings that people have assigned do not change. {_BOTH}",
        request=None,
        responses=AppliedOwnerRulesSerializer,
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = proven(customer, _NEEDS)
        count = apply_rules(tenant=tenant, by=person(request))
        return Response(AppliedOwnerRulesSerializer({"findings": count}).data)


class PreviewView(APIView):
    """The findings that an owner rule would assign."""

    @extend_schema(
        operation_id="preview_owner_rule",
        summary="Count the findings that an owner rule would assign",
        description="Writes nothing.",
        request=PreviewOwnerRuleSerializer,
        responses=OwnerRulePreviewSerializer,
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=_NEEDS)
        values = _values(tenant, checked(PreviewOwnerRuleSerializer, request))
        draft, identifier = OwnerRule(tenant=tenant), values.pop("rule", None)
        if identifier is not None:
            stored = OWNER_RULES.find(tenant, identifier)
            draft.pk, draft.position, draft._state.adding = stored.pk, stored.position, False
        # A rule needs an owner, but the owner does not affect which findings match. So the person of the token is the
        # owner if the request names none.
        owner = values.pop("owner", None) or person(request)
        check_rule(draft, name="Preview", owner=owner, enabled=False, **values)
        return Response(OwnerRulePreviewSerializer(owners.preview(tenant, draft)).data)


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    "owner-rules/apply": ApplyView,
    "owner-rules/preview": PreviewView,
    "owner-rules/<uuid:pk>/move": MoveView,
    "owner-rules/<uuid:pk>/delete": DeleteView,
}
"""The views of further operations on owner rules. Each key is the part of the URL below the customer."""


def _values(tenant: Tenant, given: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a checked request body. The names of the values are the names of arguments of `create_rule`,
    `change_rule` and `check_rule`.

    The email address of the owner becomes a `Person`. In the values of a preview, `rule` is the id of the stored rule
    that the previewed rule would replace.
    """
    values = {name: value for name, value in given.items() if name in (*FIELDS, "name", "rule")}
    if "is_enabled" in given:
        values["enabled"] = given["is_enabled"]
    if "owner" in given:
        with names_of_fields(_NAMES):
            values["owner"] = owner_with_address(tenant, given["owner"])
    return values
