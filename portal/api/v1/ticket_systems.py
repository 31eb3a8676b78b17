"""Ticket systems of an organization. Requests may contain credentials, but no answer contains one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked, names_of_fields
from portal.api.idempotency import IDEMPOTENCY_KEY, create_in_organization
from portal.api.organization_listing import (
    OrganizationListing,
    OrganizationListView,
    OrganizationObjectView,
)
from portal.api.pages import only
from portal.api.people import person
from portal.api.preconditions import IF_MATCH
from portal.tickets.actions.check import request_check
from portal.tickets.actions.systems import (
    MAX_VALUE,
    add_system,
    change_system,
    delete_system,
    locked_system,
    switch_system,
)
from portal.tickets.connectors import CONNECTORS
from portal.tickets.models import TicketSystem
from portal.tickets.selectors import systems
from tenants import access
from tenants.errors import invalid
from tenants.roles import Capability

_NEEDS: Final = Capability.ORGANIZATION
TICKET_KINDS: Final = list(CONNECTORS)
_FIELDS_HELP: Final = "; ".join(
    f"{key}: {', '.join(one.name for one in connector.inputs if not one.secret) or 'none'}"
    for key, connector in CONNECTORS.items()
)
_SECRETS_HELP: Final = "; ".join(
    f"{key}: {', '.join(one.name for one in connector.inputs if one.secret)}"
    for key, connector in CONNECTORS.items()
)


def _values(help_text: str, **more: Any) -> serializers.DictField:
    child = serializers.CharField(max_length=MAX_VALUE, allow_blank=True)
    return serializers.DictField(child=child, help_text=help_text, **more)


class TicketSystemSerializer(serializers.Serializer[Any]):
    """A ticket system. Its credentials are never sent."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(TICKET_KINDS)
    address = serializers.CharField()
    project = serializers.CharField(
        allow_blank=True,
        help_text="The default project: Surety opens the tickets of a customer there if the"
        " customer has no project of its own",
    )
    values = _values("Values that are not secret", source="fields")
    has_credentials = serializers.BooleanField(source="has_secrets")
    is_enabled = serializers.BooleanField(source="enabled")
    created_at = serializers.DateTimeField()


class AddTicketSystemSerializer(serializers.Serializer[Any]):
    """A new ticket system."""

    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(TICKET_KINDS)
    address = serializers.CharField(max_length=300, help_text="The base address of the system’s API")
    project = serializers.CharField(max_length=200, allow_blank=True, default="")
    values = _values(f"Values that are not secret. {_FIELDS_HELP}", default=dict)
    credentials = _values(f"All secret values, or none. {_SECRETS_HELP}", default=dict, write_only=True)


class ChangeTicketSystemSerializer(serializers.Serializer[Any]):
    """The new values. Fields that are left out do not change. If the address changes, all credentials are needed."""

    name = serializers.CharField(max_length=120, required=False)
    address = serializers.CharField(max_length=300, required=False)
    project = serializers.CharField(max_length=200, allow_blank=True, required=False)
    values = _values(f"Values that are not secret. {_FIELDS_HELP}", default=dict)
    credentials = _values(f"All secret values. {_SECRETS_HELP}", default=dict, write_only=True)


class TicketSystemStatusSerializer(serializers.Serializer[Any]):
    """The state of the connection to a ticket system, and the numbers of its open, waiting and failed
    tickets.
    """

    is_test_waiting = serializers.BooleanField(source="check_due")
    tested_at = serializers.DateTimeField(source="checked_at", allow_null=True)
    has_test_failed = serializers.BooleanField(source="check_failed")
    test_result = serializers.CharField(source="check_result", allow_blank=True)
    paused_until = serializers.DateTimeField(allow_null=True)
    problem = serializers.CharField(allow_blank=True, help_text="Why the system is paused")
    read_at = serializers.DateTimeField(
        source="polled_at",
        allow_null=True,
        help_text="The start of the last completed run that read changes of tickets. `read_problem` says what the"
        " latest run could not read, whether it was completed or not",
    )
    read_problem = serializers.CharField(
        allow_blank=True, help_text="What could not be read from the ticket system"
    )
    open = serializers.IntegerField(source="open_tickets")
    waiting = serializers.IntegerField()
    failed = serializers.IntegerField(source="dead")


def _seen(row: TicketSystem) -> str:
    """Return a digest of the credentials, so that the entity tag changes if somebody replaces them."""
    return hashlib.sha256(bytes(row.secrets or b"")).hexdigest()


TICKET_SYSTEMS: Final = OrganizationListing[TicketSystem](
    plural="ticket-systems",
    singular="ticket-system",
    needs=_NEEDS,
    serializer=TicketSystemSerializer,
    rows=lambda organization: systems(organization).select_related("organization"),
    lock=locked_system,
    seen=_seen,
    description="The token needs the right `organization` for the whole organization.",
)


class TicketSystemsView(OrganizationListView, listing=TICKET_SYSTEMS):
    """Ticket systems of an organization."""

    @extend_schema(
        operation_id="add_ticket_system",
        summary="Connect a ticket system",
        description="If the request has credentials, a worker tests the connection. The status of the ticket system"
        " contains the result of the test. Each ticket system needs a name of its own.",
        parameters=[IDEMPOTENCY_KEY],
        request=AddTicketSystemSerializer,
        responses={201: TicketSystemSerializer},
    )
    @sensitive_variables("values", "given")
    def post(self, request: Request, organization: str) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        values = checked(AddTicketSystemSerializer, request)
        given = _given(values["kind"], values.pop("values"), values.pop("credentials"))

        def action() -> TicketSystem:
            with _named(values["kind"]):
                made = add_system(organization=found, by=person(request), values=given, **values)
            if made.has_secrets:
                request_check(system=made, by=person(request))
            return made

        return create_in_organization(request, found, TICKET_SYSTEMS, "add_ticket_system", action)


