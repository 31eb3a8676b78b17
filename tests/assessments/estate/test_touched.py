"""Which collections are read again after operations in the activity log."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from assessments.estate.collections import ALL
from assessments.estate.logs.activity import ActivityEvent, ActorKind
from assessments.estate.touched import Touched, changes_something, is_sweeping
from tests.for_each import for_each

S = "/subscriptions/10000000-0000-0000-0000-000000000001"
G = f"{S}/resourceGroups/rg"
ACCOUNT = f"{G}/providers/Microsoft.Storage/storageAccounts/data"
MACHINE = f"{G}/providers/Microsoft.Compute/virtualMachines/vm"


def event(resource_id: str, operation: str = "x/write") -> ActivityEvent:
    at = datetime(2026, 11, 28, tzinfo=UTC)
    return ActivityEvent("1", at, resource_id, operation, "Succeeded", "", ActorKind.UNKNOWN, "", "", "", "")


def concerned(touched: Touched, *scopes: str) -> set[str]:
    return {name for name, one in ALL.items() for scope in scopes if touched.concerns(one, scope)}


def test_what_one_resource_touches() -> None:
    touched = Touched.by([event(ACCOUNT.upper().replace("/PROVIDERS/", "/providers/"))], {ACCOUNT.casefold()})
    assert {name for name in concerned(touched, S) if not ALL[name].path.startswith("{scope}/blob")} >= {
        "storage_accounts"
    }
    assert not touched.concerns(ALL["resources"], S), "the list has the account already"
    assert touched.concerns(ALL["blob_services"], ACCOUNT)
    assert not touched.concerns(ALL["blob_services"], f"{ACCOUNT}2"), (
        "another account with the same beginning"
    )
    assert not touched.concerns(ALL["sql_servers"], S)
    below = Touched.by([event(f"{ACCOUNT}/blobServices/default/containers/open")], {ACCOUNT.casefold()})
    assert below.concerns(ALL["blob_containers"], ACCOUNT)
    assert below.concerns(ALL["storage_accounts"], S)


def test_linked_resources_are_read_together() -> None:
    touched = Touched.by([event(MACHINE)], {MACHINE.casefold()})
    assert concerned(touched, S) >= {
        "virtual_machines",
        "disks",
        "network_interfaces",
        "network_security_groups",
    }
    assert not touched.concerns(ALL["storage_accounts"], S)


def test_new_and_deleted_resources_need_the_list_of_all() -> None:
    assert Touched.by([event(ACCOUNT)], set()).concerns(ALL["resources"], S)
    deleted = event(ACCOUNT, "Microsoft.Storage/storageAccounts/delete")
    assert Touched.by([deleted], {ACCOUNT.casefold()}).concerns(ALL["resources"], S)
    assignment = f"{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/1"
    touched = Touched.by([event(assignment)], set())
    assert not touched.concerns(ALL["resources"], S)
    assert not touched.concerns(ALL["blob_services"], ACCOUNT), "a role changes no setting"
    assert touched.concerns(ALL["role_assignments"], S)
    assert not Touched.by([event(G)], set()).concerns(ALL["blob_services"], ACCOUNT)


def test_requests_for_roles_touch_the_assignments_that_they_create() -> None:
    requests = f"{S}/providers/Microsoft.Authorization/roleEligibilityScheduleRequests/1"
    touched = Touched.by(
        [event(requests, "Microsoft.Authorization/roleEligibilityScheduleRequests/write")], set()
    )
    assert concerned(touched, S) == {"role_eligibilities"}
    activated = event(f"{G}/providers/Microsoft.Authorization/roleAssignmentScheduleRequests/1")
    assert concerned(Touched.by([activated], set()), S) == {"role_assignments"}


def test_a_perimeter_touches_the_settings_of_the_resources_in_it() -> None:
    perimeter = f"{G}/providers/Microsoft.Network/networkSecurityPerimeters/edge"
    touched = Touched.by([event(f"{perimeter}/profiles/p/accessRules/open")], {perimeter.casefold()})
    assert concerned(touched, ACCOUNT) == {"storage_perimeters", "sql_perimeters"}
    assert concerned(Touched.by([event(MACHINE)], {MACHINE.casefold()}), ACCOUNT) == set()


def test_tags_are_read_again_with_their_resource() -> None:
    """The Azure portal writes tags to a child of the resource. But Azure returns the tags in the document of the
    resource and in the list of all resources, so both are read again.
    """
    tagged = event(f"{ACCOUNT}/providers/Microsoft.Resources/tags/default", "Microsoft.Resources/tags/write")
    touched = Touched.by([tagged], {ACCOUNT.casefold()})
    assert touched.concerns(ALL["storage_accounts"], S)
    assert touched.concerns(ALL["resources"], S)
    assert not touched.concerns(ALL["sql_servers"], S)


@for_each(
    ("operation", "changes", "sweeps"),
    [
        ("Microsoft.Storage/storageAccounts/listKeys/action", False, False),
        ("Microsoft.Storage/storageAccounts/regenerateKey/action", True, False),
        ("Microsoft.Storage/storageAccounts/write", True, False),
        ("Microsoft.Resources/subscriptions/resourceGroups/DELETE", True, True),
        ("Microsoft.Resources/subscriptions/resourceGroups/moveResources/action", True, True),
        ("Microsoft.OperationalInsights/workspaces/sharedKeys/action", False, False),
        ("Microsoft.Resources/deployments/whatIf/action", False, False),
        ("Microsoft.Sql/servers/databases/pause/action", False, False),
        ("MICROSOFT.SQL/SERVERS/DATABASES/RESUME/ACTION", False, False),
        ("Microsoft.Sql/servers/databases/failover/action", True, False),
        ("Microsoft.Synapse/workspaces/sqlPools/pause/action", True, False),
        ("write", True, False),
        ("", True, False),
    ],
)
def test_operations(operation: str, changes: bool, sweeps: bool) -> None:
    found = replace(event(ACCOUNT), operation=operation)
    assert (changes_something(found), is_sweeping(found)) == (changes, sweeps)
