"""Assessments of a customer: list, start, follow, cancel."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.actions.cancel import cancel
from assessments.actions.start import start
from assessments.models import Assessment
from portal.api.pages import PARAMETERS, Key, listed, number, only, page_of, respond
from portal.api.people import person
from tenants import access
from tenants.errors import NotFound
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
    units_total = serializers.IntegerField(help_text="Subscriptions and directories; 0 until they are known")
    units_ended = serializers.IntegerField()
    product_version = serializers.CharField()


class AssessmentsView(APIView):
    """Assessments of a customer."""

    @extend_schema(
        operation_id="list_assessments",
        summary="List assessments",
        description="The newest first.",
        parameters=list(PARAMETERS),
        responses=listed("AssessmentPage", AssessmentSerializer),
    )
    def get(self, request: Request, customer: str) -> Response:
        only(request, ())
        rows = Assessment.objects.filter(tenant=access.tenant(customer, needs=Capability.VIEW))
        page = page_of(request, rows, Key("number", descending=True, parse=number))
        return respond(request, (AssessmentSerializer(one).data for one in page.rows), page.next_query)

    @extend_schema(
        operation_id="start_assessment",
        summary="Start an assessment",
        description="Workers assess all included subscriptions and directories. The header Location names the"
        " assessment: read it every few seconds until `ended_at` is set. 409 while another assessment runs.",
        request=None,
        responses={202: AssessmentSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.ASSESS)
        started = start(tenant=tenant, by=person(request))
        return _accepted(tenant, started)


class AssessmentView(APIView):
    """One assessment."""

    @extend_schema(
        operation_id="get_assessment",
        summary="Get an assessment and its progress",
        responses=AssessmentSerializer,
    )
    def get(self, request: Request, customer: str, number: int) -> Response:
        only(request, ())
        tenant = access.tenant(customer, needs=Capability.VIEW)
        return Response(AssessmentSerializer(_assessment(tenant, number)).data)


class CancelView(APIView):
    """The cancellation of an assessment."""

    @extend_schema(
        operation_id="cancel_assessment",
        summary="Cancel an assessment",
        description="Units that have ended keep their results. Running units stop within seconds.",
        request=None,
        responses={202: AssessmentSerializer},
    )
    def post(self, request: Request, customer: str, number: int) -> Response:
        tenant = access.tenant(customer, needs=Capability.ASSESS)
        return _accepted(tenant, cancel(assessment=_assessment(tenant, number), by=person(request)))


def _assessment(tenant: Tenant, number: int) -> Assessment:
    found = Assessment.objects.filter(tenant=tenant, number=number).first()
    if found is None:
        raise NotFound("This assessment does not exist, or the token gives no access to it.")
    return found


def _accepted(tenant: Tenant, found: Assessment) -> Response:
    address = reverse("api-assessment", args=[tenant.slug, found.number])
    return Response(AssessmentSerializer(found).data, status=202, headers={"Location": address})