class TicketSystemView(OrganizationObjectView, listing=TICKET_SYSTEMS):
    """A ticket system of the organization, without its credentials."""

    @extend_schema(
        operation_id="change_ticket_system",
        summary="Change a ticket system or replace its credentials",
        description="After the first ticket is opened, the address can no longer be changed.",
        parameters=[IF_MATCH],
        request=ChangeTicketSystemSerializer,
        responses=TicketSystemSerializer,
    )
    @sensitive_variables("values")
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        values = checked(ChangeTicketSystemSerializer, request)

        def action(row: TicketSystem) -> None:
            given = _given(row.kind, {**row.fields, **values["values"]}, values["credentials"])
            with _named(row.kind):
                change_system(
                    system=row,
                    by=person(request),
                    name=values.get("name", row.name),
                    address=values.get("address", row.address),
                    project=values.get("project", row.project),
                    values=given,
                )

        TICKET_SYSTEMS.change(request, found, pk, action)
        return TICKET_SYSTEMS.answer(found, TICKET_SYSTEMS.find(found, pk))


class EnableView(APIView):
    """Let Surety send requests to the ticket system."""

    @extend_schema(
        operation_id="enable_ticket_system",
        summary="Turn a ticket system on",
        parameters=[IF_MATCH],
        request=None,
        responses=TicketSystemSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        return _switch(request, organization, pk, enabled=True)


class DisableView(APIView):
    """Stop the requests to the ticket system."""

    @extend_schema(
        operation_id="disable_ticket_system",
        summary="Turn a ticket system off",
        description="Tickets in the ticket system do not change.",
        parameters=[IF_MATCH],
        request=None,
        responses=TicketSystemSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        return _switch(request, organization, pk, enabled=False)


class TestView(APIView):
    """A test of the connection."""

    @extend_schema(
        operation_id="test_ticket_system",
        summary="Test the connection to a ticket system",
        description="A worker tests the connection. The header Location has the address of the status, which"
        " contains the result of the test.",
        request=None,
        responses={202: TicketSystemSerializer},
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        row = TICKET_SYSTEMS.find(found, pk)
        request_check(system=row, by=person(request))
        response = TICKET_SYSTEMS.answer(found, row, status=202)
        response.headers["Location"] = reverse(
            "api-organization-ticket-system-status", args=[found.slug, row.pk]
        )
        return response


class DeleteView(APIView):
    """The deletion of a ticket system."""

    @extend_schema(
        operation_id="delete_ticket_system",
        summary="Delete a ticket system, its rules and Surety’s records of its tickets",
        description="The tickets themselves remain in the ticket system.",
        parameters=[IF_MATCH],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        TICKET_SYSTEMS.change(request, found, pk, lambda row: delete_system(system=row, by=person(request)))
        return Response(status=204)


class StatusView(APIView):
    """Whether the connection works, what could not be read from the ticket system, and the numbers of
    tickets.
    """

    @extend_schema(
        operation_id="get_ticket_system_status",
        summary="Get the status of a ticket system",
        responses=TicketSystemStatusSerializer,
    )
    def get(self, request: Request, organization: str, pk: UUID) -> Response:
        only(request, (), paged=False)
        found = access.organization(organization, needs=_NEEDS)
        return Response(TicketSystemStatusSerializer(TICKET_SYSTEMS.find(found, pk)).data)


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    "enable": EnableView,
    "disable": DisableView,
    "test": TestView,
    "delete": DeleteView,
    "status": StatusView,
}
"""The views of further operations on a ticket system. Each key is the last part of the URL."""


def _switch(request: Request, organization: str, pk: UUID, *, enabled: bool) -> Response:
    found = access.organization(organization, needs=_NEEDS)
    TICKET_SYSTEMS.change(
        request, found, pk, lambda row: switch_system(system=row, by=person(request), enabled=enabled)
    )
    return TICKET_SYSTEMS.answer(found, TICKET_SYSTEMS.find(found, pk))


@sensitive_variables()
def _given(kind: str, values: Mapping[str, str], credentials: Mapping[str, str]) -> dict[str, str]:
    """Return the values and the credentials as one dict. Raise InvalidInput for a field that this kind of ticket system
    does not have.
    """
    for name, given, secret in (("values", values, False), ("credentials", credentials, True)):
        known = [one.name for one in CONNECTORS[kind].inputs if one.secret == secret]
        if unknown := sorted(set(given) - set(known)):
            raise invalid(
                f"{name}.{unknown[0][:100]}",
                f"Unknown field. Known fields: {', '.join(known) or 'none'}.",
            )
    return {**values, **credentials}


def _named(kind: str) -> AbstractContextManager[None]:
    """Return a context manager in which errors of actions use the names of fields in the request's body, such
    as `credentials.token`.
    """
    return names_of_fields(
        {
            one.name: f"{'credentials' if one.secret else 'values'}.{one.name}"
            for one in CONNECTORS[kind].inputs
        }
    )
