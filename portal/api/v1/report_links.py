"""Links with which people without an account download a report, and mails with reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal import links
from portal.api.bodies import checked
from portal.api.etags import ETAG
from portal.api.idempotency import IDEMPOTENCY_KEY, create
from portal.api.listing import Listing, ListView
from portal.api.people import person
from portal.api.v1.report_schedules import SENDING, sending
from portal.api.v1.shared import PersonSerializer
from portal.distribution.actions.deliveries import send_again
from portal.distribution.actions.links import MAX_RECIPIENT, MAX_USES, Link, create_link, ends_at, revoke_link
from portal.distribution.models import PortfolioLink, ReportDelivery, ReportLink
from portal.reports.models import Report
from tenants.errors import invalid
from tenants.models import Tenant
from tenants.roles import Capability

DELIVERY_STATES: Final = ReportDelivery.State.values
_MAX_DAYS: Final = 366


class ReportLinkSerializer(serializers.Serializer[Any]):
    """A link to a report, without the address of the link."""

    id = serializers.UUIDField()
    report = serializers.IntegerField(source="report_number", help_text="The number of the report")
    recipient = serializers.CharField()
    made_by = PersonSerializer(
        allow_null=True,
        help_text="The person who created the link; null if Surety created the link for a mail",
    )
    created_at = serializers.DateTimeField()
    ends_at = serializers.SerializerMethodField(
        help_text="The time when the link stops working, unless the link is revoked earlier"
    )
    revoked_at = serializers.DateTimeField(allow_null=True)
    uses = serializers.IntegerField(source="use_count", help_text=f"Downloads, at most {MAX_USES}")
    last_used_at = serializers.DateTimeField(allow_null=True)
    last_used_from = serializers.CharField(allow_blank=True, help_text="A network address")

    def get_ends_at(self, row: Link) -> datetime:
        return ends_at(row, row.organization if isinstance(row, PortfolioLink) else row.tenant.organization)


class MadeReportLinkSerializer(ReportLinkSerializer):
    """A link that this request has created."""

    address = serializers.URLField(
        allow_null=True,
        help_text="The address of the link. Only the first answer contains the address. The answer to a repeated"
        " request contains null",
    )


class MakeReportLinkSerializer(serializers.Serializer[Any]):
    """The recipient of a link, and how long the link works."""

    report = serializers.IntegerField(
        min_value=1, max_value=999_999_999, help_text="The number of a finished report"
    )
    recipient = serializers.CharField(
        max_length=MAX_RECIPIENT,
        help_text="The name of the recipient. Lists of links and the journal show this name",
    )
    days = serializers.IntegerField(
        min_value=1,
        max_value=_MAX_DAYS,
        help_text="The number of days for which the link works. The settings of the organization limit this number",
    )


class ReportDeliverySerializer(serializers.Serializer[Any]):
    """A mail with a report."""

    id = serializers.UUIDField()
    report = serializers.IntegerField(source="run.report_number", help_text="The number of the report")
    schedule = serializers.CharField(source="run.schedule_name")
    person = PersonSerializer(allow_null=True)
    address = serializers.CharField(
        allow_blank=True, help_text="The email address of the recipient, if the address belongs to no account"
    )
    state = serializers.ChoiceField(DELIVERY_STATES)
    attempts = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True, help_text="Why the report was not sent")
    created_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)


REPORT_LINKS: Final = Listing[ReportLink](
    plural="report-links",
    singular="report-link",
    needs=Capability.READ_REPORTS,
    serializer=ReportLinkSerializer,
    rows=lambda tenant: ReportLink.objects.filter(tenant=tenant).select_related(
        "made_by", "tenant__organization"
    ),
    description="Links with which people without an account download a report, including links that no longer"
    " work.",
)
REPORT_DELIVERIES: Final = Listing[ReportDelivery](
    plural="report-deliveries",
    singular="report-delivery",
    needs=Capability.READ_REPORTS,
    serializer=ReportDeliverySerializer,
    rows=lambda tenant: ReportDelivery.objects.filter(tenant=tenant).select_related(
        "person", "run", "tenant__organization"
    ),
    description="The mails that schedules of reports have sent or will send.",
)


class ReportLinksView(ListView, listing=REPORT_LINKS):
    """Links to reports of a customer."""

    @extend_schema(
        operation_id="make_report_link",
        summary="Make a link to a report",
        description="Anybody who has the link can download the report until the link ends. Only this answer contains"
        f" the address of the link. {SENDING}",
        parameters=[IDEMPOTENCY_KEY],
        request=MakeReportLinkSerializer,
        responses={201: MadeReportLinkSerializer},
    )
    @sensitive_variables("token", "made")
    def post(self, request: Request, customer: str) -> Response:
        tenant = sending(customer)
        values = checked(MakeReportLinkSerializer, request)
        made: list[str] = []

        def action() -> Link:
            report = _report(tenant, values["report"])
            link, token = create_link(
                report=report, by=person(request), days=values["days"], recipient=values["recipient"]
            )
            made.append(links.absolute(links.report_link(token)))
            return link

        response = create(request, tenant, REPORT_LINKS, "make_report_link", action, status=201)
        response.data = {**response.data, "address": next(iter(made), None)}
        return response


class RevokeLinkView(APIView):
    """The revocation of a link."""

    @extend_schema(
        operation_id="revoke_report_link",
        summary="Revoke a link to a report",
        description=f"The link stops working. A revoked link cannot be restored. {SENDING}",
        parameters=[ETAG],
        request=None,
        responses=ReportLinkSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = sending(customer)
        revoke_link(link=REPORT_LINKS.find(tenant, pk), by=person(request))
        return REPORT_LINKS.answer(tenant, REPORT_LINKS.find(tenant, pk))


class SendAgainView(APIView):
    """Send a report to a recipient again, in a further mail."""

    @extend_schema(
        operation_id="send_report_again",
        summary="Send a report again to a recipient",
        description=f"A worker sends the mail. {SENDING}",
        parameters=[ETAG],
        request=None,
        responses=ReportDeliverySerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = sending(customer)
        send_again(delivery=REPORT_DELIVERIES.find(tenant, pk), by=person(request))
        return REPORT_DELIVERIES.answer(tenant, REPORT_DELIVERIES.find(tenant, pk))


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    "report-links/<uuid:pk>/revoke": RevokeLinkView,
    "report-deliveries/<uuid:pk>/send-again": SendAgainView,
}
"""The views of further operations on links and mails. Each key is the part of the URL below the customer."""


def _report(tenant: Tenant, number: int) -> Report:
    rows = Report.objects.filter(tenant=tenant, number=number, state=Report.State.READY)
    report = rows.select_related("tenant__organization").first()
    if report is None:
        raise invalid("report", "The customer has no finished report with this number.")
    return report
