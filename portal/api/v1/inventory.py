"""Resources of a customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers

from assessments.models import Finding, Resource
from portal.api.listing import SCOPE, Filters, Listing, Orders, any_of, one_of, text
from portal.api.v1.shared import PersonSerializer
from portal.changes.approved import approvals_of
from portal.queries.inventory.filters import (
    APPROVALS,
    FINDINGS,
    ORDER_LABELS,
    ORDERS,
    STATES,
    InventoryFilter,
    listed_resources,
    numbers_of_open_findings,
)
from portal.queries.keyset import Part, columns
from portal.queries.parameters import Parameters
from portal.queries.subscriptions import unit_names
from portal.treatment.states import ShownState
from tenants.models import Tenant
from tenants.roles import Capability


class ApprovalSerializer(serializers.Serializer[Any]):
    """The approval of a resource’s configuration."""

    approved_at = serializers.DateTimeField()
    approved_by = PersonSerializer()
    reason = serializers.CharField()
    differs_since = serializers.DateTimeField(
        help_text="The time since which the configuration of the resource differs from the approved configuration",
        allow_null=True,
    )


class ResourceSerializer(serializers.Serializer[Any]):
    """An Azure resource."""

    id = serializers.UUIDField()
    resource_id = serializers.CharField(help_text="The id in Azure")
    name = serializers.CharField()
    type = serializers.CharField()
    unit = serializers.CharField(
        help_text="The subscription as `/subscriptions/<id>`, as in the filter `place`"
    )
    unit_name = serializers.CharField(help_text="The name of the subscription", allow_blank=True)
    resource_group = serializers.CharField(allow_blank=True)
    location = serializers.CharField(help_text="The Azure region", allow_blank=True)
    tags = serializers.DictField(child=serializers.CharField(allow_blank=True))
    open_findings = serializers.DictField(
        child=serializers.IntegerField(), help_text="Number of open findings by severity"
    )
    unknown_findings = serializers.IntegerField(help_text="Number of findings whose verdict is unknown")
    first_seen_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField(help_text="The last change of the configuration")
    gone_at = serializers.DateTimeField(
        help_text="The time when Surety found that the resource was deleted", allow_null=True
    )
    sha256 = serializers.CharField(help_text="The hash of the redacted configuration")
    approved_configuration = ApprovalSerializer(allow_null=True)


def _objects(tenant: Tenant, rows: Sequence[Resource]) -> Iterable[dict[str, Any]]:
    places = unit_names(tenant)
    numbers = numbers_of_open_findings(rows, timezone.now()) if rows else {}
    approvals = approvals_of(tenant, rows)
    for row in rows:
        own = numbers.get((row.tenant_id, row.ref), Counter())
        yield {
            "id": row.pk,
            "resource_id": row.resource_id,
            "name": row.name,
            "type": row.type,
            "unit": row.unit,
            "unit_name": places.get(row.unit, row.unit),
            "resource_group": row.resource_group,
            "location": row.location,
            "tags": row.tags,
            "open_findings": {severity: own[severity] for severity in Finding.Severity.values},
            "unknown_findings": own[ShownState.UNKNOWN],
            "first_seen_at": row.first_seen_at,
            "changed_at": row.changed_at,
            "gone_at": row.gone_at,
            "sha256": row.sha256,
            "approved_configuration": approvals.get(row.pk),
        }


def _filtered(rows: QuerySet[Resource], parameters: Parameters, tenant: Tenant) -> QuerySet[Resource]:
    chosen = InventoryFilter.parse(parameters)
    return chosen.apply(chosen.narrow(rows, timezone.now()))


def _in_order(rows: QuerySet[Resource], order: str, tenant: Tenant) -> tuple[Part[QuerySet[Resource]]]:
    return (Part(rows, columns(*ORDERS[order])),)


RESOURCES: Final = Listing[Resource](
    plural="resources",
    singular="resource",
    needs=Capability.VIEW_ALL,
    serializer=ResourceSerializer,
    rows=listed_resources,
    objects=_objects,
    filters=Filters(
        (
            any_of("type", "Azure resource type, in upper or lower case"),
            any_of(
                "place",
                "Subscription or directory: `/subscriptions/<id>` or `directory:<id>`, in lower case",
                SCOPE,
            ),
            any_of("group", "Resource group"),
            any_of("location", "Azure region"),
            any_of("tag", "Tag as `name` or `name=value`"),
            one_of(
                "state",
                STATES,
                "The state of the resources. Without this filter, the list contains only"
                " resources that still exist",
            ),
            one_of("findings", FINDINGS, "Only resources with open findings"),
            one_of("approval", APPROVALS, "Only resources with an approved configuration"),
            text("q", "Words that the resource id contains"),
        ),
        _filtered,
    ),
    orders=Orders(ORDER_LABELS, _in_order),
    description="Without `sort`, the resources are in the order in which Surety first saw them.",
)
