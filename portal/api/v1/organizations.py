"""The organization of the token."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.etags import ETAG, with_etag
from portal.api.pages import Key, listed, only, page_of, page_parameters, respond
from tenants.errors import NotFound
from tenants.models import Organization
from tenants.roles import Capability
from tenants.scope import current


class OrganizationSerializer(serializers.Serializer[Any]):
    """An organization to which the token gives access."""

    id = serializers.UUIDField()
    short_name = serializers.SlugField(source="slug", help_text="The name in addresses")
    name = serializers.CharField()
    time_zone = serializers.CharField(source="timezone")
    created_at = serializers.DateTimeField()
    capabilities = serializers.SerializerMethodField(
        help_text="The rights of the token for the whole organization"
    )

    def get_capabilities(self, row: Organization) -> list[str]:
        scope = current()
        return [str(one) for one in Capability if scope.may_in_organization(one, row.pk)]


class OrganizationsView(APIView):
    """The organizations to which the token gives access: only its own organization."""

    @extend_schema(
        operation_id="list_organizations",
        summary="List organizations",
        description="A token belongs to one organization, so the list has at most one item.",
        parameters=list(page_parameters(OrganizationSerializer)),
        responses=listed("OrganizationPage", OrganizationSerializer),
    )
    def get(self, request: Request) -> Response:
        only(request, (), item=OrganizationSerializer)
        page = page_of(request, _visible(), Key("slug"))
        return respond(request, OrganizationSerializer(page.rows, many=True).data, page.next_cursor)


class OrganizationView(APIView):
    """One organization."""

    @extend_schema(
        operation_id="get_organization",
        summary="Get an organization",
        parameters=[ETAG],
        responses=OrganizationSerializer,
    )
    def get(self, request: Request, organization: str) -> Response:
        only(request, (), paged=False)
        found = _visible().filter(slug=organization).first()
        if found is None:
            raise NotFound("This organization does not exist, or the token gives no access to it.")
        return with_etag(Response(OrganizationSerializer(found).data))


def _visible() -> QuerySet[Organization]:
    return Organization.objects.filter(pk__in=current().visible_organization_ids)
