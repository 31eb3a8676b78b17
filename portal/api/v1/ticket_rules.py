"""Rules that open tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.models import Finding
from portal.api.bodies import checked, names_of_fields
from portal.api.idempotency import IDEMPOTENCY_KEY, create_in_organization
from portal.api.organization_listing import (
    OrganizationListing,
    OrganizationListView,
    OrganizationObjectView,
)
from portal.api.people import person
from portal.api.preconditions import IF_MATCH
from portal.api.v1.ticket_systems import TICKET_SYSTEMS
from portal.tickets.actions.rules import MAX_LABELS, delete_rule, save_rule
from portal.tickets.models import TicketRule, TicketRuleCustomer
from portal.tickets.selectors import rules
from tenants import access
from tenants.errors import NotFound, invalid
from tenants.models import Organization, Tenant
from tenants.roles import Capability

_NEEDS: Final = Capability.ORGANIZATION
SEVERITIES: Final = Finding.Severity.values
_NAMES: Final = {"enabled": "is_enabled"}
_MAX_CUSTOMERS: Final = 2000


class TicketRuleSerializer(serializers.Serializer[Any]):
    """A rule. A finding must meet all conditions; an empty condition is always met."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    system = serializers.UUIDField(source="system_id", help_text="The id of the ticket system")
    per = serializers.ChoiceField(TicketRule.Per.values)
    severities = serializers.ListField(child=serializers.ChoiceField(SEVERITIES))
    controls = serializers.ListField(child=serializers.CharField())
    labels = serializers.ListField(child=serializers.CharField(), help_text="Labels of customers")
    customers = serializers.ListField(
        child=serializers.SlugField(), allow_null=True, help_text="Short names; null for all customers"
    )
    is_enabled = serializers.BooleanField(source="enabled")
    ended_because = serializers.CharField(
        source="ended", allow_blank=True, help_text="Why Surety turned the rule off"
    )
    created_at = serializers.DateTimeField()


def _list(child: serializers.Field[Any, Any, Any, Any], **more: Any) -> serializers.ListField:
    return serializers.ListField(child=child, required=False, **more)


class ChangeTicketRuleSerializer(serializers.Serializer[Any]):
    """The new values. Fields that are left out do not change."""

    name = serializers.CharField(max_length=120, required=False)
    system = serializers.UUIDField(required=False)
    per = serializers.ChoiceField(TicketRule.Per.values, required=False)
    severities = _list(serializers.ChoiceField(SEVERITIES), max_length=10)
    controls = _list(serializers.CharField(max_length=80), max_length=1000)
    labels = _list(serializers.CharField(max_length=60), max_length=MAX_LABELS)
    customers = _list(
        serializers.SlugField(max_length=60),
        max_length=_MAX_CUSTOMERS,
        allow_null=True,
        help_text="The short names of the customers to which the rule applies, at least one; null for all customers",
    )
    is_enabled = serializers.BooleanField(required=False)


class AddTicketRuleSerializer(ChangeTicketRuleSerializer):
    """A new rule. Without `customers`, it applies to all customers."""

    name = serializers.CharField(max_length=120)
    system = serializers.UUIDField()
    per = serializers.ChoiceField(TicketRule.Per.values, default=TicketRule.Per.CONTROL)


def _objects(organization: Organization, rows: Sequence[TicketRule]) -> list[_Shown]:
    """Return the rules with the short names of their customers."""
    chosen: dict[UUID, list[str]] = {}
    found = TicketRuleCustomer.objects.filter(rule__in=rows, organization=organization)
    for rule, slug in found.order_by("tenant__slug").values_list("rule_id", "tenant__slug"):
        chosen.setdefault(rule, []).append(slug)
    return [_Shown(row, chosen.get(row.pk, []) if row.only_chosen else None) for row in rows]


