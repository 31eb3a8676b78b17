"""Controls of the network, private endpoints, TLS and keys of Event Hubs namespaces."""

from __future__ import annotations

from typing import Final

from assessments.controls.settings import Remark
from assessments.controls.shared.messaging import Service, namespace_controls, tier_is
from assessments.controls.verdict import not_applicable
from assessments.estate.collections.eventhub import (
    EVENT_HUB_ENDPOINTS,
    EVENT_HUB_FIREWALLS,
    EVENT_HUB_NAMESPACES,
    TIERS_WITHOUT_NETWORK_RULES,
)
from assessments.fixes.declare import PortalPath

_PORTAL: Final = "Azure portal › Event Hubs › {namespace} ›"
_LEARN: Final = "https://learn.microsoft.com/azure/event-hubs"

CONTROLS = namespace_controls(
    __name__,
    Service(
        section="eventhub",
        name="Event Hubs",
        namespaces=EVENT_HUB_NAMESPACES,
        firewalls=EVENT_HUB_FIREWALLS,
        endpoints=EVENT_HUB_ENDPOINTS,
        az="az eventhubs namespace",
        without_network_rules=TIERS_WITHOUT_NETWORK_RULES,
        small=Remark("The tier Basic cannot refuse public networks", tier_is(*TIERS_WITHOUT_NETWORK_RULES)),
        no_endpoints=not_applicable("Namespaces of the tier Basic cannot have private endpoints"),
        larger_tier="The tier Basic cannot refuse public networks. Change namespaces of this tier to Standard first.",
        pna=PortalPath(
            f"{_PORTAL} Settings › Networking › Public network access › Manage › Disable",
            f"{_LEARN}/private-link-service",
        ),
        pe=PortalPath(
            f"{_PORTAL} Settings › Networking › Private access › Create private endpoint",
            f"{_LEARN}/private-link-service",
        ),
        tls=PortalPath(
            f"{_PORTAL} Settings › Configuration › Minimum TLS version",
            f"{_LEARN}/transport-layer-security-configure-minimum-version",
        ),
        local_auth=PortalPath(
            f"{_PORTAL} Overview › Local Authentication › Disabled",
            f"{_LEARN}/authenticate-shared-access-signature",
        ),
        # Diagnostic settings: https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings#destinations
        # Continuous export: https://learn.microsoft.com/azure/defender-for-cloud/continuous-export-event-hub-firewall
        clients="Clients that use a key or a shared access signature can no longer connect, for example Kafka clients"
        " with a connection string. Diagnostic settings can send logs only with a key, so their logs no longer arrive:"
        " first let these settings use another destination, or request an exception. Continuous exports of Microsoft"
        " Defender for Cloud need a key too, unless they export as a trusted service.",
        closed="Clients that do not use a private endpoint can no longer connect. The logs of diagnostic settings"
        " arrive only if the firewall of the namespace lets trusted Microsoft services in. Continuous exports of"
        " Microsoft Defender for Cloud must also export as a trusted service.",
        example="evh-shop",
    ),
)
