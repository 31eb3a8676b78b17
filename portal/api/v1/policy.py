"""The policy of a customer."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assessments.controls.registry import catalogue
from assessments.models import ControlSetting
from portal.api.etags import ETAG, with_etag
from portal.api.pages import only
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability


class ParameterSerializer(serializers.Serializer[Any]):
    """A parameter of a control whose value the customer has changed."""

    control = serializers.SlugField()
    parameter = serializers.CharField()
    value = serializers.JSONField(help_text="The customer's value, of the type of the default")
    default = serializers.JSONField(help_text="The value of the catalogue")


class PolicySerializer(serializers.Serializer[Any]):
    """The policy of a customer."""

    exception_cap_days = serializers.IntegerField(help_text="The maximum length of exceptions, in days")
    due_days = serializers.DictField(
        child=serializers.IntegerField(allow_null=True),
        help_text="Days from the beginning of a failure until it is due, by severity",
    )
    parameters = ParameterSerializer(many=True)


class PolicyView(APIView):
    """The policy of a customer."""

    @extend_schema(
        operation_id="get_policy",
        summary="Get the policy",
        description="Due dates, the maximum length of exceptions, and the parameters of controls that differ from the"
        " catalogue.",
        parameters=[ETAG],
        responses=PolicySerializer,
    )
    def get(self, request: Request, customer: str) -> Response:
        only(request, (), paged=False)
        tenant = access.tenant(customer, needs=Capability.VIEW_ALL)
        fields = {
            "exception_cap_days": tenant.exception_cap_days,
            "due_days": tenant.due_days,
            "parameters": _parameters(tenant),
        }
        return with_etag(Response(PolicySerializer(fields).data))


def _parameters(tenant: Tenant) -> list[dict[str, Any]]:
    found = []
    for row in ControlSetting.objects.filter(tenant=tenant).order_by("control"):
        control = catalogue().get(row.control)
        # A later version of the catalogue may lack the control or the parameter.
        for one in control.parameters if control else ():
            if one.name in row.values:
                value = row.values[one.name]
                found.append(
                    {"control": row.control, "parameter": one.name, "value": value, "default": one.default}
                )
    return found