class _Shown:
    """A rule with the short names of its customers as `customers`, for the serializer. In the model `TicketRule`,
    `customers` is a manager of related rows.
    """

    def __init__(self, row: TicketRule, customers: list[str] | None) -> None:
        self._row, self.customers = row, customers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


TICKET_RULES: Final = OrganizationListing[TicketRule](
    plural="ticket-rules",
    singular="ticket-rule",
    needs=_NEEDS,
    serializer=TicketRuleSerializer,
    rows=rules,
    lock=lambda row: list(TicketRule.objects.select_for_update(of=("self",)).filter(pk=row.pk)),
    objects=_objects,
    description="The token needs the right `organization` for the whole organization. If several rules of the"
    " same ticket system match a finding, the oldest rule applies.",
)


class TicketRulesView(OrganizationListView, listing=TICKET_RULES):
    """Rules that open tickets."""

    @extend_schema(
        operation_id="add_ticket_rule",
        summary="Add a rule that opens tickets",
        description="Surety opens the tickets of the new rule within minutes. Each rule needs a name of its own.",
        parameters=[IDEMPOTENCY_KEY],
        request=AddTicketRuleSerializer,
        responses={201: TicketRuleSerializer},
    )
    def post(self, request: Request, organization: str) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        values = checked(AddTicketRuleSerializer, request)

        def action() -> TicketRule:
            return _save(request, found, None, {"customers": None, "is_enabled": True, **values})

        return create_in_organization(request, found, TICKET_RULES, "add_ticket_rule", action)


class TicketRuleView(OrganizationObjectView, listing=TICKET_RULES):
    """A rule that opens tickets, with its conditions."""

    @extend_schema(
        operation_id="change_ticket_rule",
        summary="Change a rule that opens tickets",
        description="Tickets that the rule opened earlier remain.",
        parameters=[IF_MATCH],
        request=ChangeTicketRuleSerializer,
        responses=TicketRuleSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        values = checked(ChangeTicketRuleSerializer, request)

        def action(row: TicketRule) -> TicketRule:
            (shown,) = _objects(found, [row])
            names = ("name", "per", "severities", "controls", "labels", "customers")
            present = {name: getattr(shown, name) for name in names}
            return _save(
                request,
                found,
                row,
                {"system": row.system_id, "is_enabled": row.enabled, **present, **values},
            )

        TICKET_RULES.change(request, found, pk, action)
        return TICKET_RULES.answer(found, TICKET_RULES.find(found, pk))


class DeleteView(APIView):
    """The deletion of a rule."""

    @extend_schema(
        operation_id="delete_ticket_rule",
        summary="Delete a rule that opens tickets",
        description="Tickets that the rule opened remain. Surety still closes and reopens these tickets.",
        parameters=[IF_MATCH],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        TICKET_RULES.change(request, found, pk, lambda row: delete_rule(rule=row, by=person(request)))
        return Response(status=204)


def _save(
    request: Request, organization: Organization, rule: TicketRule | None, values: Mapping[str, Any]
) -> TicketRule:
    given = dict(values)
    try:
        system = TICKET_SYSTEMS.find(organization, given.pop("system"))
    except NotFound as error:
        raise invalid("system", f"{error.message} The list of ticket systems contains their ids.") from None
    customers = _customers(organization, given.pop("customers"))
    with names_of_fields(_NAMES):
        return save_rule(
            organization=organization,
            by=person(request),
            rule=rule,
            customers=customers,
            system=system,
            enabled=given.pop("is_enabled"),
            **given,
        )


def _customers(organization: Organization, short_names: Sequence[str] | None) -> list[Tenant] | None:
    if short_names is None:
        return None
    visible = access.tenants(needs=Capability.VIEW, archived=None).filter(organization=organization)
    found = list(visible.filter(slug__in=short_names))
    if unknown := sorted(set(short_names) - {one.slug for one in found}):
        raise invalid(
            "customers", f"There is no customer “{unknown[0]}”, or the token gives no access to it."
        )
    return found
