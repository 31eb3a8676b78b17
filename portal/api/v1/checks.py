"""Checks of single findings between two assessments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.actions.check_finding import GONE, FindingCheck, latest_check, request_check
from assessments.models import Finding
from portal.api.pages import only
from portal.api.people import person
from portal.api.v1.findings import FINDINGS
from portal.api.v1.preflights import STATES
from tenants import access
from tenants.errors import NotFound
from tenants.models import Tenant
from tenants.roles import Capability


class FindingCheckSerializer(serializers.Serializer[Any]):
    """A check of a finding. A check changes no verdict: only the next assessment does."""

    state = serializers.SerializerMethodField()
    requested_at = serializers.DateTimeField(source="at")
    done = serializers.IntegerField(help_text="Number of answered requests to Azure")
    planned = serializers.IntegerField(
        help_text="Number of requests to Azure that the check needs, as far as Surety knows"
    )
    verdict = serializers.SerializerMethodField()
    is_gone = serializers.SerializerMethodField(help_text="Whether Azure no longer lists the subject")
    reason = serializers.CharField(allow_blank=True)
    ended_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field({"type": "string", "enum": list(STATES)})
    def get_state(self, row: FindingCheck) -> str:
        if row.ended_at is not None:
            return "finished"
        return "lost" if row.is_lost else "waiting"

    @extend_schema_field(serializers.ChoiceField(Finding.Outcome.values, allow_null=True))
    def get_verdict(self, row: FindingCheck) -> str | None:
        return None if row.outcome in ("", GONE) else row.outcome

    def get_is_gone(self, row: FindingCheck) -> bool:
        return row.outcome == GONE


class FindingCheckView(APIView):
    """The latest check of a finding."""

    @extend_schema(
        operation_id="get_finding_check",
        summary="Get the latest check of a finding",
        description="A check can be read for 24 hours after it was requested. The state `lost` means that no worker ran"
        " the check in time.",
        responses=FindingCheckSerializer,
    )
    def get(self, request: Request, customer: str, pk: UUID) -> Response:
        only(request, (), paged=False)
        _, finding = _finding(customer, pk)
        found = latest_check(finding)
        if found is None:
            raise NotFound("No check of this finding was requested in the last 24 hours. Request one.")
        return Response(FindingCheckSerializer(found).data)

    @extend_schema(
        operation_id="check_finding",
        summary="Check a finding again",
        description="A worker reads the data that the control needs, without starting an assessment. Read this address"
        " every few seconds until `state` is no longer `waiting`. While a check runs, a second request starts no other"
        " check.",
        request=None,
        responses={202: FindingCheckSerializer},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant, finding = _finding(customer, pk)
        requested = request_check(finding=finding, by=person(request))
        address = reverse("api-finding-check", args=[tenant.slug, finding.pk])
        return Response(FindingCheckSerializer(requested).data, status=202, headers={"Location": address})


def _finding(customer: str, pk: UUID) -> tuple[Tenant, Finding]:
    tenant = access.tenant(customer, needs=Capability.TREAT)
    return tenant, FINDINGS.find(tenant, pk)
