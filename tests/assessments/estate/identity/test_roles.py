"""Action patterns of Azure roles."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.estate.identity.roles import (
    ADMIN_PROBES,
    changing_actions,
    covers,
    granted,
    permissions_of,
    role_key,
    scope_kind,
)
from assessments.estate.view import Unreadable, View
from tests.assessments.controls.identity.directory_documents import role
from tests.for_each import for_each
from tests.processor_time import at_most

SEGMENT = st.text("abcXYZ", min_size=1, max_size=5)
OPERATION = st.builds(
    lambda steps, verb: "/".join([*steps, verb]),
    st.lists(SEGMENT, min_size=2, max_size=4),
    st.sampled_from(["read", "write", "delete", "action"]),
)


def definition(actions: list[str], excluded: list[str] | None = None, **more: Any) -> View:
    return View(role("r", actions, excluded, **more))


@for_each(
    ("pattern", "operation", "expected"),
    [
        ("*", "Microsoft.Sql/servers/read", True),
        ("*/read", "Microsoft.Sql/servers/databases/READ", True),
        ("*/read", "Microsoft.Sql/servers/write", False),
        ("Microsoft.Sql/*", "microsoft.sql/servers/write", True),
        ("Microsoft.Sql/*", "Microsoft.SqlVirtualMachine/x/write", False),
        ("Microsoft.Sql/*/write", "Microsoft.Sql/a/b/write", True),
        ("Microsoft.Sql/*/write", "Microsoft.Sql/write", False),
        ("a.b/c", "aXb/c", False),
        ("*/write", "*/write", True),
        ("*/write", "*", False),
        (" * ", "a/b/read", True),
    ],
)
def test_pattern_covers_operation(pattern: str, operation: str, expected: bool) -> None:
    assert covers(pattern, operation) is expected


@given(OPERATION)
def test_an_operation_covers_itself_in_any_case(operation: str) -> None:
    assert covers(operation, operation.upper())
    assert covers("*", operation)
    assert covers(f"*/{operation.rsplit('/', 1)[1]}", operation)
    assert not covers(operation + "x", operation)


@given(OPERATION, st.integers(0, 60), st.integers(0, 60))
def test_a_wildcard_in_any_position_covers(operation: str, start: int, end: int) -> None:
    start, end = sorted((min(start, len(operation)), min(end, len(operation))))
    assert covers(operation[:start] + "*" + operation[end:], operation)


@for_each(
    ("actions", "excluded", "expected"),
    [
        (["*/read"], [], []),
        (["*"], [], ["*"]),
        (["*"], ["*"], []),
        (["*"], ["*/write", "*/delete", "*/action"], []),
        (["*"], ["*/write", "*/delete"], ["*"]),
        (
            ["Microsoft.Sql/*"],
            ["Microsoft.Sql/*/write", "Microsoft.Sql/*/delete", "Microsoft.Sql/*/action"],
            [],
        ),
        (["Microsoft.Sql/servers/*"], ["Microsoft.Sql/servers/*/write"], ["Microsoft.Sql/servers/*"]),
        (["Microsoft.Sql/servers/write", "a/b/read"], [], ["Microsoft.Sql/servers/write"]),
        (["Microsoft.Sql/servers/write"], ["Microsoft.Sql/*"], []),
        (["*/action", "*/READ"], [], ["*/action"]),
        # Actions of the built-in roles Cost Management Reader, Log Analytics Reader and Security Reader
        (["Microsoft.Consumption/*/read", "Microsoft.Support/*"], [], []),
        (
            [
                "*/read",
                "Microsoft.OperationalInsights/workspaces/analytics/query/action",
                "Microsoft.OperationalInsights/workspaces/search/action",
                "Microsoft.Support/*",
            ],
            ["Microsoft.OperationalInsights/workspaces/sharedKeys/read"],
            [],
        ),
        (
            [
                "Microsoft.Security/*/read",
                "Microsoft.Security/iotDefenderSettings/packageDownloads/action",
                "Microsoft.Security/iotDefenderSettings/downloadManagerActivation/action",
                "Microsoft.Security/iotSensors/downloadResetPassword/action",
                "Microsoft.IoTSecurity/defenderSettings/packageDownloads/action",
                "Microsoft.IoTSecurity/defenderSettings/downloadManagerActivation/action",
            ],
            [],
            [],
        ),
        # Actions of the built-in roles Storage Blob Data Reader, Key Vault Reader, Virtual Machine User Login and
        # Service Health Security Reader
        (
            [
                "Microsoft.Storage/storageAccounts/blobServices/containers/read",
                "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
            ],
            [],
            [],
        ),
        (["Microsoft.Insights/alertRules/*", "Microsoft.KeyVault/vaults/*/read"], [], []),
        (["Microsoft.Insights/AlertRules/Write", "Microsoft.Insights/AlertRules/Delete"], [], []),
        (
            [
                "Microsoft.Compute/virtualMachines/*/read",
                "Microsoft.HybridConnectivity/endpoints/listCredentials/action",
            ],
            [],
            [],
        ),
        (
            [
                "Microsoft.ResourceHealth/events/action",
                "Microsoft.ResourceHealth/events/fetchEventDetails/action",
                "Microsoft.ResourceHealth/events/listSecurityAdvisoryImpactedResources/action",
            ],
            ["Microsoft.ResourceHealth/events/fetchBillingCommunicationDetails/action"],
            [],
        ),
        (
            ["Microsoft.Insights/*", "Microsoft.Storage/storageAccounts/listKeys/action"],
            [],
            ["Microsoft.Insights/*", "Microsoft.Storage/storageAccounts/listKeys/action"],
        ),
        (["Microsoft.Support/*", "Microsoft.Security/*"], [], ["Microsoft.Security/*"]),
        # Actions of the built-in roles Lab Services Reader, Microsoft Sentinel Reader, Chaos Studio Reader and Azure
        # Arc Kubernetes Viewer
        (["*/read", "Microsoft.Resources/deployments/*"], [], []),
        (
            [
                "Microsoft.Resources/deployments/*",
                "Microsoft.SecurityInsights/*/read",
                "Microsoft.SecurityInsights/dataConnectorsCheckRequirements/action",
                "Microsoft.SecurityInsights/threatIntelligence/indicators/query/action",
                "Microsoft.SecurityInsights/threatIntelligence/queryIndicators/action",
            ],
            [],
            [],
        ),
        (
            [
                "Microsoft.Chaos/experiments/executions/getExecutionDetails/action",
                "Microsoft.Resources/deployments/write",
            ],
            [],
            [],
        ),
        # Actions of the built-in roles CDN Profile Reader, Azure Front Door Profile Reader and Azure NetApp Files
        # Reader
        (
            [
                "Microsoft.Cdn/operationresults/*",
                "Microsoft.Cdn/profiles/CheckResourceUsage/action",
                "Microsoft.Cdn/profiles/endpoints/CheckResourceUsage/action",
                "Microsoft.Cdn/profiles/afdendpoints/validateCustomDomain/action",
                "Microsoft.Cdn/profiles/afdendpoints/CheckCustomDomainDNSMappingStatus/action",
                "Microsoft.Cdn/profiles/rulesets/Usages/action",
                "Microsoft.Cdn/profiles/Usages/action",
                "Microsoft.Cdn/profiles/queryloganalyticsmetrics/action",
                "Microsoft.NetApp/locations/checknameavailability/action",
                "Microsoft.NetApp/netAppAccounts/capacityPools/volumes/listReplications/action",
            ],
            [],
            [],
        ),
        (
            [
                "Microsoft.Resources/*",
                "Microsoft.Resources/deploymentScripts/write",
                "Microsoft.Cdn/profiles/afdendpoints/Purge/action",
                "Microsoft.NetApp/netAppAccounts/renewCredentials/action",
            ],
            [],
            [
                "Microsoft.Cdn/profiles/afdendpoints/Purge/action",
                "Microsoft.NetApp/netAppAccounts/renewCredentials/action",
                "Microsoft.Resources/*",
                "Microsoft.Resources/deploymentScripts/write",
            ],
        ),
        # Azure Kubernetes Service Cluster User Role: if the cluster does not use Microsoft Entra ID, the holder of the
        # role gets an administrator's credential.
        (
            ["Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"],
            [],
            ["Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"],
        ),
        (
            ["Microsoft.OperationalInsights/workspaces/purge/action"],
            [],
            ["Microsoft.OperationalInsights/workspaces/purge/action"],
        ),
    ],
)
def test_changing_actions_are_derived_from_patterns(
    actions: list[str], excluded: list[str], expected: list[str]
) -> None:
    assert changing_actions(definition(actions, excluded)) == expected


@pytest.mark.slow(seconds=1)
@given(st.lists(OPERATION, max_size=6), st.lists(OPERATION, max_size=6))
def test_changing_actions_are_neither_read_nor_excluded(actions: list[str], excluded: list[str]) -> None:
    gone = {text.casefold() for text in excluded}
    expected = {a for a in actions if not a.endswith("/read") and a.casefold() not in gone}
    assert set(changing_actions(definition(actions, excluded))) == expected


@for_each("probe", ADMIN_PROBES)
def test_every_probe_is_granted(probe: str) -> None:
    assert granted(definition([probe.upper()]), ADMIN_PROBES) == ([probe.upper()], [])
    assert granted(definition(["*"], [p for p in ADMIN_PROBES if p != probe]), ADMIN_PROBES) == (["*"], [])


def test_not_actions_remove_every_probe() -> None:
    assert granted(definition(["*"], list(ADMIN_PROBES)), ADMIN_PROBES) == ([], ["*"])
    assert granted(definition(["*/read"]), ADMIN_PROBES) == ([], [])


def test_permissions_add_up() -> None:
    body = role("r", ["*"], ["*"])
    body["properties"]["permissions"].append({"actions": ["*/write"], "notActions": []})
    assert granted(View(body), ADMIN_PROBES)[0] == ["*/write"]


@pytest.mark.parametrize("missing", ["actions", "notActions"])
def test_a_missing_deciding_property_is_unreadable(missing: str) -> None:
    body = role("r", ["*"])
    del body["properties"]["permissions"][0][missing]
    with pytest.raises(Unreadable, match=missing):
        changing_actions(View(body))
    with pytest.raises(Unreadable, match=missing):
        granted(View(body), ADMIN_PROBES)


@for_each(
    ("scope", "expected"),
    [
        ("/", "root"),
        ("/providers/Microsoft.Management/managementGroups/m", "management group"),
        ("/subscriptions/x/", "subscription"),
        ("/subscriptions/x/resourcegroups/rg", "resource group"),
        ("/subscriptions/x/resourceGroups/rg/providers/Microsoft.Sql/servers/s", "resource"),
    ],
)
def test_the_kind_of_a_scope_is_derived_from_its_path(scope: str, expected: str) -> None:
    assert scope_kind(scope) == expected


def test_equal_permissions_compare_equal() -> None:
    one = permissions_of(definition(["*/READ", "a/b/read"], ["c/d/read"]))
    assert one == permissions_of(definition(["*/read"], ["C/D/read"]))
    assert one != permissions_of(definition(["*/read"]))


def test_role_key_is_the_guid() -> None:
    assert role_key("/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/ABC/") == "abc"


def test_patterns_with_many_stars_are_compared_in_linear_time() -> None:
    """Customers write the actions of their roles, so a pattern must not occupy a worker for long."""
    with at_most(1):
        assert not covers("*a" * 200 + "*b", "a" * 10_000)
        assert covers("*a" * 200 + "*b", "a" * 10_000 + "b")


@for_each(
    ("pattern", "operation", "expected"),
    [
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*", "", True),
        ("**", "x", True),
        ("a*b*c", "abbc", True),
        ("a*b*c", "acb", False),
        ("a*b*b", "ab", False),
        ("Microsoft.*/read", "microsoft.compute/disks/READ", True),
        ("*/read", "*/read", True),
        ("*/read", "*", False),
    ],
)
def test_a_star_stands_for_any_text(pattern: str, operation: str, expected: bool) -> None:
    assert covers(pattern, operation) is expected
