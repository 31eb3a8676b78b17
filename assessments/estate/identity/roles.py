"""Determine which operations Azure roles allow, from the action patterns of role definitions. Pure functions.

Source: https://learn.microsoft.com/azure/role-based-access-control/role-definitions
An action is `{provider}/{type}/…/{verb}`. In a pattern `*` matches any text, including `/`. Within one
permission `notActions` are subtracted from `actions`; the permissions of a role add up.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from assessments.estate.ids import fold, name_of
from assessments.estate.view import View
from assessments.estate.wildcards import fits, pieces_of

ADMIN_PROBES = (
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleAssignments/delete",
    "Microsoft.Authorization/roleDefinitions/write",
    "Microsoft.Authorization/roleDefinitions/delete",
    "Microsoft.Authorization/elevateAccess/action",
    "Microsoft.Resources/subscriptions/write",
)
"""Operations that make a role administrative: a person with the role can grant access or create subscriptions."""

GRANTING_PROBES = ADMIN_PROBES[:1]
"""The operation with which a person can assign roles to anyone, including themselves."""

_VERBS = ("write", "delete", "action")
# https://learn.microsoft.com/azure/role-based-access-control/role-definitions
_ROLE_TYPES = frozenset({"builtinrole", "customrole"})


_SUPPORT = pieces_of("Microsoft.Support/*")
# Operations that do not end with `/read`, but change no resource. These operations are in built-in roles that only
# permit reading or signing in, such as Log Analytics Reader, Security Reader, Key Vault Reader and Storage Blob Data
# Reader.
# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
# Why some of these operations are harmless:
# - A user delegation key signs only what the user's own roles permit:
#   https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key
# - Credentials of endpoints (HybridConnectivity) are for signing in to machines. The control identity-vm-login-mfa
#   judges the users who may sign in.
# - The rules of classic alerts (`alertRules`) no longer exist in any cloud:
#   https://learn.microsoft.com/azure/azure-monitor/alerts/monitoring-classic-retirement
# - A deployment needs the rights to the resources that it deploys:
#   https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-cli
_WITHOUT_CHANGES = (
    "Microsoft.Support/*",
    "Microsoft.OperationalInsights/workspaces/search/action",
    "Microsoft.OperationalInsights/workspaces/analytics/query/action",
    "Microsoft.Security/iotDefenderSettings/packageDownloads/action",
    "Microsoft.Security/iotDefenderSettings/downloadManagerActivation/action",
    "Microsoft.Security/iotSensors/downloadResetPassword/action",
    "Microsoft.IoTSecurity/defenderSettings/packageDownloads/action",
    "Microsoft.IoTSecurity/defenderSettings/downloadManagerActivation/action",
    "Microsoft.Insights/alertRules/*",
    "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
    "Microsoft.Storage/storageAccounts/fileServices/generateUserDelegationKey/action",
    "Microsoft.Storage/storageAccounts/queueServices/generateUserDelegationKey/action",
    "Microsoft.Storage/storageAccounts/tableServices/generateUserDelegationKey/action",
    "Microsoft.HybridConnectivity/endpoints/listCredentials/action",
    "Microsoft.ResourceHealth/events/action",
    "Microsoft.ResourceHealth/events/fetchBillingCommunicationDetails/action",
    "Microsoft.ResourceHealth/events/fetchEventDetails/action",
    "Microsoft.ResourceHealth/events/listSecurityAdvisoryImpactedResources/action",
    "Microsoft.Carbon/carbonEmissionReports/action",
    "Microsoft.Resources/deployments/*",
    "Microsoft.SecurityInsights/dataConnectorsCheckRequirements/action",
    "Microsoft.SecurityInsights/threatIntelligence/indicators/query/action",
    "Microsoft.SecurityInsights/threatIntelligence/queryIndicators/action",
    "Microsoft.Chaos/experiments/executions/getExecutionDetails/action",
    "Microsoft.Cdn/operationresults/*",
    "Microsoft.Cdn/profiles/*/CheckCustomDomainDNSMappingStatus/action",
    "Microsoft.Cdn/profiles/*CheckResourceUsage/action",
    "Microsoft.Cdn/profiles/*Usages/action",
    "Microsoft.Cdn/profiles/afdendpoints/validateCustomDomain/action",
    "Microsoft.Cdn/profiles/queryloganalyticsmetrics/action",
    "Microsoft.Cdn/profiles/queryloganalyticsrankings/action",
    "Microsoft.Cdn/profiles/querywafloganalyticsmetrics/action",
    "Microsoft.Cdn/profiles/querywafloganalyticsrankings/action",
    "Microsoft.NetApp/locations/checkfilepathavailability/action",
    "Microsoft.NetApp/locations/checknameavailability/action",
    "Microsoft.NetApp/locations/checkquotaavailability/action",
    "Microsoft.NetApp/locations/queryNetworkSiblingSet/action",
    "Microsoft.NetApp/netAppAccounts/getKeyVaultStatus/action",
    "Microsoft.NetApp/netAppAccounts/capacityPools/volumes/getGroupIdListForLdapUser/action",
    "Microsoft.NetApp/netAppAccounts/capacityPools/volumes/listQuotaReport/action",
    "Microsoft.NetApp/netAppAccounts/capacityPools/volumes/listReplications/action",
    "Microsoft.NetApp/netAppAccounts/capacityPools/volumes/subvolumes/getMetadata/action",
)
_pieces = lru_cache(maxsize=8192)(pieces_of)


def covers(pattern: str, operation: str) -> bool:
    """Return whether a pattern matches `operation`.

    If `operation` is itself a pattern, return whether `pattern` matches all operations that `operation` matches.
    """
    return fits(_pieces(pattern), operation)


def covered(operation: str, patterns: Iterable[str]) -> bool:
    """Return whether one of the patterns matches `operation`. If `operation` is itself a pattern, one of the patterns
    must match all operations that `operation` matches.
    """
    return any(covers(pattern, operation) for pattern in patterns)


def _changing(pattern: str) -> list[str]:
    """Return a pattern's changing operations, as patterns: for `*`, return `*/write`, `*/delete` and `*/action`; for
    `A.B/c/read`, return no pattern.
    """
    pattern = pattern.strip()
    if not pattern or pattern.casefold().endswith("/read"):
        return []
    if not pattern.endswith("*"):
        return [pattern]
    # An operation has at least two slashes (provider/type/verb):
    # - `A.B/*` has only one, so add one: `A.B/*/write`
    # - `A.B/c/*` has two: `A.B/c/*write`. The star matches nothing or further parts
    between = "/" if pattern.count("/") <= 1 else ""
    return [f"{pattern}{between}{verb}" for verb in _VERBS]


def changing_actions(role: View) -> list[str]:
    """Return the sorted action patterns in a role that permit changing resources. Operations that the notActions
    exclude do not count, and neither do the operations in `_WITHOUT_CHANGES`. Raise Unreadable if the permissions of
    the role cannot be read.
    """
    found = set()
    for permission in role.items("properties.permissions"):
        excluded = (*permission.texts("notActions"), *_WITHOUT_CHANGES)
        for action in permission.texts("actions"):
            if any(not covered(part, excluded) for part in _changing(action)):
                found.add(action)
    return sorted(found, key=str.casefold)


def changes_resources(action: str, excluded: Iterable[str]) -> bool:
    """Return whether an action pattern permits creating, changing or deleting resources, or gaining the right to do so.
    `excluded` are the notActions of the same permission.

    Actions such as `listKeys/action` do not count. Support requests, which built-in reader roles permit, do not count
    either.
    """
    if fits(_SUPPORT, action):
        return False
    excluded = tuple(excluded)
    parts = [part for part in _changing(action) if not part.casefold().endswith("action")]
    rights = [probe for probe in ADMIN_PROBES if covers(action, probe)]
    return any(not covered(part, excluded) for part in (*parts, *rights))


def granted(role: View, probes: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return two sorted lists of the role's action patterns that match operations of `probes`. The first list has the
    patterns that allow at least one of these operations. The second list has the patterns that allow none, because
    `notActions` exclude all operations that they match.
    """
    allowing, subtracted = set(), set()
    probes = tuple(probes)
    for permission in role.items("properties.permissions"):
        excluded = permission.texts("notActions")
        for action in permission.texts("actions"):
            matched = [probe for probe in probes if covers(action, probe)]
            if any(not covered(probe, excluded) for probe in matched):
                allowing.add(action)
            elif matched:
                subtracted.add(action)
    return sorted(allowing, key=str.casefold), sorted(subtracted - allowing, key=str.casefold)


