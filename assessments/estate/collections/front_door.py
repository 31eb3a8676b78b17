"""Azure Front Door and the policies of its web application firewall. Front Door (classic) is a resource of
Microsoft.Network. The Standard and Premium tiers are profiles of Microsoft.Cdn.
"""

from __future__ import annotations

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import child, listed, since
from assessments.estate.documented_codes import GENERAL
from assessments.estate.network.front_door import front_door_profiles

_COMMIT = "6a526fd16925a34cb457a4dc12fe556058fcb24a"
_CDN_COMMIT = "f5ec61419fff5b65e7a5f6a38782172d07b14ec4"
_CDN_FILE = "cdn/resource-manager/Microsoft.Cdn/Cdn/stable/2025-06-01/openapi.json"
_FILE = "frontdoor/resource-manager/Microsoft.Network/FrontDoor/stable/2025-10-01/openapi.json"

_CDN = "2025-06-01"
_NETWORK = "2025-10-01"
_OLDEST_CDN = since("2021-06-01", "cdn/resource-manager/Microsoft.Cdn/stable/2021-06-01/afdx.json")

FRONT_DOORS = listed(
    "front_doors",
    f"Microsoft.Network/frontDoors@{_NETWORK}",
    "Front Doors (classic)",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2021-06-01", "frontdoor/resource-manager/Microsoft.Network/stable/2021-06-01/frontdoor.json"),
    definition=Definition("FrontDoor", commit=_COMMIT, file=_FILE),
)
FRONT_DOOR_WAF_POLICIES = listed(
    "front_door_waf_policies",
    f"Microsoft.Network/frontDoorWebApplicationFirewallPolicies@{_NETWORK}",
    "Web application firewall policies of Front Door",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since(
        "2022-05-01",
        "frontdoor/resource-manager/Microsoft.Network/stable/2022-05-01/webapplicationfirewall.json",
    ),
    definition=Definition("WebApplicationFirewallPolicy", commit=_COMMIT, file=_FILE),
)
CDN_PROFILES = listed(
    "cdn_profiles",
    f"Microsoft.Cdn/profiles@{_CDN}",
    "Profiles of Front Door and content delivery networks",
    inventory=Inventory.CONFIGURATION,
    **_OLDEST_CDN,
    error_codes=GENERAL,
    definition=Definition(
        "Profile",
        commit=_CDN_COMMIT,
        file=_CDN_FILE,
    ),
)
FRONT_DOOR_ENDPOINTS = child(
    "cdn_profiles",
    "front_door_endpoints",
    f"Microsoft.Cdn/profiles/afdEndpoints@{_CDN}",
    "Endpoints of Front Door",
    targets=front_door_profiles,
    inventory=Inventory.CONFIGURATION,
    **_OLDEST_CDN,
    error_codes=GENERAL,
    definition=Definition(
        "AFDEndpoint",
        commit=_CDN_COMMIT,
        file=_CDN_FILE,
    ),
)
FRONT_DOOR_ROUTES = child(
    "front_door_endpoints",
    "front_door_routes",
    f"Microsoft.Cdn/profiles/afdEndpoints/routes@{_CDN}",
    "Routes of Front Door",
    **_OLDEST_CDN,
    error_codes=GENERAL,
    definition=Definition(
        "Route",
        commit=_CDN_COMMIT,
        file=_CDN_FILE,
    ),
)
FRONT_DOOR_DOMAINS = child(
    "cdn_profiles",
    "front_door_domains",
    f"Microsoft.Cdn/profiles/customDomains@{_CDN}",
    "Custom domains of Front Door",
    targets=front_door_profiles,
    inventory=Inventory.CONFIGURATION,
    **_OLDEST_CDN,
    error_codes=GENERAL,
    definition=Definition(
        "AFDDomain",
        commit=_CDN_COMMIT,
        file=_CDN_FILE,
    ),
)
FRONT_DOOR_SECURITY_POLICIES = child(
    "cdn_profiles",
    "front_door_security_policies",
    f"Microsoft.Cdn/profiles/securityPolicies@{_CDN}",
    "Security policies of Front Door",
    targets=front_door_profiles,
    inventory=Inventory.CONFIGURATION,
    **_OLDEST_CDN,
    error_codes=GENERAL,
    definition=Definition(
        "SecurityPolicy",
        commit=_CDN_COMMIT,
        file=_CDN_FILE,
    ),
)
