"""Tickets of a customer, and the failed tickets of an organization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.listing import UUID as UUID_PATTERN
from portal.api.listing import Filters, Listing, ObjectView, any_of, one_of
from portal.api.organization_listing import (
    OrganizationListing,
    OrganizationListView,
    OrganizationObjectView,
)
from portal.api.people import person
from portal.api.v1.findings import check_controls
from portal.api.v1.ticket_systems import TICKET_KINDS
from portal.queries.parameters import Parameters, values_of
from portal.tickets.actions.systems import drop_ticket, retry_ticket
from portal.tickets.models import Ticket, TicketComment
from portal.tickets.selectors import dead_tickets
from portal.treatment.selectors.findings import visible_findings
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability
from tenants.scope import current

TICKET_STATES: Final = (Ticket.Remote.OPEN.value, Ticket.Remote.CLOSED.value)


class TicketCommentSerializer(serializers.Serializer[Any]):
    """A comment that somebody wrote in the ticket system."""

    author = serializers.CharField(allow_blank=True)
    text = serializers.CharField(source="body")
    written_at = serializers.DateTimeField(source="at")


class TicketSerializer(serializers.Serializer[Any]):
    """A ticket and its state in the ticket system. This state changes no verdict."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(TICKET_KINDS)
    key = serializers.CharField(
        source="remote_key", help_text="The key or number of the ticket in the ticket system, such as SHOP-12"
    )
    url = serializers.CharField(allow_blank=True)
    control = serializers.CharField()
    finding = serializers.UUIDField(
        source="finding_id",
        allow_null=True,
        help_text="The id of the finding that the ticket is about; null for a ticket about all findings of a control",
    )
    is_wanted = serializers.BooleanField(
        help_text="Whether at least one finding of the ticket fails without an approved exception"
    )
    state = serializers.ChoiceField(TICKET_STATES, source="remote_state")
    status = serializers.CharField(
        source="remote_status", allow_blank=True, help_text="The name of the state in the ticket system"
    )
    opened_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    read_at = serializers.DateTimeField(source="synced_at", allow_null=True)
    read_failed_at = serializers.DateTimeField(
        source="unread_at",
        allow_null=True,
        help_text="If the last attempt to read the ticket and its comments failed, the time of this attempt; otherwise"
        " null",
    )
    comment_count = serializers.IntegerField(help_text="The number of stored comments")


class TicketDetailSerializer(TicketSerializer):
    """A ticket with its comments, of which Surety stores the newest ones."""

    comments = TicketCommentSerializer(many=True)


class FailedTicketSerializer(serializers.Serializer[Any]):
    """A ticket that could not be opened, closed or reopened."""

    id = serializers.UUIDField()
    customer = serializers.SlugField(source="tenant.slug")
    system = serializers.UUIDField(source="system_id")
    project = serializers.CharField()
    key = serializers.CharField(
        source="remote_key",
        allow_blank=True,
        help_text="The key or number of the ticket in the ticket system, such as SHOP-12; empty if the ticket could not"
        " be opened",
    )
    control = serializers.CharField()
    finding = serializers.UUIDField(source="finding_id", allow_null=True)
    is_wanted = serializers.BooleanField(help_text="Whether the ticket should be open")
    attempts = serializers.IntegerField()
    code = serializers.CharField(source="status")
    error = serializers.CharField()
    tried_at = serializers.DateTimeField(source="due_at")


def _rows(tenant: Tenant) -> QuerySet[Ticket]:
    """Return the opened tickets. If the token gives access only to its person's own findings, leave out tickets about
    several findings, and tickets about findings of other people.
    """
    rows = Ticket.objects.filter(tenant=tenant).exclude(remote_id="")
    if not current().may(Capability.VIEW_ALL, tenant.pk):
        rows = rows.filter(finding__in=visible_findings(tenant))
    comments = TicketComment.objects.filter(ticket=OuterRef("pk")).order_by().values("ticket")
    count = Subquery(comments.annotate(count=Count("pk")).values("count"))
    return rows.annotate(comment_count=Coalesce(count, 0))


def _rows_with_comments(tenant: Tenant) -> QuerySet[Ticket]:
    return _rows(tenant).prefetch_related(
        Prefetch("comments", queryset=TicketComment.objects.order_by("at", "pk"))
    )


def _filtered(rows: QuerySet[Ticket], parameters: Parameters, tenant: Tenant) -> QuerySet[Ticket]:
    del tenant
    check_controls(rows, values_of(parameters, "control"))
    if states := parameters.get("state"):
        rows = rows.filter(remote_state__in=states)
    if kinds := parameters.get("kind"):
        rows = rows.filter(kind__in=kinds)
    if controls := parameters.get("control"):
        rows = rows.filter(control__in=controls)
    if findings := parameters.get("finding"):
        rows = rows.filter(finding__in=list(map(UUID, findings)))
    return rows


TICKETS: Final = Listing[Ticket](
    plural="tickets",
    singular="ticket",
    needs=Capability.VIEW,
    serializer=TicketSerializer,
    rows=_rows,
    filters=Filters(
        (
            one_of("state", TICKET_STATES, "Whether the ticket is open in the ticket system"),
            one_of("kind", TICKET_KINDS, "The kind of ticket system"),
            any_of("control", "Controls that tickets are about"),
            any_of(
                "finding",
                "Ids of findings. The list then contains only tickets about a single finding with one of these ids",
                f"^{UUID_PATTERN}$",
            ),
        ),
        _filtered,
    ),
    description="The list contains the tickets that Surety opened for the customer. The oldest tickets come first."
    " Owners see a ticket only if it is about a single finding that they own. Comments are only in the answer"
    " for a single ticket.",
)


class TicketDetail(
    ObjectView, listing=replace(TICKETS, serializer=TicketDetailSerializer, rows=_rows_with_comments)
):
    """One ticket."""


FAILED_TICKETS: Final = OrganizationListing[Ticket](
    plural="failed-tickets",
    singular="failed-ticket",
    needs=Capability.ORGANIZATION,
    serializer=FailedTicketSerializer,
    rows=dead_tickets,
    lock=lambda row: None,
    description="The token needs the right `organization` for the whole organization.",
)


class FailedTicketsView(OrganizationListView, listing=FAILED_TICKETS):
    """Tickets that could not be opened, closed or reopened."""


class FailedTicketView(OrganizationObjectView, listing=FAILED_TICKETS):
    """A ticket that could not be opened, closed or reopened, with the reason."""


class RetryView(APIView):
    """Send a failed change of a ticket again."""

    @extend_schema(
        operation_id="retry_failed_ticket",
        summary="Try the failed change of a ticket again",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=Capability.ORGANIZATION)
        retry_ticket(ticket=FAILED_TICKETS.find(found, pk), by=person(request))
        return Response(status=204)


class DiscardView(APIView):
    """Discard the failed change of a ticket. Surety then no longer tries to send this change."""

    @extend_schema(
        operation_id="discard_failed_ticket",
        summary="Discard a failed ticket",
        description="Surety does not try the failed change of the ticket again. If the findings of the ticket are fixed"
        " or fail again later, Surety updates the ticket again.",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=Capability.ORGANIZATION)
        drop_ticket(ticket=FAILED_TICKETS.find(found, pk), by=person(request))
        return Response(status=204)


ACTIONS: Final[Mapping[str, type[APIView]]] = {"retry": RetryView, "discard": DiscardView}
"""The views that change a failed ticket. Each key is the last part of the URL."""
