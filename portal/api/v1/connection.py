"""The connection of a customer: directories, service principals (never their secrets) and subscriptions."""

from __future__ import annotations

from typing import Any, Final, TypedDict

from rest_framework import serializers

from portal.api.listing import Listing
from portal.queries.subscriptions import listed_subscriptions, state_remark, why_not_assessed
from tenants import selectors
from tenants.models import Directory, ServicePrincipal, Situation, Subscription
from tenants.roles import Capability

PRINCIPAL_KINDS: Final = ServicePrincipal.Kind.values


class DirectorySerializer(serializers.Serializer[Any]):
    """An Entra directory of a customer."""

    id = serializers.UUIDField()
    directory_id = serializers.CharField(help_text="Entra calls it “Tenant ID”")
    name = serializers.CharField()
    cloud = serializers.CharField(
        source="cloud_name",
        help_text="The name of an Azure cloud, such as AzureCloud, or `custom` for other clouds",
    )
    created_at = serializers.DateTimeField()


class ServicePrincipalSerializer(serializers.Serializer[Any]):
    """A service principal with which a directory is read. Its credential is never sent."""

    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    client_id = serializers.CharField()
    directory_id = serializers.CharField(
        source="directory.directory_id", help_text="Entra calls it “Tenant ID”"
    )
    kind = serializers.ChoiceField(PRINCIPAL_KINDS)
    thumbprint = serializers.CharField(help_text="The certificate's SHA-1", allow_blank=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    rotated_at = serializers.DateTimeField(help_text="The last new credential", allow_null=True)
    last_checked_at = serializers.DateTimeField(help_text="The latest sign-in", allow_null=True)
    error_code = serializers.CharField(
        source="last_error_code", help_text="Why the latest sign-in failed", allow_blank=True
    )
    error = serializers.CharField(source="last_error", allow_blank=True)
    disabled_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class ManagementGroup(TypedDict):
    """A management group above a subscription."""

    name: str
    label: str


class SubscriptionSerializer(serializers.Serializer[Any]):
    """A subscription of a customer's directories."""

    id = serializers.UUIDField()
    subscription_id = serializers.CharField()
    name = serializers.CharField(source="display_name", allow_blank=True)
    state = serializers.CharField(
        help_text="The state in Azure; Vanished if Azure no longer lists the subscription; Waiting if no service"
        " principal has seen the subscription yet"
    )
    situation = serializers.ChoiceField(
        Situation.values,
        help_text="`included` if assessments cover the subscription; otherwise the reason why they do not cover it",
    )
    why_not_assessed = serializers.SerializerMethodField(help_text="The reason in words, or empty")
    remark = serializers.SerializerMethodField(
        help_text="What the state means for findings of the subscription, or empty"
    )
    directory_id = serializers.CharField(source="directory.directory_id")
    service_principal = serializers.UUIDField(
        source="service_principal_id",
        help_text="The id of the service principal that reads the subscription",
        allow_null=True,
    )
    is_delegated = serializers.BooleanField(
        help_text="Whether the organization's own service principal reads the subscription"
    )
    exclusion_reason = serializers.CharField(
        help_text="Why people excluded the subscription; empty if nobody did", allow_blank=True
    )
    excluded_until = serializers.DateTimeField(allow_null=True)
    tags = serializers.DictField(child=serializers.CharField(allow_blank=True))
    management_groups = serializers.SerializerMethodField(help_text="From the root downwards")
    discovered_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()

    def get_why_not_assessed(self, row: Subscription) -> str:
        return why_not_assessed(row)

    def get_remark(self, row: Subscription) -> str:
        return state_remark(row)

    def get_management_groups(self, row: Subscription) -> list[ManagementGroup]:
        return [{"name": name, "label": label} for name, label in row.management_groups]


DIRECTORIES: Final = Listing[Directory](
    plural="directories",
    singular="directory",
    needs=Capability.VIEW_ALL,
    serializer=DirectorySerializer,
    rows=lambda tenant: Directory.objects.filter(tenant=tenant),
)
SERVICE_PRINCIPALS: Final = Listing[ServicePrincipal](
    plural="service-principals",
    singular="service-principal",
    needs=Capability.VIEW_ALL,
    serializer=ServicePrincipalSerializer,
    rows=selectors.service_principals,
)
SUBSCRIPTIONS: Final = Listing[Subscription](
    plural="subscriptions",
    singular="subscription",
    needs=Capability.VIEW_ALL,
    serializer=SubscriptionSerializer,
    rows=listed_subscriptions,
)
