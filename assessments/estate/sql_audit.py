"""SQL auditing: whether a policy is on and where its records go. Pure.

An auditing policy (`Microsoft.Sql/servers/auditingSettings`, `.../databases/auditingSettings`) writes
to a storage account (`storageEndpoint`), to Azure Monitor (`isAzureMonitorTargetEnabled`), or both.
Azure Monitor gets records only where a diagnostic setting with the category SQLSecurityAuditEvents
takes them: on the server's `databases/master` for the server's policy, on the database for its own.

Source: https://learn.microsoft.com/azure/azure-sql/database/auditing-overview
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assessments.estate.view import REQUIRED, Unreadable, View

AUDIT_CATEGORY = "SQLSecurityAuditEvents"
# Groups of categories that contain it.
AUDIT_GROUPS = frozenset({"alllogs", "audit"})
USEFUL_GROUPS = (
    "BATCH_COMPLETED_GROUP",
    "SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP",
    "FAILED_DATABASE_AUTHENTICATION_GROUP",
)
DESTINATIONS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")


@dataclass(frozen=True, slots=True)
class Audit:
    """What one auditing policy does.

    `on`: the state is Enabled. `storage`: its blob endpoint, or ``. `to_monitor`: Azure Monitor is a
    target. `settings`: the diagnostic settings that take its records, by id, sorted.
    """

    on: bool
    storage: str = ""
    to_monitor: bool = False
    settings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def live(self) -> bool:
        """On, and records arrive somewhere."""
        return self.on and bool(self.storage or self.settings)


def read_audit(policy: View, settings: Callable[[], Sequence[View]]) -> Audit:
    """Read a policy; Unreadable where what decides is missing.

    `settings` gives the diagnostic settings of the policy's `databases/master` or database, and may
    raise; it is called only where Azure Monitor is a target. With a storage target nothing else decides.
    """
    properties = policy.object("properties")
    state = properties.text("state").casefold()
    if state not in {"enabled", "disabled"}:
        raise properties.unreadable("state", f"{state!r}, which is neither Enabled nor Disabled")
    if state == "disabled":
        return Audit(on=False)
    storage = properties.text("storageEndpoint", default="").strip()
    remarks = tuple(_remarks(properties))
    # A storage target is enough: the other property decides nothing then.
    to_monitor = properties.flag("isAzureMonitorTargetEnabled", default=False if storage else REQUIRED)
    if storage or not to_monitor:
        return Audit(True, storage, to_monitor, (), remarks)
    return Audit(True, storage, to_monitor, taken_by(settings()), remarks)


def taken_by(settings: Sequence[View]) -> tuple[str, ...]:
    """Ids of the diagnostic settings that take SQL audit records to some destination, sorted.

    Unreadable where none does and one of them could not be read.
    """
    found: list[str] = []
    problem: Unreadable | None = None
    for setting in settings:
        try:
            if takes_audit(setting):
                found.append(setting.id)
        except Unreadable as error:
            problem = problem or error
    if problem and not found:
        raise problem
    return tuple(sorted(found))


def takes_audit(setting: View) -> bool:
    """Whether a diagnostic setting has a destination and SQLSecurityAuditEvents (or a group with it) on."""
    properties = setting.object("properties")
    if not any(properties.text(name, default="").strip() for name in DESTINATIONS):
        return False
    for log in properties.items("logs"):
        category = log.text("category", default="").casefold()
        group = log.text("categoryGroup", default="").casefold()
        if (category == AUDIT_CATEGORY.casefold() or group in AUDIT_GROUPS) and log.flag("enabled"):
            return True
    return False


def missing_groups(policy_properties: View) -> list[str] | None:
    """The useful action groups that the policy lacks; None where it does not state its groups."""
    stated = policy_properties.raw("auditActionsAndGroups")
    if not isinstance(stated, list):
        return None
    have = {group.casefold() for group in stated if isinstance(group, str)}
    return [group for group in USEFUL_GROUPS if group.casefold() not in have]


def _remarks(properties: View) -> list[str]:
    remarks = []
    missing = missing_groups(properties)
    if missing is None:
        remarks.append("the policy does not state which groups of events it records")
    elif missing:
        remarks.append(f"not recorded: {', '.join(missing)}")
    if properties.raw("predicateExpression"):
        remarks.append("a predicate leaves out some events")
    return remarks
