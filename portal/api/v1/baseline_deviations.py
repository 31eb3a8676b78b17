"""The settings in which customers differ from their baselines: list the settings, and apply the baselines' values."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import StrictSerializer, checked
from portal.api.pages import listed, only, page_of_items, page_parameters, respond
from portal.api.people import person
from portal.api.preconditions import IF_MATCH
from portal.api.v1.baselines import BASELINES, tenants_of
from portal.treatment.actions.baselines import apply_baselines
from portal.treatment.models import Baseline
from portal.treatment.selectors.baselines import CHANNEL, Deviation, baselines, deviations
from tenants import access
from tenants.errors import invalid
from tenants.roles import Capability

_NEEDS: Final = Capability.ADMINISTER
_MAX_SETTINGS: Final = 1000


class DeviationSerializer(serializers.Serializer[Any]):
    """A setting of a customer that differs from its baseline."""

    customer = serializers.SlugField(source="tenant.slug")
    baseline = serializers.UUIDField(source="baseline.pk")
    setting = serializers.CharField()
    value = serializers.SerializerMethodField(
        method_name="value_of",
        help_text="The customer's value; null for a channel, because a channel has secrets",
    )
    wanted = serializers.SerializerMethodField(
        method_name="wanted_of", help_text="The value of the baseline; null for a channel"
    )

    @extend_schema_field(OpenApiTypes.ANY)
    def value_of(self, one: Deviation) -> Any:
        return None if one.setting.startswith(CHANNEL) else one.value

    @extend_schema_field(OpenApiTypes.ANY)
    def wanted_of(self, one: Deviation) -> Any:
        return None if one.setting.startswith(CHANNEL) else one.wanted


class DeviatingSettingSerializer(StrictSerializer):
    """A setting of a customer."""

    customer = serializers.SlugField(max_length=60)
    setting = serializers.CharField(max_length=200)


class ApplyBaselineSerializer(serializers.Serializer[Any]):
    """The settings that get the values of the baseline."""

    settings = serializers.ListField(
        child=DeviatingSettingSerializer(), min_length=1, max_length=_MAX_SETTINGS
    )


class RefusedSettingSerializer(serializers.Serializer[Any]):
    """A setting that was not changed."""

    customer = serializers.SlugField()
    setting = serializers.CharField()
    reason = serializers.CharField()


class AppliedBaselineSerializer(serializers.Serializer[Any]):
    """The number of changed settings, and the settings that were refused."""

    changed = serializers.IntegerField()
    refused = RefusedSettingSerializer(many=True)


class DeviationsView(APIView):
    """The settings of customers that differ from their baselines."""

    @extend_schema(
        operation_id="list_baseline_deviations",
        summary="List settings that differ from baselines",
        description="The settings are listed by customer. Needs the right `administer` for the whole organization.",
        parameters=list(page_parameters(DeviationSerializer)),
        responses=listed("BaselineDeviationPage", DeviationSerializer),
    )
    def get(self, request: Request, organization: str) -> Response:
        only(request, (), item=DeviationSerializer)
        found = access.organization(organization, needs=_NEEDS)
        rows = deviations(tenants_of(found), baselines(found))
        page = page_of_items(request, rows, lambda one: f"{one.tenant.pk} {one.setting}")
        return respond(request, DeviationSerializer(page.rows, many=True).data, page.next_cursor)


class ApplyView(APIView):
    """The application of a baseline's values to customers."""

    @extend_schema(
        operation_id="apply_baseline",
        summary="Set settings of customers to the values of their baseline",
        description="Settings that no longer differ from this baseline are not changed. If the value of one setting is"
        " not possible for a customer, the other settings are still set.",
        parameters=[IF_MATCH],
        request=ApplyBaselineSerializer,
        responses=AppliedBaselineSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        asked = {
            (one["customer"], one["setting"]) for one in checked(ApplyBaselineSerializer, request)["settings"]
        }
        tenants = tenants_of(found)
        if unknown := sorted({slug for slug, _ in asked} - {one.slug for one in tenants}):
            raise invalid(
                "settings", f"There is no customer “{unknown[0]}”, or the token gives no access to it."
            )

        def action(row: Baseline) -> Any:
            chosen = {
                (one.tenant.pk, one.setting)
                for one in deviations(tenants, baselines(found))
                if one.baseline.pk == row.pk and (one.tenant.slug, one.setting) in asked
            }
            return apply_baselines(organization=found, by=person(request), tenants=tenants, chosen=chosen)

        done = BASELINES.change(request, found, pk, action)
        refused = [
            {"customer": one.tenant.slug, "setting": one.setting, "reason": reason}
            for one, reason in done.refused
        ]
        etag = BASELINES.answer(found, BASELINES.find(found, pk)).headers["ETag"]
        shown = AppliedBaselineSerializer({"changed": done.changed, "refused": refused}).data
        return Response(shown, headers={"ETag": etag})
