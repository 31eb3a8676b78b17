"""Baselines of an organization: settings that it sets once for many customers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.models import Finding
from portal.api.bodies import checked
from portal.api.idempotency import IDEMPOTENCY_KEY, create_in_organization
from portal.api.organization_listing import (
    OrganizationListing,
    OrganizationListView,
    OrganizationObjectView,
)
from portal.api.people import person
from portal.api.preconditions import IF_MATCH
from portal.api.v1.owner_rules import ConditionsSerializer
from portal.api.v1.shared import PersonSerializer
from portal.api.v1.watch_rules import SEVERITIES, WatchConditionsSerializer
from portal.changes.shipped import SHIPPED
from portal.notify.kinds import KINDS
from portal.notify.models import Channel
from portal.notify.selectors import address_digest
from portal.retention.kinds import CUSTOMER_KINDS
from portal.treatment.actions.baselines import delete_baseline, save_baseline
from portal.treatment.actions.baselines.change import MAX_NAME, lock_baselines
from portal.treatment.models import Baseline
from portal.treatment.selectors.baselines import applies_to
from tenants import access
from tenants.models import Organization, Person, Tenant
from tenants.roles import Capability

NEEDS: Final = Capability.ADMINISTER
_FOLLOW: Final = (
    "Customers that have the previous value of the baseline get the new value. If the baseline had no value, customers"
    " that have the default value get the new value. Customers with a value of their own are listed as deviating."
)
_DUE: Final = (
    f"Days until a failing finding is due, by severity ({', '.join(Finding.Severity.values)}). For a severity that is"
    " not given, each customer sets the days"
)
_RETENTION: Final = (
    f"Periods by kind of data ({', '.join(kind.key for kind in CUSTOMER_KINDS)}): a number of days, `keep`"
    " (without limit) or `default`. Tokens cannot change these periods"
)


class BaselineOwnerRuleSerializer(ConditionsSerializer):
    """An owner rule of a baseline. It sets the rule with the same name in each customer."""

    name = serializers.CharField()
    owner = PersonSerializer(allow_null=True, help_text="Null if the account was deleted")
    is_enabled = serializers.BooleanField(source="enabled")


class BaselineWatchRuleSerializer(WatchConditionsSerializer):
    """A watch rule of a baseline. It sets the rule with the same name in each customer."""

    name = serializers.CharField()
    severity = serializers.ChoiceField(SEVERITIES)
    is_enabled = serializers.BooleanField(source="enabled")


class BaselineShippedRuleSerializer(serializers.Serializer[Any]):
    """The settings of a baseline for a watch rule that every customer has."""

    rule = serializers.ChoiceField(list(SHIPPED), source="shipped")
    severity = serializers.ChoiceField(SEVERITIES)
    is_enabled = serializers.BooleanField(source="enabled")


class BaselineChannelSerializer(serializers.Serializer[Any]):
    """A channel of a baseline, without its address and its signing secret."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(Channel.Kind.values)
    host = serializers.CharField()
    events = serializers.ListField(source="kinds", child=serializers.ChoiceField(list(KINDS)))


class BaselineProfileSerializer(serializers.Serializer[Any]):
    """The profile of controls that the baseline sets for its customers."""

    profile = serializers.CharField()
    controls = serializers.ListField(
        child=serializers.CharField(), help_text="If the profile is `own`: its controls"
    )


class BaselineSerializer(serializers.Serializer[Any]):
    """A baseline. Empty or null values are not set by the baseline, so each customer sets them."""

    id = serializers.UUIDField(source="pk")
    name = serializers.CharField()
    label = serializers.CharField(  # type: ignore[assignment]
        allow_blank=True, help_text="Empty for all customers"
    )
    customers = serializers.ListField(
        child=serializers.SlugField(), help_text="Short names of the customers to which the baseline applies"
    )
    due_days = serializers.DictField(child=serializers.IntegerField())
    exception_cap_days = serializers.IntegerField(allow_null=True)
    schedule = serializers.CharField(allow_blank=True)
    retention = serializers.DictField(child=serializers.CharField())
    profile = BaselineProfileSerializer(allow_null=True)
    parameters = serializers.DictField(
        child=serializers.DictField(), help_text="Values of parameters by control"
    )
    owner_rules = BaselineOwnerRuleSerializer(many=True)
    watch_rules = BaselineWatchRuleSerializer(many=True)
    shipped_watch_rules = BaselineShippedRuleSerializer(many=True)
    channels = BaselineChannelSerializer(many=True)
    changed_by = PersonSerializer()
    changed_at = serializers.DateTimeField()


class ChangeBaselineSerializer(serializers.Serializer[Any]):
    """The new values. Fields that are left out do not change."""

    name = serializers.CharField(max_length=MAX_NAME, required=False)
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=60, required=False, allow_blank=True, help_text="Empty for all customers"
    )
    due_days = serializers.DictField(child=serializers.IntegerField(), required=False, help_text=_DUE)
    exception_cap_days = serializers.IntegerField(required=False, allow_null=True)
    schedule = serializers.CharField(
        max_length=250,
        required=False,
        allow_blank=True,
        help_text="`off`, `default` or a timetable; empty if each customer has its own schedule",
    )
    retention = serializers.DictField(child=serializers.CharField(), required=False, help_text=_RETENTION)

    def validate_due_days(self, values: dict[str, int]) -> dict[str, int]:
        return self._known(values, SEVERITIES)

    def validate_retention(self, values: dict[str, str]) -> dict[str, str]:
        return self._known(values, [kind.key for kind in CUSTOMER_KINDS])

    def _known[V](self, values: dict[str, V], names: Sequence[str]) -> dict[str, V]:
        if unknown := sorted(set(values) - set(names)):
            raise serializers.ValidationError(
                f"There is no key “{unknown[0][:60]}”. The keys are {', '.join(names)}."
            )
        return values


