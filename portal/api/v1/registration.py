"""The registration of a customer, as on the page “Register customer”."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from portal.accounts.models import ApiToken
from portal.api.bodies import names_of_fields
from tenants import access
from tenants.actions import start_registration
from tenants.clouds import CHOICES
from tenants.errors import NoScope
from tenants.models import Organization, Person, Tenant
from tenants.roles import Capability

_MAX_CA = 20_000
FIELDS = {
    "timezone": "time_zone",
    "cloud_name": "cloud",
    "cloud_settings": "endpoints",
    **{name: f"endpoints.{name}" for name in ("authority", "arm", "graph", "arm_scope", "ca")},
}


class EndpointsSerializer(serializers.Serializer[Any]):
    """The endpoints of a custom cloud as https addresses, and the certificate of its certificate authority."""

    authority = serializers.CharField(max_length=300, help_text="The sign-in endpoint")
    arm = serializers.CharField(max_length=300, help_text="The endpoint of Azure Resource Manager")
    graph = serializers.CharField(max_length=300, help_text="The endpoint of Microsoft Graph")
    arm_scope = serializers.CharField(
        max_length=300,
        default="",
        allow_blank=True,
        help_text="The scope of tokens for Azure Resource Manager; by default, the value of `arm` followed by"
        " /.default",
    )
    ca = serializers.CharField(
        max_length=_MAX_CA,
        default="",
        allow_blank=True,
        help_text="The certificate of the certificate authority as PEM text, if the authority is not a public one",
    )

    def validate_ca(self, text: str) -> str:
        # The action also accepts the path of a file on the server. Programs must not choose such a path, so accept only
        # PEM text here.
        if text and not text.startswith("-----BEGIN"):
            raise serializers.ValidationError(
                "Send the certificate as PEM text, which begins with -----BEGIN CERTIFICATE-----. Do not send the"
                " name of a file."
            )
        return text


class RegisterSerializer(serializers.Serializer[Any]):
    """The customer, and its Entra directory."""

    name = serializers.CharField(max_length=200, help_text="The name as reports show it")
    directory_id = serializers.CharField(
        max_length=100, help_text="The GUID of the directory. Entra calls this GUID “Tenant ID”"
    )
    cloud = serializers.ChoiceField(CHOICES, default="AzureCloud")
    endpoints = EndpointsSerializer(required=False, help_text="For the cloud `custom` only")
    time_zone = serializers.CharField(
        required=False,
        max_length=64,
        help_text="The IANA name of a time zone, such as Europe/Berlin; by default, the time zone of the"
        " organization",
    )


def organization_of(request: Request) -> Organization:
    """Return the organization of the token. Raise PermissionDenied unless the token may register customers in it."""
    if not isinstance(request.auth, ApiToken):
        raise NoScope("This view of the API needs a token. Give the view the permission class HasToken.")
    found = Organization.objects.get(pk=request.auth.organization_id)
    access.require_in_organization(Capability.REGISTER, organization_id=found.pk)
    return found


def register(organization: Organization, by: Person, values: Mapping[str, Any]) -> Tenant:
    """Register the customer with the values of `RegisterSerializer`."""
    endpoints = values.get("endpoints") or {}
    with names_of_fields(FIELDS):
        started = start_registration(
            by=by,
            organization=organization,
            name=values["name"],
            directory_id=values["directory_id"],
            cloud=values["cloud"],
            cloud_settings={name: text for name, text in endpoints.items() if text},
            timezone=values.get("time_zone"),
        )
    return started.tenant
