"""Decisions about configurations: reviews of changes, and approved configurations of resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.models import Resource
from portal.api.bodies import checked, names_of_fields
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, change, settings_lock
from portal.api.v1.changes import CHANGES, ChangeSerializer
from portal.api.v1.inventory import RESOURCES, ResourceSerializer
from portal.changes.actions.approve import approve_configurations, withdraw_approval
from portal.changes.actions.review import MAX_REASON, MAX_TICKET, accept, mark_rolled_back, reject
from portal.changes.approved import approval_of
from portal.changes.models import ResourceChange
from portal.treatment.actions.owners.assign import owner_with_address
from tenants import access
from tenants.errors import Conflict, invalid
from tenants.roles import Capability

_EXPECTED, _UNEXPECTED, _ROLLED_BACK = "expected", "unexpected", "rolled_back"
DECISIONS: Final = [_EXPECTED, _UNEXPECTED, _ROLLED_BACK]


class ReviewSerializer(serializers.Serializer[Any]):
    """A decision about a change that a watch rule caught."""

    decision = serializers.ChoiceField(DECISIONS)
    reason = serializers.CharField(
        max_length=MAX_REASON, default="", allow_blank=True, help_text="Required, except for rolled_back"
    )
    ticket = serializers.CharField(
        max_length=MAX_TICKET, default="", allow_blank=True, help_text="The number or name of a ticket"
    )
    owner = serializers.EmailField(
        required=False,
        help_text="The email address of the person who works on the change; only for unexpected changes",
    )
    due_at = serializers.DateTimeField(
        required=False, help_text="The due date, at most 366 days from now; only for unexpected changes"
    )


class ApproveConfigurationSerializer(serializers.Serializer[Any]):
    """The reason why a configuration is approved."""

    reason = serializers.CharField(max_length=MAX_REASON)


class ReviewView(APIView):
    """The review of a change."""

    @extend_schema(
        operation_id="review_change",
        summary="Review a change",
        description="Only changes that a watch rule caught can be reviewed. A change that only the person of the"
        " token can have made can be marked only as unexpected. With a token of a service account, this also applies to"
        " changes that only people who control the account can have made.",
        parameters=[IF_MATCH],
        request=ReviewSerializer,
        responses=ChangeSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.TREAT)
        values = checked(ReviewSerializer, request)
        decision, reason, ticket = (values[name] for name in ("decision", "reason", "ticket"))
        for name in ("owner", "due_at"):
            if (name in values) != (decision == _UNEXPECTED):
                raise invalid(
                    name,
                    f"Send this field if the decision is {_UNEXPECTED}. Remove this field for other"
                    " decisions.",
                )

        def action(row: ResourceChange) -> None:
            by, changes = person(request), [row]
            if decision == _EXPECTED:
                accept(tenant=tenant, changes=changes, by=by, reason=reason, ticket=ticket)
            elif decision == _ROLLED_BACK:
                mark_rolled_back(tenant=tenant, changes=changes, by=by, reason=reason, ticket=ticket)
            else:
                with names_of_fields({"email": "owner"}):
                    owner = owner_with_address(tenant, values["owner"])
                reject(
                    tenant=tenant,
                    changes=changes,
                    by=by,
                    reason=reason,
                    ticket=ticket,
                    owner=owner,
                    due_at=values["due_at"],
                )

        rows = ResourceChange.objects.filter(tenant=tenant, pk=pk).select_for_update(of=("self",))
        return change(request, tenant, CHANGES, pk, action, lock=lambda: list(rows.values_list("pk")))


class ApproveView(APIView):
    """The approval of a resource's configuration."""

    @extend_schema(
        operation_id="approve_configuration",
        summary="Approve the configuration of a resource",
        description="Surety compares later configurations of the resource with the approved configuration. A new"
        " approval replaces the earlier one. Somebody else must approve the configuration if the approval would cover a"
        " change that only the person of the token can have made or, with a token of a service account, that only"
        " people who control the account can have made.",
        parameters=[IF_MATCH],
        request=ApproveConfigurationSerializer,
        responses=ResourceSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)
        reason = checked(ApproveConfigurationSerializer, request)["reason"]

        def action(row: Resource) -> None:
            approve_configurations(tenant=tenant, resources=[row], by=person(request), reason=reason)

        return change(request, tenant, RESOURCES, pk, action, lock=settings_lock(tenant))


class WithdrawApprovalView(APIView):
    """The withdrawal of an approval."""

    @extend_schema(
        operation_id="withdraw_configuration_approval",
        summary="Withdraw the approval of a resource’s configuration",
        description="Surety no longer compares the resource with an approved configuration.",
        parameters=[IF_MATCH],
        request=None,
        responses=ResourceSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.ADMINISTER)

        def action(row: Resource) -> None:
            found = approval_of(row)
            if found is None:
                raise Conflict(
                    "This resource has no approved configuration, so there is nothing to withdraw."
                )
            withdraw_approval(approval=found, by=person(request))

        return change(request, tenant, RESOURCES, pk, action, lock=settings_lock(tenant))


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    "changes/<uuid:pk>/review": ReviewView,
    "resources/<uuid:pk>/approve": ApproveView,
    "resources/<uuid:pk>/withdraw-approval": WithdrawApprovalView,
}
"""The views of this module. Each key is the part of the URL below the customer."""
