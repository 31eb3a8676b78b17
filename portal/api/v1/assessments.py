"""Assessments of a customer: list, read, start, cancel and retry."""

from __future__ import annotations

from typing import Any, Final

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.actions.cancel import cancel
from assessments.actions.start import retry, start
from assessments.models import Assessment
from portal.api.idempotency import IDEMPOTENCY_KEY, create
from portal.api.listing import Listing, ListView
from portal.api.pages import Key
from portal.api.people import person
from tenants import access
from tenants.actions import finish_registration
from tenants.models import Tenant
from tenants.roles import Capability


class AssessmentSerializer(serializers.Serializer[Any]):
    """An assessment. It is complete when `ended_at` is set."""

    number = serializers.IntegerField()
    state = serializers.ChoiceField(Assessment.State.values)
    trigger = serializers.ChoiceField(Assessment.Trigger.values)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    cancel_requested_at = serializers.DateTimeField(allow_null=True)
    units_total = serializers.IntegerField(
        help_text="Number of subscriptions and directories; 0 until it is known"
    )
    units_ended = serializers.IntegerField()
    product_version = serializers.CharField()


ASSESSMENTS: Final = Listing[Assessment](
    plural="assessments",
    singular="assessment",
    needs=Capability.VIEW,
    serializer=AssessmentSerializer,
    rows=lambda tenant: Assessment.objects.filter(tenant=tenant),
    key=Key("number", descending=True),
    lookup="number",
    converter="int",
    description="Assessments, the newest first. An assessment is complete when `ended_at` is set.",
)


class AssessmentsView(ListView, listing=ASSESSMENTS):
    """Assessments of a customer."""

    @extend_schema(
        operation_id="start_assessment",
        summary="Start an assessment",
        description="Workers assess all included subscriptions and directories. The header Location has the address of"
        " the assessment. Read this address every few seconds until `ended_at` is set. 409 while another assessment"
        " runs.",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={202: AssessmentSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.ASSESS)

        def action() -> Assessment:
            started = start(tenant=tenant, by=person(request))
            # The registration of a customer ends with the first assessment. For later assessments, the next line does
            # nothing.
            finish_registration(tenant=tenant)
            return started

        return create(request, tenant, ASSESSMENTS, "start_assessment", action, status=202)


class CancelView(APIView):
    """The cancellation of an assessment."""

    @extend_schema(
        operation_id="cancel_assessment",
        summary="Cancel an assessment",
        description="Subscriptions and directories that were assessed keep their results. The assessment of the others"
        " stops within seconds.",
        request=None,
        responses={202: AssessmentSerializer},
    )
    def post(self, request: Request, customer: str, number: int) -> Response:
        tenant = access.tenant(customer, needs=Capability.ASSESS)
        return _accepted(tenant, cancel(assessment=ASSESSMENTS.find(tenant, number), by=person(request)))


class RetryView(APIView):
    """A new assessment of the units that an assessment could not read completely."""

    @extend_schema(
        operation_id="retry_assessment",
        summary="Assess again what an assessment could not read",
        description="Starts an assessment of the subscriptions and directories that failed, were cancelled or"
        " were not read completely. The header Location has the address of the new assessment. 409 if"
        " everything was read.",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={202: AssessmentSerializer},
    )
    def post(self, request: Request, customer: str, number: int) -> Response:
        tenant = access.tenant(customer, needs=Capability.ASSESS)
        found = ASSESSMENTS.find(tenant, number)
        return create(
            request,
            tenant,
            ASSESSMENTS,
            "retry_assessment",
            lambda: retry(assessment=found, by=person(request)),
            status=202,
        )


def _accepted(tenant: Tenant, found: Assessment) -> Response:
    address = reverse("api-assessment", args=[tenant.slug, found.number])
    return Response(AssessmentSerializer(found).data, status=202, headers={"Location": address})
