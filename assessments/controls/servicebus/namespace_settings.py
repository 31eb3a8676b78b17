"""Controls of the network, private endpoints, TLS and keys of Service Bus namespaces."""

from __future__ import annotations

from typing import Final

from assessments.controls.settings import Remark
from assessments.controls.shared.messaging import Service, namespace_controls, tier_is
from assessments.controls.verdict import not_applicable
from assessments.estate.collections.servicebus import (
    SERVICE_BUS_ENDPOINTS,
    SERVICE_BUS_FIREWALLS,
    SERVICE_BUS_NAMESPACES,
    TIERS_WITHOUT_NETWORK_RULES,
)
from assessments.fixes.declare import PortalPath

_PORTAL: Final = "Azure portal › Service Bus › {namespace} ›"
_LEARN: Final = "https://learn.microsoft.com/azure/service-bus-messaging"

CONTROLS = namespace_controls(
    __name__,
    Service(
        section="servicebus",
        name="Service Bus",
        namespaces=SERVICE_BUS_NAMESPACES,
        firewalls=SERVICE_BUS_FIREWALLS,
        endpoints=SERVICE_BUS_ENDPOINTS,
        az="az servicebus namespace",
        without_network_rules=TIERS_WITHOUT_NETWORK_RULES,
        small=Remark(
            "Only the tier Premium can refuse public networks", tier_is(*TIERS_WITHOUT_NETWORK_RULES)
        ),
        no_endpoints=not_applicable("Only namespaces of the tier Premium can have private endpoints"),
        larger_tier="Only the tier Premium can refuse public networks. Move other namespaces to Premium first.",
        pna=PortalPath(
            f"{_PORTAL} Settings › Networking › Public network access: Disabled",
            f"{_LEARN}/service-bus-ip-filtering",
        ),
        pe=PortalPath(
            f"{_PORTAL} Settings › Networking › Private endpoint connections › + Private endpoint",
            f"{_LEARN}/private-link-service",
        ),
        tls=PortalPath(
            f"{_PORTAL} Settings › Configuration › Minimum TLS version",
            f"{_LEARN}/transport-layer-security-configure-minimum-version",
        ),
        local_auth=PortalPath(
            f"{_PORTAL} Overview › Local Authentication › Disabled",
            f"{_LEARN}/disable-local-authentication",
        ),
        clients="Clients that use a key or a shared access signature can no longer connect.",
        # https://learn.microsoft.com/azure/service-bus-messaging/private-link-service#trusted-microsoft-services
        closed="Clients that do not use a private endpoint can no longer connect. Services of Azure such as Event Grid,"
        " IoT Hub and Stream Analytics get in only with a managed identity, and only if the firewall of the namespace"
        " lets trusted Microsoft services in.",
        example="sb-shop",
    ),
)
