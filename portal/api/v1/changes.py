"""Changes of a customer's resources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers

from assessments.models import Finding
from portal.api.listing import SCOPE, Filters, Listing, any_of, one_of, text
from portal.api.pages import Key
from portal.api.v1.shared import PersonSerializer
from portal.changes.models import ResourceChange
from portal.queries.changes.filters import APPROVED, KINDS, PERIODS, SEVERITIES, STATES, ChangeFilter
from portal.queries.changes.names import actor_label, actor_names
from portal.queries.changes.visible import hide_verdicts, visible_changes
from portal.queries.parameters import Parameters
from portal.queries.subscriptions import unit_names
from tenants import scope
from tenants.errors import NoScope, invalid
from tenants.models import Person, Tenant
from tenants.roles import Capability


class DifferenceSerializer(serializers.Serializer[Any]):
    """A property that changed. If the property is new, `before` is missing. If it was removed, `now` is missing."""

    path = serializers.ListField(
        child=serializers.JSONField(),
        help_text="The path to the property: names of properties from the outermost to the innermost, and for each list"
        " the value that identifies the item",
    )
    before = serializers.JSONField(required=False, allow_null=True)
    now = serializers.JSONField(required=False, allow_null=True)


class CandidateSerializer(serializers.Serializer[Any]):
    """An operation that may have made the change."""

    at = serializers.DateTimeField()
    actor = serializers.CharField(help_text="Who acted, by name")
    actor_id = serializers.CharField(help_text="The user name or id as Azure returns it", allow_blank=True)
    operation = serializers.CharField()
    address = serializers.CharField(help_text="The IP address", allow_blank=True)


class MovedVerdictSerializer(serializers.Serializer[Any]):
    """A finding of the resource, and the change of its verdict."""

    finding = serializers.CharField()
    control = serializers.CharField()
    severity = serializers.CharField()
    before = serializers.CharField(help_text="Empty for a new finding", allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class ChangeSerializer(serializers.Serializer[Any]):
    """A change of a resource, and its review if a watch rule caught it."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(ResourceChange.Kind.values)
    at = serializers.DateTimeField(
        help_text="When Surety found the change; for the kind `operation`, when the operation happened"
    )
    since = serializers.DateTimeField(help_text="The change happened after this time", allow_null=True)
    resource = serializers.UUIDField(source="resource_id", help_text="Id of the resource", allow_null=True)
    resource_id = serializers.CharField(source="azure_id", help_text="The id in Azure")
    name = serializers.CharField(allow_blank=True)
    type = serializers.CharField(allow_blank=True)
    unit_name = serializers.CharField(help_text="The name of the subscription", allow_blank=True)
    resource_group = serializers.CharField(allow_blank=True)
    assessment = serializers.IntegerField(
        help_text="The number of the assessment that found the change", allow_null=True
    )
    differences = DifferenceSerializer(many=True, help_text="The first changed properties")
    difference_count = serializers.IntegerField(help_text="The number of changed properties")
    candidates = CandidateSerializer(many=True)
    not_attributed = serializers.CharField(
        source="gap",
        help_text="Why operations may be missing in `candidates`; empty if the log was read completely. `candidates`"
        " has at most the last 50 operations",
        allow_blank=True,
    )
    verdicts = MovedVerdictSerializer(many=True)
    approved_at = serializers.DateTimeField(
        source="approval.approved_at",
        default=None,
        help_text="When the approved configuration was approved; null if the resource does not differ from an approved"
        " configuration",
        allow_null=True,
    )
    approved_differences = DifferenceSerializer(
        many=True,
        help_text="The first properties that differ from the approved configuration; `before` is the"
        " approved value",
    )
    approved_difference_count = serializers.IntegerField(
        help_text="The number of properties that differ from the approved configuration"
    )
    rules = serializers.ListField(
        child=serializers.CharField(), help_text="Names of the watch rules that caught the change"
    )
    severity = serializers.ChoiceField(Finding.Severity.values, allow_blank=True)
    review = serializers.ChoiceField(
        [state for state in ResourceChange.State.values if state],
        source="state",
        help_text="Empty if no watch rule caught the change",
        allow_blank=True,
    )
    owner = PersonSerializer(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    planned_change = serializers.CharField(
        source="plan.name",
        default=None,
        help_text="The name of the planned change that covers the change",
        allow_null=True,
    )
    reviewed_by = PersonSerializer(allow_null=True)
    reviewed_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    ticket = serializers.CharField(allow_blank=True)


def _rows(tenant: Tenant) -> QuerySet[ResourceChange]:
    current = scope.current()
    if not isinstance(current.person, Person):
        raise NoScope("Open tenants.scope.person_scope(person) before you list changes of resources.")
    rows = visible_changes(tenant, current.person, sees_all=current.may(Capability.VIEW_ALL, tenant.pk))
    rows = rows.select_related("owner", "reviewed_by", "plan", "approval")
    return rows.defer("approval__content")


def _objects(tenant: Tenant, rows: Sequence[ResourceChange]) -> Iterable[ResourceChange]:
    hide_verdicts(tenant, rows)
    places, names = unit_names(tenant), actor_names(tenant, rows)
    for row in rows:
        candidates = [
            {
                "at": datetime.fromisoformat(one["at"]),
                "actor": actor_label(one, names),
                "actor_id": one["actor"],
                "operation": one["operation"],
                "address": one["address"],
            }
            for one in row.candidates
        ]
        vars(row).update(unit_name=places.get(row.unit, row.unit), candidates=candidates)
    return rows


def _filtered(
    rows: QuerySet[ResourceChange], parameters: Parameters, tenant: Tenant
) -> QuerySet[ResourceChange]:
    chosen = ChangeFilter.parse(parameters)
    if parameters.get("resource") and chosen.resource is None:
        raise invalid("resource", "Give the id of a resource, from the list of resources.")
    return chosen.apply(tenant, chosen.narrow(tenant, timezone.now(), rows))


CHANGES: Final = Listing[ResourceChange](
    plural="changes",
    singular="change",
    needs=Capability.VIEW,
    list_needs=Capability.VIEW_ALL,
    serializer=ChangeSerializer,
    rows=_rows,
    objects=_objects,
    key=Key(descending=True),
    filters=Filters(
        (
            one_of("state", STATES, "State of the review; `none` for changes that no watch rule caught"),
            one_of("severity", SEVERITIES, "Severity of the watch rule that caught the change"),
            one_of("kind", KINDS, "Kind of change"),
            any_of("type", "Azure resource type, in upper or lower case"),
            any_of(
                "place",
                "Subscription or directory: `/subscriptions/<id>` or `directory:<id>`, in lower case",
                SCOPE,
            ),
            any_of("group", "Resource group"),
            any_of("property", "Path of a changed property"),
            any_of("actor", "User name or id of a possible actor"),
            any_of("operation", "Operation of the activity log"),
            any_of("rule", "Name of a watch rule"),
            one_of(
                "approved",
                APPROVED,
                "Only changes after which the resource differs from its approved configuration",
            ),
            text("resource", "Id of a resource, from the list of resources"),
            one_of("days", PERIODS, "Period in days. The default is 30, or `all` if `resource` is given"),
            text("q", "Words that the resource id or a possible actor contains"),
        ),
        _filtered,
    ),
    description="Changes, the most recently recorded first.",
)
