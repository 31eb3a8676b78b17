"""Report schedules of an organization. A schedule builds reports on each customer of the organization, reports on each
customer with a label, or portfolio reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
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
from portal.api.people import person
from portal.api.preconditions import IF_MATCH
from portal.api.v1.schedule_choices import (
    SCHEDULED_KINDS,
    AddScheduleSerializer,
    ChangeScheduleSerializer,
    ScheduleChoicesSerializer,
    choices_of,
    people_of,
    shown_choices,
)
from portal.distribution.actions.portfolio_runs import run_now
from portal.distribution.actions.schedules import (
    add_schedule,
    applies_to,
    change_schedule,
    confirm_addresses,
    customers_of,
    remove_schedule,
    set_schedule_enabled,
)
from portal.distribution.models import OrganizationReportSchedule, PortfolioRun, ReportSchedule
from portal.distribution.recipients import seen_digest
from tenants import access
from tenants.models import Organization, Tenant
from tenants.roles import Capability

_NEEDS: Final = Capability.ADMINISTER
_LABEL: Final = "The label of the customers to which the schedule applies; empty for all customers"

type Row = OrganizationReportSchedule


class OrganizationReportScheduleSerializer(ScheduleChoicesSerializer):
    """A schedule of the organization. Only schedules of portfolio reports have `last_run` and `next_at`."""

    label = serializers.CharField(allow_blank=True, help_text=_LABEL)  # type: ignore[assignment]
    customers = serializers.ListField(
        child=serializers.SlugField(),
        help_text="Short names of the customers to which the schedule applies now",
    )


class ChangeOrganizationScheduleSerializer(ChangeScheduleSerializer):
    """The new values. Fields that are left out do not change."""

    kind = serializers.ChoiceField(SCHEDULED_KINDS, required=False)
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=100, required=False, allow_blank=True, help_text=_LABEL
    )


class AddOrganizationScheduleSerializer(AddScheduleSerializer):
    """A new schedule. At least one recipient is required."""

    kind = serializers.ChoiceField(SCHEDULED_KINDS, required=False)
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=100, required=False, allow_blank=True, help_text=_LABEL
    )


def _rows(organization: Organization) -> QuerySet[Row]:
    rows = OrganizationReportSchedule.objects.filter(organization=organization)
    return rows.select_related("organization").order_by()


def _objects(organization: Organization, rows: Sequence[Row]) -> list[dict[str, Any]]:
    newest = PortfolioRun.objects.filter(schedule__in=rows).order_by("schedule_id", "-due_at", "-pk")
    runs = {run.schedule_id: run for run in newest.distinct("schedule_id")}
    tenants = list(Tenant.objects.filter(organization=organization, archived_at=None).order_by("slug"))
    people = people_of(list(rows))
    found = []
    for row in rows:
        customers = [one for one in tenants if applies_to(row, one)]
        waiting = row.unconfirmed_for(one.pk for one in customers)
        shown = shown_choices(row, people, runs.get(row.pk), waiting)
        found.append({**shown, "label": row.label, "customers": [one.slug for one in customers]})
    return found


SCHEDULES: Final = OrganizationListing[OrganizationReportSchedule](
    plural="organization-report-schedules",
    singular="organization-report-schedule",
    needs=_NEEDS,
    serializer=OrganizationReportScheduleSerializer,
    rows=_rows,
    lock=lambda row: list(
        OrganizationReportSchedule.objects.select_for_update(of=("self",)).filter(pk=row.pk)
    ),
    objects=_objects,
    description="The token needs the right `administer` for the whole organization. A schedule of portfolio reports"
    " builds one report on its customers. Any other schedule runs separately for each of its customers.",
)


class SchedulesView(OrganizationListView, listing=SCHEDULES):
    """Schedules of reports of an organization."""

    @extend_schema(
        operation_id="add_organization_report_schedule",
        summary="Schedule reports of customers, or portfolio reports",
        description="An address that belongs to no account gets reports only after an administrator has confirmed"
        " the address. No confirmation is needed if the token has the right `members`. Each schedule needs a"
        " name of its own.",
        parameters=[IDEMPOTENCY_KEY],
        request=AddOrganizationScheduleSerializer,
        responses={201: OrganizationReportScheduleSerializer},
    )
    def post(self, request: Request, organization: str) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        given = checked(AddOrganizationScheduleSerializer, request)

        def action() -> ReportSchedule | OrganizationReportSchedule:
            return add_schedule(place=found, by=person(request), choices=choices_of(found, None, given))

        return create_in_organization(request, found, SCHEDULES, "add_organization_report_schedule", action)


class ScheduleView(OrganizationObjectView, listing=SCHEDULES):
    """A schedule of reports of an organization."""

    @extend_schema(
        operation_id="change_organization_report_schedule",
        summary="Change a schedule of the organization",
        description="The change takes effect for all customers of the schedule. If the change concerns the kind of"
        " report, the framework, `without_names` or the label, an administrator must confirm all `addresses` again.",
        parameters=[IF_MATCH],
        request=ChangeOrganizationScheduleSerializer,
        responses=OrganizationReportScheduleSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        given = checked(ChangeOrganizationScheduleSerializer, request)

        def action(row: Row) -> None:
            change_schedule(schedule=row, by=person(request), choices=choices_of(found, row, given))

        return _change(request, found, pk, action)


class PauseView(APIView):
    """The pausing of a schedule."""

    @extend_schema(
        operation_id="pause_organization_report_schedule",
        summary="Pause a schedule of the organization",
        description="Surety builds no reports of the schedule until the schedule is resumed.",
        parameters=[IF_MATCH],
        request=None,
        responses=OrganizationReportScheduleSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        return _switch(request, organization, pk, enabled=False)


class ResumeView(APIView):
    """The resumption of a schedule."""

    @extend_schema(
        operation_id="resume_organization_report_schedule",
        summary="Resume a schedule of the organization",
        description="Runs that were due during the pause are skipped.",
        parameters=[IF_MATCH],
        request=None,
        responses=OrganizationReportScheduleSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        return _switch(request, organization, pk, enabled=True)


class RunView(APIView):
    """An additional run of a schedule."""

    @extend_schema(
        operation_id="run_organization_report_schedule",
        summary="Build and send the portfolio report of a schedule now",
        description="Only a schedule of portfolio reports can be run here. The other schedules run separately for"
        " each customer.",
        parameters=[ETAG],
        request=None,
        responses=OrganizationReportScheduleSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        run_now(schedule=SCHEDULES.find(found, pk), by=person(request))
        return SCHEDULES.answer(found, SCHEDULES.find(found, pk))


class ConfirmView(APIView):
    """The confirmation of those addresses of a schedule that belong to no account."""

    @extend_schema(
        operation_id="confirm_organization_report_addresses",
        summary="Confirm the addresses of a schedule of the organization",
        description="Confirms all addresses that belong to no account. The confirmation applies only to the"
        " report that the schedule sends now, and to the customers that it covers now. The token needs the rights"
        " `members` and `administer`.",
        parameters=[IF_MATCH],
        request=None,
        responses=OrganizationReportScheduleSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        access.organization(organization, needs=Capability.MEMBERS)
        found = access.organization(organization, needs=_NEEDS)

        def action(row: Row) -> None:
            # `confirm_addresses` needs the digest of the values that the person has seen. A page sends this digest, but
            # a program sends an entity tag, which covers the same values. The tag was compared after the row was
            # locked, so the program has seen the present values, and their digest is the right one.
            seen = seen_digest(row, [one.pk for one in customers_of(row)])
            confirm_addresses(schedule=row, by=person(request), seen=seen)

        return _change(request, found, pk, action)


class RemoveView(APIView):
    """The removal of a schedule."""

    @extend_schema(
        operation_id="remove_organization_report_schedule",
        summary="Remove a schedule of the organization",
        description="The schedule is removed for all its customers. Reports that the schedule has built remain.",
        parameters=[IF_MATCH],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        SCHEDULES.change(request, found, pk, lambda row: remove_schedule(schedule=row, by=person(request)))
        return Response(status=204)


ACTIONS: Final = {
    "pause": PauseView,
    "resume": ResumeView,
    "run": RunView,
    "confirm": ConfirmView,
    "remove": RemoveView,
}
"""The views of further operations on a schedule. Each key is the last part of the URL."""


def _change(request: Request, organization: Organization, pk: UUID, action: Any) -> Response:
    SCHEDULES.change(request, organization, pk, action)
    return SCHEDULES.answer(organization, SCHEDULES.find(organization, pk))


def _switch(request: Request, organization: str, pk: UUID, *, enabled: bool) -> Response:
    found = access.organization(organization, needs=_NEEDS)
    return _change(
        request,
        found,
        pk,
        lambda row: set_schedule_enabled(schedule=row, by=person(request), enabled=enabled),
    )