class AddBaselineSerializer(ChangeBaselineSerializer):
    """A new baseline."""

    name = serializers.CharField(max_length=MAX_NAME)


def _rows(organization: Organization) -> QuerySet[Baseline]:
    rows = Baseline.objects.filter(organization=organization).select_related("organization", "changed_by")
    return rows.prefetch_related("channels").order_by()


def tenants_of(organization: Organization) -> list[Tenant]:
    """Return the organization's customers that are not archived. A change of a baseline can change settings of each of
    them.
    """
    rows = Tenant.objects.filter(organization=organization, archived_at__isnull=True)
    return list(rows.order_by("name", "pk"))


def _objects(organization: Organization, rows: Sequence[Baseline]) -> list[dict[str, Any]]:
    tenants = tenants_of(organization)
    owners = {rule["owner"] for row in rows for rule in row.owner_rules}
    people = {str(one.pk): one for one in Person.objects.filter(pk__in=owners)}
    names = (
        "pk", "name", "label", "due_days", "exception_cap_days", "schedule", "retention", "parameters", "changed_by",
        "changed_at",
    )  # fmt: skip
    return [
        {
            **{name: getattr(row, name) for name in names},
            "customers": sorted(one.slug for one in tenants if applies_to(row, one)),
            "profile": row.profile or None,
            "owner_rules": [{**rule, "owner": people.get(rule["owner"])} for rule in row.owner_rules],
            "watch_rules": [rule for rule in row.watch_rules if "name" in rule],
            "shipped_watch_rules": [rule for rule in row.watch_rules if rule.get("shipped") in SHIPPED],
            "channels": row.channels.all(),
        }
        for row in rows
    ]


BASELINES: Final = OrganizationListing[Baseline](
    plural="baselines",
    singular="baseline",
    needs=NEEDS,
    serializer=BaselineSerializer,
    rows=_rows,
    # Each action that changes a baseline takes these locks in the same order, so that no deadlock occurs.
    lock=lambda row: lock_baselines(row.organization, tenants_of(row.organization)),
    objects=_objects,
    # A baseline is shown with only the host of each channel's address. So the entity tag also covers a digest of the
    # whole address: it changes even if the new address has the same host.
    seen=lambda row: sorted((str(one.pk), address_digest(one.address)) for one in row.channels.all()),
    description="Needs the right `administer` for the whole organization. A baseline for a label takes"
    " precedence over the baseline for all customers.",
)


class BaselinesView(OrganizationListView, listing=BASELINES):
    """Baselines of an organization."""

    @extend_schema(
        operation_id="add_baseline",
        summary="Add a baseline",
        description="A baseline applies to the customers with its label or, without a label, to all customers. Such a"
        " customer gets a value of the new baseline only if it has the value of the baseline that applied to the"
        " setting before or, if there was none, the default value. Each label can have only one baseline.",
        parameters=[IDEMPOTENCY_KEY],
        request=AddBaselineSerializer,
        responses={201: BaselineSerializer},
    )
    def post(self, request: Request, organization: str) -> Response:
        found = access.organization(organization, needs=NEEDS)
        given = checked(AddBaselineSerializer, request)

        def action() -> Baseline:
            values = {"label": "", "due_days": {}, "exception_cap_days": None, **given}
            return _save(request, found, None, values)

        return create_in_organization(request, found, BASELINES, "add_baseline", action)


class BaselineView(OrganizationObjectView, listing=BASELINES):
    """A baseline of an organization."""

    @extend_schema(
        operation_id="change_baseline",
        summary="Change name, customers, policy, schedule or retention periods of a baseline",
        description=_FOLLOW,
        parameters=[IF_MATCH],
        request=ChangeBaselineSerializer,
        responses=BaselineSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        given = checked(ChangeBaselineSerializer, request)

        def action(row: Baseline, found: Organization) -> None:
            names = ("name", "label", "due_days", "exception_cap_days", "schedule", "retention")
            _save(request, found, row, {**{name: getattr(row, name) for name in names}, **given})

        return change_baseline(request, organization, pk, action)


class DeleteView(APIView):
    """The deletion of a baseline."""

    @extend_schema(
        operation_id="delete_baseline",
        summary="Delete a baseline",
        description="Customers keep their values.",
        parameters=[IF_MATCH],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=NEEDS)
        BASELINES.change(request, found, pk, lambda row: delete_baseline(baseline=row, by=person(request)))
        return Response(status=204)


def change_baseline(
    request: Request, organization: str, pk: UUID, action: Callable[[Baseline, Organization], object]
) -> Response:
    """Change the baseline with `action`, and return the changed baseline. Refuse the change if somebody has changed the
    baseline since the program read it.
    """
    found = access.organization(organization, needs=NEEDS)
    BASELINES.change(request, found, pk, lambda row: action(row, found))
    return BASELINES.answer(found, BASELINES.find(found, pk))


def _save(
    request: Request, organization: Organization, row: Baseline | None, values: dict[str, Any]
) -> Baseline:
    return save_baseline(
        organization=organization,
        by=person(request),
        tenants=tenants_of(organization),
        baseline=row,
        **values,
    )
