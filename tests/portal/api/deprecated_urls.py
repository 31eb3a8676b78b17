"""Addresses with deprecated operations, for tests only: the product has none yet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.urls import include, path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.deprecation import deprecated
from portal.api.pages import respond
from tenants.errors import NotFound

SINCE: Final = datetime(2027, 3, 1, tzinfo=UTC)
SUNSET: Final = datetime(2028, 3, 1, tzinfo=UTC)


class OldSerializer(serializers.Serializer[Any]):
    """An object of the old operation."""

    name = serializers.CharField()


class OldView(APIView):
    """A deprecated operation (GET), and one that is not deprecated (POST)."""

    @deprecated(since=SINCE, sunset=SUNSET, instead="list_findings")
    @extend_schema(operation_id="list_old", description="List old objects.", responses=OldSerializer)
    def get(self, request: Request) -> Response:
        if "missing" in request.query_params:
            raise NotFound("There is no old object.")
        return respond(request, [{"name": "one"}], "next")

    @extend_schema(operation_id="make_old", request=None, responses={201: OldSerializer})
    def post(self, request: Request) -> Response:
        return Response({"name": "two"}, status=201)


urlpatterns = [path("api/v1/old", OldView.as_view()), path("", include("portal.urls"))]
