"""The variables of fixes, and the functions that find their values in a finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assessments.fixes.facts import Facts


def _nothing(_: Facts) -> str:
    return ""


def segment(name: str) -> Callable[[Facts], str]:
    """Return a function that returns the segment after the segment `name` in the id of a finding's subject, such as the
    name of the resource group after `resourceGroups`.
    """
    return lambda facts: facts.segment(name)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable in the commands of a fix. Its value comes from the finding (`known`), or a person enters it.

    `help` says what to enter. `label`, such as "the account", replaces an unknown value in paths of the Azure portal.
    """

    name: str
    help: str
    example: str
    label: str = ""
    known: Callable[[Facts], str] = _nothing

    @property
    def is_of_finding(self) -> bool:
        """Whether the value comes from the finding, so that each finding has its own value."""
        return self.known is not _nothing

    @property
    def shell_name(self) -> str:
        """The name of the variable in Bash."""
        return self.name.upper()

    @property
    def powershell_name(self) -> str:
        """The name in PowerShell, without the dollar sign."""
        return "".join(part.capitalize() for part in self.name.split("_"))


_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"

STANDARD: tuple[Variable, ...] = (
    Variable("subscription", "Id of the subscription", _SUBSCRIPTION, "the subscription",
             segment("subscriptions")),
    Variable("group", "Name of the resource group", "rg-shop", "the resource group", segment("resourceGroups")),
    Variable("id", "Full id of the resource", f"/subscriptions/{_SUBSCRIPTION}/resourceGroups/rg-shop/providers/…",
             "the resource", lambda facts: facts.subject if facts.segment("subscriptions") else ""),
    Variable("account", "Name of the storage account", "stshop", "the storage account",
             segment("storageAccounts")),
    Variable("server", "Name of the SQL server, without .database.windows.net", "sql-shop", "the SQL server",
             segment("servers")),
    Variable("database", "Name of the database", "orders", "the database", segment("databases")),
    Variable("instance", "Name of the SQL managed instance", "mi-shop", "the managed instance",
             segment("managedInstances")),
    Variable("nsg", "Name of the network security group", "nsg-web", "the network security group",
             segment("networkSecurityGroups")),
    Variable("machine", "Name of the virtual machine", "vm-web-1", "the virtual machine",
             segment("virtualMachines")),
    Variable("disk", "Name of the disk", "disk-data-1", "the disk", segment("disks")),
    Variable("action_group", "Name of the action group", "ag-security", "the action group",
             segment("actionGroups")),
    Variable("flow_log", "Name of the flow log", "fl-hub", "the flow log", segment("flowLogs")),
    Variable("plan", "Name of the Defender plan", "SqlServers", "the plan", segment("pricings")),
    Variable("user_id", "Object id of the user", _SUBSCRIPTION, "the user", Facts.user_id),
)  # fmt: skip

EXAMPLE_GUID = _SUBSCRIPTION
_RESOURCE = f"/subscriptions/{EXAMPLE_GUID}/resourceGroups/rg-security/providers"

LOG_ACCOUNT = Variable("log_account", "Name of the storage account that receives the log", "stlogs")
LOG_ACCOUNT_ID = Variable(
    "log_account_id",
    "Full id of the storage account that receives the log",
    f"{_RESOURCE}/Microsoft.Storage/storageAccounts/stlogs",
)
LOG_DAYS = Variable(
    "log_days",
    "Number of days to keep the log: at least what your rules require, and not below the longest retention that one of"
    " the logs has now",
    "365",
)
WORKSPACE_ID = Variable(
    "workspace_id",
    "Full id of the Log Analytics workspace",
    f"{_RESOURCE}/Microsoft.OperationalInsights/workspaces/log-security",
)
SOURCE = Variable("source", "Addresses that may connect, in CIDR notation", "203.0.113.0/24")
ROLE_ID = Variable(
    "role_id", "Id of the custom role", EXAMPLE_GUID, "the custom role", segment("roleDefinitions")
)
