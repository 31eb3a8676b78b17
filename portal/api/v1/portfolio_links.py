"""Links with which people without an account download a portfolio report, and mails with portfolio reports."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal import links
from portal.api.bodies import checked
from portal.api.etags import ETAG
from portal.api.idempotency import IDEMPOTENCY_KEY, create_in_organization
from portal.api.organization_listing import (
    OrganizationListing,
    OrganizationListView,
    OrganizationObjectView,
)
from portal.api.people import person
from portal.api.v1.report_links import (
    MadeReportLinkSerializer,
    MakeReportLinkSerializer,
    ReportDeliverySerializer,
    ReportLinkSerializer,
)
from portal.api.v1.report_schedules import SENDING
from portal.distribution.actions.links import Link, create_link, revoke_link
from portal.distribution.actions.portfolio_deliveries import send_again
from portal.distribution.models import PortfolioDelivery, PortfolioLink
from portal.portfolio_reports.models import PortfolioReport
from tenants import access
from tenants.errors import invalid
from tenants.models import Organization
from tenants.roles import Capability


class PortfolioLinkSerializer(ReportLinkSerializer):
    """A link to a portfolio report, without the address of the link."""


class MadePortfolioLinkSerializer(MadeReportLinkSerializer):
    """A link that this request has created."""


class PortfolioDeliverySerializer(ReportDeliverySerializer):
    """A mail with a portfolio report."""


def _links(organization: Organization) -> QuerySet[PortfolioLink]:
    rows = PortfolioLink.objects.filter(organization=organization)
    return rows.select_related("made_by", "organization")


def _deliveries(organization: Organization) -> QuerySet[PortfolioDelivery]:
    rows = PortfolioDelivery.objects.filter(organization=organization)
    return rows.select_related("person", "run", "organization")


def _lock(row: Any) -> object:
    return list(type(row).objects.select_for_update(of=("self",)).filter(pk=row.pk).values_list("pk"))


PORTFOLIO_LINKS: Final = OrganizationListing[PortfolioLink](
    plural="portfolio-report-links",
    singular="portfolio-report-link",
    needs=Capability.READ_REPORTS,
    serializer=PortfolioLinkSerializer,
    rows=_links,
    lock=_lock,
    description="Links with which people without an account download a portfolio report.",
)
PORTFOLIO_DELIVERIES: Final = OrganizationListing[PortfolioDelivery](
    plural="portfolio-report-deliveries",
    singular="portfolio-report-delivery",
    needs=Capability.READ_REPORTS,
    serializer=PortfolioDeliverySerializer,
    rows=_deliveries,
    lock=_lock,
    description="The mails that schedules of portfolio reports have sent or will send.",
)


class LinksView(OrganizationListView, listing=PORTFOLIO_LINKS):
    """Links to portfolio reports."""

    @extend_schema(
        operation_id="make_portfolio_report_link",
        summary="Make a link to a portfolio report",
        description="Anybody who has the link can download the report until the link ends. Only this answer contains"
        f" the address of the link. {SENDING}",
        parameters=[IDEMPOTENCY_KEY],
        request=MakeReportLinkSerializer,
        responses={201: MadePortfolioLinkSerializer},
    )
    @sensitive_variables("token", "made")
    def post(self, request: Request, organization: str) -> Response:
        found = _sending(organization)
        values = checked(MakeReportLinkSerializer, request)
        made: list[str] = []

        def action() -> Link:
            report = _report(found, values["report"])
            link, token = create_link(
                report=report, by=person(request), days=values["days"], recipient=values["recipient"]
            )
            made.append(links.absolute(links.report_link(token)))
            return link

        response = create_in_organization(
            request, found, PORTFOLIO_LINKS, "make_portfolio_report_link", action
        )
        response.data = {**response.data, "address": next(iter(made), None)}
        return response


class LinkView(OrganizationObjectView, listing=PORTFOLIO_LINKS):
    """A link to a portfolio report."""


class RevokeLinkView(APIView):
    """The revocation of a link."""

    @extend_schema(
        operation_id="revoke_portfolio_report_link",
        summary="Revoke a link to a portfolio report",
        description=f"The link stops working. A revoked link cannot be restored. {SENDING}",
        parameters=[ETAG],
        request=None,
        responses=PortfolioLinkSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = _sending(organization)
        revoke_link(link=PORTFOLIO_LINKS.find(found, pk), by=person(request))
        return PORTFOLIO_LINKS.answer(found, PORTFOLIO_LINKS.find(found, pk))


class DeliveriesView(OrganizationListView, listing=PORTFOLIO_DELIVERIES):
    """Mails with portfolio reports."""


class DeliveryView(OrganizationObjectView, listing=PORTFOLIO_DELIVERIES):
    """A mail with a portfolio report."""


class SendAgainView(APIView):
    """Send a portfolio report to a recipient again, in a further mail."""

    @extend_schema(
        operation_id="send_portfolio_report_again",
        summary="Send a portfolio report again to a recipient",
        description=f"A worker sends the mail. {SENDING}",
        parameters=[ETAG],
        request=None,
        responses=PortfolioDeliverySerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = _sending(organization)
        send_again(delivery=PORTFOLIO_DELIVERIES.find(found, pk), by=person(request))
        return PORTFOLIO_DELIVERIES.answer(found, PORTFOLIO_DELIVERIES.find(found, pk))


def _sending(organization: str) -> Organization:
    access.organization(organization, needs=Capability.REPORT)
    return access.organization(organization, needs=Capability.ADMINISTER)


def _report(organization: Organization, number: int) -> PortfolioReport:
    rows = PortfolioReport.objects.filter(
        organization=organization, number=number, state=PortfolioReport.State.READY
    )
    report = rows.select_related("organization").first()
    if report is None:
        raise invalid("report", "The organization has no finished portfolio report with this number.")
    return report