def all_data_actions(role: View) -> bool:
    """Return whether a permission of the role has the data action `*`, whatever its notDataActions exclude."""
    return any(
        action.strip() == "*"
        for permission in role.items("properties.permissions")
        for action in permission.texts("dataActions")
    )


def is_custom(role: View) -> bool:
    """Return whether a role definition is a custom role. Raise Unreadable for a type that Surety does not know."""
    return role.choice("properties.type", _ROLE_TYPES) == "customrole"


def role_key(identifier: str) -> str:
    """Return a role's GUID, which is the same in all subscriptions, unlike its id."""
    return fold(name_of(identifier))


def scope_kind(scope: str) -> str:
    """Return the kind of scope: root, management group, subscription, resource group or resource."""
    parts = [part for part in fold(scope).split("/") if part]
    if not parts:
        return "root"
    if parts[:2] == ["providers", "microsoft.management"]:
        return "management group"
    if parts[0] == "subscriptions" and len(parts) == 2:
        return "subscription"
    if len(parts) == 4 and parts[2] == "resourcegroups":
        return "resource group"
    return "resource"


Permissions = tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]


def _tidy(patterns: Iterable[str]) -> frozenset[str]:
    """Return the patterns in lower case, without the patterns that another pattern covers."""
    folded = {pattern.strip().casefold() for pattern in patterns}
    return frozenset(p for p in folded if not any(other != p and covers(other, p) for other in folded))


def has_condition(role: View) -> bool:
    """Return whether a permission of the role has a condition. The role then allows less than its patterns say."""
    return any(permission.has("condition") for permission in role.items("properties.permissions"))


def permissions_of(role: View) -> frozenset[Permissions]:
    """Return a role's permissions in a form that compares equal regardless of order and case."""
    return frozenset(
        (
            _tidy(permission.texts("actions")),
            _tidy(permission.texts("notActions")),
            _tidy(permission.texts("dataActions", default=[])),
            _tidy(permission.texts("notDataActions", default=[])),
        )
        for permission in role.items("properties.permissions")
    )
