"""Schedules of a customer's reports: when they are built, and to whom they are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked
from portal.api.etags import ETAG
from portal.api.idempotency import IDEMPOTENCY_KEY, create
from portal.api.listing import Listing, ListView, ObjectView
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, change, change_unanswered
from portal.api.reauthentication import proven
from portal.api.v1.schedule_choices import (
    AddScheduleSerializer,
    ChangeScheduleSerializer,
    ScheduleChoicesSerializer,
    choices_of,
    people_of,
    shown_choices,
)
from portal.distribution.actions.runs import run_now
from portal.distribution.actions.schedules import (
    add_schedule,
    change_schedule,
    confirm_addresses,
    remove_schedule,
    set_schedule_enabled,
)
from portal.distribution.models import ReportRun, ReportSchedule
from portal.distribution.recipients import seen_digest
from tenants.models import Tenant
from tenants.roles import Capability

SENDING: Final = (
    "The token needs the rights `report` and `administer`, because schedules, links and mails give other people access"
    " to reports."
)


class ReportScheduleSerializer(ScheduleChoicesSerializer):
    """A schedule of the customer, or a schedule of the organization that applies to the customer.

    A schedule of the organization is changed with the operations on organizations, and its `addresses` are empty here.
    """

    is_of_organization = serializers.BooleanField()


def _objects(tenant: Tenant, rows: Sequence[ReportSchedule]) -> list[dict[str, Any]]:
    newest = ReportRun.objects.filter(tenant=tenant, schedule__in=rows).order_by(
        "schedule_id", "-due_at", "-pk"
    )
    runs = {run.schedule_id: run for run in newest.distinct("schedule_id")}
    people = people_of(list(rows))
    found = []
    for row in rows:
        shown = shown_choices(row, people, runs.get(row.pk), row.unconfirmed_addresses)
        shown["is_of_organization"] = row.origin_id is not None
        if row.origin_id is not None:
            # The addresses of an organization's schedule can belong to people at other customers, so hide them.
            shown["addresses"] = []
        found.append(shown)
    return found


REPORT_SCHEDULES: Final = Listing[ReportSchedule](
    plural="report-schedules",
    singular="report-schedule",
    needs=Capability.READ_REPORTS,
    serializer=ReportScheduleSerializer,
    rows=lambda tenant: ReportSchedule.objects.filter(tenant=tenant).select_related("tenant__organization"),
    objects=_objects,
    description="The list includes schedules of the organization that apply to the customer.",
)


class ReportSchedulesView(ListView, listing=REPORT_SCHEDULES):
    """Schedules of a customer's reports."""

    @extend_schema(
        operation_id="add_report_schedule",
        summary="Schedule a report",
        description="An address that belongs to no account gets reports only after an administrator has confirmed"
        f" the address. No confirmation is needed if the token has the right `members`. {SENDING}",
        parameters=[IDEMPOTENCY_KEY],
        request=AddScheduleSerializer,
        responses={201: ReportScheduleSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = sending(customer)
        given = checked(AddScheduleSerializer, request)

        def action() -> ReportSchedule:
            made = add_schedule(place=tenant, by=person(request), choices=choices_of(tenant, None, given))
            return REPORT_SCHEDULES.find(tenant, made.pk)

        return create(request, tenant, REPORT_SCHEDULES, "add_report_schedule", action, status=201)


class ReportScheduleView(ObjectView, listing=REPORT_SCHEDULES):
    """A schedule of a customer's reports."""

    @extend_schema(
        operation_id="change_report_schedule",
        summary="Change a schedule of reports",
        description="If the change concerns the kind of report, the framework or `without_names`, an administrator must"
        f" confirm all `addresses` again. {SENDING}",
        parameters=[IF_MATCH],
        request=ChangeScheduleSerializer,
        responses=ReportScheduleSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = sending(customer)
        given = checked(ChangeScheduleSerializer, request)

        def action(row: ReportSchedule) -> None:
            change_schedule(schedule=row, by=person(request), choices=choices_of(tenant, row, given))

        return change(request, tenant, REPORT_SCHEDULES, pk, action, lock=_lock(tenant, pk))


class PauseView(APIView):
    """The pausing of a schedule."""

    @extend_schema(
        operation_id="pause_report_schedule",
        summary="Pause a schedule of reports",
        description=SENDING,
        parameters=[IF_MATCH],
        request=None,
        responses=ReportScheduleSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        return _switch(request, customer, pk, enabled=False)


class ResumeView(APIView):
    """The resumption of a schedule."""

    @extend_schema(
        operation_id="resume_report_schedule",
        summary="Resume a schedule of reports",
        description=f"Runs that were due during the pause are skipped. {SENDING}",
        parameters=[IF_MATCH],
        request=None,
        responses=ReportScheduleSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        return _switch(request, customer, pk, enabled=True)


class RunView(APIView):
    """An additional run of a schedule."""

    @extend_schema(
        operation_id="run_report_schedule",
        summary="Build and send the report of a schedule now",
        description=f"This run is in addition to the scheduled runs. {SENDING}",
        parameters=[ETAG],
        request=None,
        responses=ReportScheduleSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = sending(customer)
        run_now(schedule=REPORT_SCHEDULES.find(tenant, pk), by=person(request))
        return REPORT_SCHEDULES.answer(tenant, REPORT_SCHEDULES.find(tenant, pk))


class ConfirmView(APIView):
    """The confirmation of those addresses of a schedule that belong to no account."""

    @extend_schema(
        operation_id="confirm_report_addresses",
        summary="Confirm the addresses of a schedule of reports",
        description="Confirms all addresses that belong to no account. The confirmation applies only to the"
        " report that the schedule sends now. If the kind of report, the framework or `without_names` changes, the"
        " addresses must be confirmed again. The token needs the rights `members` and `administer`.",
        parameters=[IF_MATCH],
        request=None,
        responses=ReportScheduleSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = sending(customer, Capability.MEMBERS)

        def action(row: ReportSchedule) -> None:
            # `confirm_addresses` needs the digest of the values that the person has seen. A page sends this digest, but
            # a program sends an entity tag, which covers the same values. The tag was compared after the row was
            # locked, so the program has seen the present values, and their digest is the right one.
            confirm_addresses(schedule=row, by=person(request), seen=seen_digest(row))

        return change(request, tenant, REPORT_SCHEDULES, pk, action, lock=_lock(tenant, pk))


class RemoveView(APIView):
    """The removal of a schedule."""

    @extend_schema(
        operation_id="remove_report_schedule",
        summary="Remove a schedule of reports",
        description=f"Reports that the schedule has built remain. {SENDING}",
        parameters=[IF_MATCH],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = sending(customer)
        change_unanswered(
            request,
            tenant,
            REPORT_SCHEDULES,
            pk,
            lambda row: remove_schedule(schedule=row, by=person(request)),
            lock=_lock(tenant, pk),
        )
        return Response(status=204)


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    f"report-schedules/<uuid:pk>/{action}": view
    for action, view in {
        "pause": PauseView,
        "resume": ResumeView,
        "run": RunView,
        "confirm": ConfirmView,
        "remove": RemoveView,
    }.items()
}
"""The views of further operations on a schedule. Each key is the part of the URL below the customer."""


def sending(customer: str, needs: Capability = Capability.REPORT) -> Tenant:
    """Return the customer. Raise an error if the token may not send the customer's reports to other people."""
    return proven(customer, needs)


def _switch(request: Request, customer: str, pk: UUID, *, enabled: bool) -> Response:
    tenant = sending(customer)
    return change(
        request,
        tenant,
        REPORT_SCHEDULES,
        pk,
        lambda row: set_schedule_enabled(schedule=row, by=person(request), enabled=enabled),
        lock=_lock(tenant, pk),
    )


def _lock(tenant: Tenant, pk: UUID) -> Callable[[], object]:
    """Return a function that locks the schedule until the transaction ends."""
    rows = ReportSchedule.objects.filter(tenant=tenant, pk=pk).select_for_update(of=("self",))
    return lambda: list(rows.values_list("pk"))
