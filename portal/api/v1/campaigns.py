"""Campaigns of an organization. Each campaign is for one control, whose failures customers should fix by a date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked
from portal.api.idempotency import IDEMPOTENCY_KEY, create_in_organization
from portal.api.organization_listing import (
    OrganizationListing,
    OrganizationListView,
    OrganizationObjectView,
)
from portal.api.people import person
from portal.api.preconditions import IF_MATCH
from portal.api.v1.shared import PersonSerializer
from portal.queries.campaigns import CampaignProgress, progress_of
from portal.treatment.actions.campaigns import (
    MAX_CUSTOMERS,
    MAX_NOTE,
    change_campaign,
    end_campaign,
    start_campaign,
)
from portal.treatment.models import Campaign, CampaignCustomer
from portal.treatment.selectors.campaigns import leaders
from tenants import access
from tenants.errors import invalid
from tenants.models import Organization, Person, Tenant
from tenants.roles import Capability

_NEEDS: Final = Capability.ASSIGN
_OWNER: Final = "The email address of a person who may assign findings in the whole organization"


class CampaignCustomerSerializer(serializers.Serializer[Any]):
    """The progress of a customer in a campaign."""

    customer = serializers.SlugField(source="tenant.slug")
    open_at_start = serializers.IntegerField(
        help_text="Number of findings that were open when the campaign started"
    )
    open = serializers.IntegerField(
        help_text="Number of open findings. If the campaign has ended, the number at its end"
    )
    unknown = serializers.IntegerField(
        help_text="Number of findings that failed before and whose verdict is unknown. If the campaign has ended, the"
        " number at its end. These findings may still fail"
    )


class CampaignSerializer(serializers.Serializer[Any]):
    """A campaign. Archived customers are left out."""

    id = serializers.UUIDField(source="campaign.pk")
    control = serializers.SlugField(source="campaign.control")
    note = serializers.CharField(source="campaign.note", allow_blank=True)
    owner = PersonSerializer()
    due_on = serializers.DateField()
    started_by = PersonSerializer(source="campaign.started_by")
    started_at = serializers.DateTimeField(source="campaign.started_at")
    ended_at = serializers.DateTimeField(source="campaign.ended_at", allow_null=True)
    customers = CampaignCustomerSerializer(many=True)
    to_notify = serializers.IntegerField(
        help_text="Number of customers whose owners of findings have not been notified of the start yet"
    )


class StartCampaignSerializer(serializers.Serializer[Any]):
    """A new campaign. Customers without open findings of the control are left out."""

    control = serializers.SlugField(max_length=80)
    owner = serializers.EmailField(help_text=_OWNER)
    due_on = serializers.DateField()
    note = serializers.CharField(
        max_length=MAX_NOTE,
        required=False,
        allow_blank=True,
        help_text="The owners of the findings get this text in their notification",
    )
    customers = serializers.ListField(
        child=serializers.SlugField(max_length=60),
        min_length=1,
        max_length=MAX_CUSTOMERS,
        help_text="Short names",
    )


class ChangeCampaignSerializer(serializers.Serializer[Any]):
    """The new values. Fields that are left out do not change."""

    owner = serializers.EmailField(required=False, help_text=_OWNER)
    due_on = serializers.DateField(required=False)


def _rows(organization: Organization) -> QuerySet[Campaign]:
    # A campaign whose customers were all erased is left out, because owner and due date are stored with the customers.
    rows = Campaign.objects.filter(
        organization=organization, pk__in=CampaignCustomer.objects.values("campaign")
    )
    return rows.select_related("organization", "started_by", "ended_by").order_by()


def _objects(organization: Organization, rows: Sequence[Campaign]) -> list[CampaignProgress]:
    return progress_of(rows, timezone.now())


CAMPAIGNS: Final = OrganizationListing[Campaign](
    plural="campaigns",
    singular="campaign",
    needs=_NEEDS,
    serializer=CampaignSerializer,
    rows=_rows,
    lock=lambda row: list(
        Campaign.objects.select_for_update(of=("self",)).filter(pk=row.pk).values_list("pk")
    ),
    objects=_objects,
    description="Includes campaigns that have ended. Needs the right `assign` for the whole organization.",
)


class CampaignsView(OrganizationListView, listing=CAMPAIGNS):
    """Campaigns of an organization."""

    @extend_schema(
        operation_id="start_campaign",
        summary="Start a campaign",
        description="A worker notifies the owners of the open findings.",
        parameters=[IDEMPOTENCY_KEY],
        request=StartCampaignSerializer,
        responses={201: CampaignSerializer},
    )
    def post(self, request: Request, organization: str) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        values = checked(StartCampaignSerializer, request)

        def action() -> Campaign:
            return start_campaign(
                organization=found,
                by=person(request),
                control=values["control"],
                tenants=_customers(found, values["customers"]),
                owner=_leader(found, values["owner"]),
                due_on=values["due_on"],
                note=values.get("note", ""),
            )

        return create_in_organization(request, found, CAMPAIGNS, "start_campaign", action)


class CampaignView(OrganizationObjectView, listing=CAMPAIGNS):
    """A campaign of an organization."""

    @extend_schema(
        operation_id="change_campaign",
        summary="Change the owner or the due date of a campaign",
        parameters=[IF_MATCH],
        request=ChangeCampaignSerializer,
        responses=CampaignSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        values = checked(ChangeCampaignSerializer, request)

        def action(row: Campaign) -> None:
            (present,) = progress_of([row], timezone.now())
            owner = _leader(found, values["owner"]) if "owner" in values else present.owner
            due_on = values.get("due_on", present.due_on)
            change_campaign(campaign=row, by=person(request), owner=owner, due_on=due_on)

        CAMPAIGNS.change(request, found, pk, action)
        return CAMPAIGNS.answer(found, CAMPAIGNS.find(found, pk))


class EndView(APIView):
    """End a campaign."""

    @extend_schema(
        operation_id="end_campaign",
        summary="End a campaign",
        description="Surety sends no further reminders, and stores the numbers of findings at this time. The"
        " findings do not change.",
        parameters=[IF_MATCH],
        request=None,
        responses=CampaignSerializer,
    )
    def post(self, request: Request, organization: str, pk: UUID) -> Response:
        found = access.organization(organization, needs=_NEEDS)
        CAMPAIGNS.change(request, found, pk, lambda row: end_campaign(campaign=row, by=person(request)))
        return CAMPAIGNS.answer(found, CAMPAIGNS.find(found, pk))


ACTIONS: Final = {"end": EndView}
"""The view of the operation that ends a campaign. The key is the last part of the URL."""


def _customers(organization: Organization, short_names: Sequence[str]) -> list[Tenant]:
    """Return the customers with these short names. Raise InvalidInput if a customer does not exist, or if the token
    may not assign its findings.
    """
    rows = access.tenants(needs=_NEEDS).filter(organization=organization, slug__in=short_names)
    found = list(rows)
    if unknown := sorted(set(short_names) - {one.slug for one in found}):
        raise invalid(
            "customers", f"There is no customer “{unknown[0]}”, or the token gives no access to it."
        )
    return found


def _leader(organization: Organization, email: str) -> Person:
    found = leaders(organization).filter(email=email.strip().lower()).first()
    if found is None:
        raise invalid(
            "owner",
            "No person with this address may assign findings in all customers of the organization. Choose another"
            " person, or first grant this person a role in the organization that includes this right.",
        )
    return found
