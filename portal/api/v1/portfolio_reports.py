"""Portfolio reports of an organization: list, build, cancel a build, download and revoke."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked
from portal.api.etags import ETAG
from portal.api.idempotency import IDEMPOTENCY_KEY, create_in_organization
from portal.api.organization_listing import (
    OrganizationListing,
    OrganizationListView,
    OrganizationObjectView,
)
from portal.api.pages import only
from portal.api.people import person
from portal.api.preconditions import IF_MATCH
from portal.api.v1.report_files import file_answer
from portal.api.v1.reports import MAX_NUMBER, RevokeReportSerializer
from portal.portfolio_reports.actions import MAX_LABEL, cancel_portfolio, read_file, request_portfolio
from portal.portfolio_reports.models import PortfolioReport
from portal.portfolio_reports.revocation import revoke_portfolio
from portal.reports.create import MAX_CLASSIFICATION
from portal.reports.records.register import standings
from portal.reports.signed_content import require_file
from tenants import access
from tenants.errors import invalid
from tenants.models import Language, Organization, Paper, Tenant
from tenants.roles import Capability

_MAX_CUSTOMERS: Final = 2000


class PortfolioReportSerializer(serializers.Serializer[Any]):
    """A report on several customers. Its file can be downloaded when `state` is `ready`."""

    id = serializers.UUIDField(source="pk")
    number = serializers.IntegerField()
    state = serializers.ChoiceField(PortfolioReport.State.values)
    error = serializers.CharField(help_text="Why the build failed", allow_blank=True)
    label = serializers.CharField(  # type: ignore[assignment]
        allow_blank=True,
        help_text="The label of the customers that the report covers; empty if the customers were"
        " not chosen by label",
    )
    customers = serializers.ListField(
        child=serializers.SlugField(),
        help_text="Short names of the customers that the report covers, except customers"
        " whose data was erased later",
    )
    language = serializers.CharField()
    created_at = serializers.DateTimeField()
    as_of = serializers.DateTimeField(
        allow_null=True, help_text="The report states the figures as they were at this time"
    )
    level = serializers.CharField(help_text="The PAdES level of the signature", allow_blank=True)
    size = serializers.IntegerField(help_text="Bytes of the file", allow_null=True)
    sha256 = serializers.CharField(allow_blank=True)
    revoked_at = serializers.DateTimeField(source="standing.revoked_at", allow_null=True)
    revoked_because = serializers.CharField(source="standing.reason", allow_blank=True)
    superseded_by = serializers.IntegerField(
        source="standing.number",
        allow_null=True,
        help_text="The number of the report that supersedes this report",
    )


class BuildPortfolioSerializer(serializers.Serializer[Any]):
    """The report to build; by default, a report on all customers."""

    customers = serializers.ListField(
        child=serializers.SlugField(max_length=60),
        required=False,
        max_length=_MAX_CUSTOMERS,
        help_text="Short names of the customers; an alternative to `label`",
    )
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=MAX_LABEL, required=False, allow_blank=True, help_text="Customers with this label"
    )
    classification = serializers.CharField(max_length=MAX_CLASSIFICATION, required=False)
    paper = serializers.ChoiceField(Paper.values, required=False)
    language = serializers.ChoiceField(Language.values, required=False)
    supersedes = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_NUMBER,
        help_text="The number of an earlier portfolio report, which the new report supersedes",
    )


def _rows(organization: Organization) -> QuerySet[PortfolioReport]:
    return PortfolioReport.objects.filter(organization=organization).select_related("organization").order_by()


def _objects(organization: Organization, rows: Sequence[PortfolioReport]) -> list[dict[str, Any]]:
    found = standings(row.pk for row in rows)
    slugs = dict(Tenant.objects.filter(organization=organization).values_list("pk", "slug"))
    names = (
        "pk", "number", "state", "error", "label", "language", "created_at", "as_of", "level", "size", "sha256",
    )  # fmt: skip
    return [
        {
            **{name: getattr(row, name) for name in names},
            "customers": sorted(slugs[pk] for pk in row.customers if pk in slugs),
            "standing": found[row.pk],
        }
        for row in rows
    ]


PORTFOLIO_REPORTS: Final = OrganizationListing[PortfolioReport](
    plural="portfolio-reports",
    singular="portfolio-report",
    needs=Capability.READ_REPORTS,
    serializer=PortfolioReportSerializer,
    rows=_rows,
    lock=lambda row: list(
        PortfolioReport.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk=row.pk)
        .values_list("pk")
    ),
    objects=_objects,
    description="The oldest portfolio reports come first. The token needs the right `read_reports` for the"
    " whole organization.",
)


class PortfolioReportsView(OrganizationListView, listing=PORTFOLIO_REPORTS):
    """Portfolio reports of an organization."""

    @extend_schema(
        operation_id="build_portfolio_report",
        summary="Build a portfolio report",
        description="A worker builds and signs the report. The header Location has the address of the report. Read"
        " this address every few seconds until `state` is no longer `building`.",
        parameters=[IDEMPOTENCY_KEY],
        request=BuildPortfolioSerializer,
        responses={202: PortfolioReportSerializer},
    )
    def post(self, request: Request, organization: str) -> Response:
        found = access.organization(organization, needs=Capability.REPORT)
        choices = checked(BuildPortfolioSerializer, request)

        def action() -> PortfolioReport:
            if "customers" in choices:
                choices["customers"] = _customers(found, choices["customers"])
            if (number := choices.pop("supersedes", None)) is not None:
                choices["supersedes"] = _earlier(found, number)
            return request_portfolio(organization=found, by=person(request), **choices)

        return create_in_organization(
            request, found, PORTFOLIO_REPORTS, "build_portfolio_report", action, status=202
        )


class PortfolioReportView(OrganizationObjectView, listing=PORTFOLIO_REPORTS):
    """A portfolio report of an organization."""


class CancelView(APIView):
    """The cancellation of a build."""

    @extend_schema(
        operation_id="cancel_portfolio_report",
        summary="Cancel the build of a portfolio report",
        description="The worker stops before the next step of the build, and stores no file.",
        parameters=[ETAG],
        request=None,
        responses=PortfolioReportSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=Capability.REPORT)
        cancel_portfolio(report=PORTFOLIO_REPORTS.find(found, pk), by=person(request))
        return PORTFOLIO_REPORTS.answer(found, PORTFOLIO_REPORTS.find(found, pk))


class RevokeView(APIView):
    """The revocation of a portfolio report."""

    @extend_schema(
        operation_id="revoke_portfolio_report",
        summary="Revoke a portfolio report",
        description="A revocation cannot be undone. Everybody who verifies the file in this installation of Surety"
        " sees that the report is revoked, and why.",
        parameters=[IF_MATCH],
        request=RevokeReportSerializer,
        responses=PortfolioReportSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=Capability.REVOKE_REPORTS)
        reason = checked(RevokeReportSerializer, request)["reason"]
        PORTFOLIO_REPORTS.change(
            request, found, pk, lambda row: revoke_portfolio(report=row, by=person(request), reason=reason)
        )
        return PORTFOLIO_REPORTS.answer(found, PORTFOLIO_REPORTS.find(found, pk))


class FileView(APIView):
    """The signed file of a portfolio report."""

    @extend_schema(
        operation_id="download_portfolio_report",
        summary="Download a portfolio report",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, organization: str, pk: UUID) -> HttpResponse:
        only(request, (), paged=False)
        found = access.organization(organization, needs=PORTFOLIO_REPORTS.needs)
        report = PORTFOLIO_REPORTS.find(found, pk)
        require_file(report)
        content = read_file(report=report, by=person(request))
        return file_answer(
            request, report, content, target=f"portfolio_report:{report.number}", organization=found
        )


ACTIONS: Final = {"cancel": CancelView, "revoke": RevokeView, "file": FileView}
"""The views of further operations on a portfolio report. Each key is the last part of the URL."""


def _customers(organization: Organization, short_names: Sequence[str]) -> list[UUID]:
    """Return the ids of the customers with these short names. Raise InvalidInput if a customer does not exist, or if
    the token gives no access to it.
    """
    rows = access.tenants(needs=Capability.READ_REPORTS).filter(
        organization=organization, slug__in=short_names
    )
    found = {row.slug: row.pk for row in rows}
    if unknown := sorted(set(short_names) - found.keys()):
        raise invalid(
            "customers", f"There is no customer “{unknown[0]}”, or the token gives no access to it."
        )
    return list(found.values())


def _earlier(organization: Organization, number: int) -> PortfolioReport:
    found = _rows(organization).filter(number=number, state=PortfolioReport.State.READY).first()
    if found is None:
        raise invalid("supersedes", "The organization has no finished portfolio report with this number.")
    return found
