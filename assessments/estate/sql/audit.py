"""Read whether SQL auditing is on, and to which destinations its records are sent. Pure functions.

An auditing policy (`extendedAuditingSettings`) belongs to a server or a database. The policy writes to a storage
account (`storageEndpoint`), to Azure Monitor (`isAzureMonitorTargetEnabled`), or both. Records reach Azure Monitor only
if a diagnostic setting has the category SQLSecurityAuditEvents. If the policy belongs to the server, the diagnostic
setting is on `databases/master`. If the policy belongs to a database, the setting is on this database.

Source: https://learn.microsoft.com/azure/azure-sql/database/auditing-overview
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assessments.estate.view import REQUIRED, Unreadable, View

AUDIT_CATEGORY = "SQLSecurityAuditEvents"
# The category groups that contain AUDIT_CATEGORY, in lower case.
AUDIT_GROUPS = frozenset({"alllogs", "audit"})
USEFUL_GROUPS = (
    "BATCH_COMPLETED_GROUP",
    "SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP",
    "FAILED_DATABASE_AUTHENTICATION_GROUP",
)
DESTINATIONS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")


@dataclass(frozen=True, slots=True)
class Audit:
    """The effect of one auditing policy.

    - `on`: whether the state is Enabled
    - `storage`: the blob endpoint of the storage account, or empty
    - `to_monitor`: whether Azure Monitor is a target
    - `settings`: the sorted ids of the diagnostic settings that receive the records; empty if `storage` is set
    """

    on: bool
    storage: str = ""
    to_monitor: bool = False
    settings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def live(self) -> bool:
        """Whether auditing is on and its records reach a destination."""
        return self.on and bool(self.storage or self.settings)


def read_audit(policy: View, settings: Callable[[], Sequence[View]]) -> Audit:
    """Return the effect of an auditing policy. Raise Unreadable if a property on which the effect depends is missing.

    `settings` returns the diagnostic settings of `databases/master` for the policy of a server, and the diagnostic
    settings of the database for the policy of a database. `settings` is called only if Azure Monitor is the only
    target. Exceptions of `settings` are not caught.
    """
    properties = policy.object("properties")
    if properties.choice("state", {"enabled", "disabled"}) == "disabled":
        return Audit(on=False)
    storage = properties.text("storageEndpoint", default="").strip()
    remarks = tuple(_remarks(properties))
    # If the policy has a storage target, `isAzureMonitorTargetEnabled` does not matter, so it may be absent.
    to_monitor = properties.flag("isAzureMonitorTargetEnabled", default=False if storage else REQUIRED)
    if storage or not to_monitor:
        return Audit(True, storage, to_monitor, (), remarks)
    return Audit(True, storage, to_monitor, settings_with_audit(settings()), remarks)


def settings_with_audit(settings: Sequence[View]) -> tuple[str, ...]:
    """Return the sorted ids of the diagnostic settings that receive SQL audit records.

    Raise Unreadable if no setting receives the records and at least one setting could not be read.
    """
    found: list[str] = []
    problem: Unreadable | None = None
    for setting in settings:
        try:
            if receives_audit(setting):
                found.append(setting.id)
        except Unreadable as error:
            problem = problem or error
    if problem and not found:
        raise problem
    return tuple(sorted(found))


def receives_audit(setting: View) -> bool:
    """Return whether a diagnostic setting sends SQL audit records to a destination. The setting must have a
    destination, and must enable the category SQLSecurityAuditEvents or a category group that contains this category.

    Raise Unreadable if neither is enabled, but the setting enables a category group that Surety does not know: this
    group may contain the category.
    """
    properties = setting.object("properties")
    if not any(properties.text(name, default="").strip() for name in DESTINATIONS):
        return False
    unknown: Unreadable | None = None
    for log in properties.items("logs"):
        category = log.text("category", default="").casefold()
        group = log.text("categoryGroup", default="").casefold()
        if (category == AUDIT_CATEGORY.casefold() or group in AUDIT_GROUPS) and log.flag("enabled"):
            return True
        if group and group not in AUDIT_GROUPS and log.raw("enabled") is not False:
            unknown = unknown or log.unknown_value("categoryGroup", log.text("categoryGroup"))
    if unknown is not None:
        raise unknown
    return False


def missing_groups(policy_properties: View) -> list[str] | None:
    """Return the useful groups of events (USEFUL_GROUPS) that the policy does not record, or None if the policy names
    no groups."""
    stated = policy_properties.raw("auditActionsAndGroups")
    if not isinstance(stated, list):
        return None
    have = {group.casefold() for group in stated if isinstance(group, str)}
    return [group for group in USEFUL_GROUPS if group.casefold() not in have]


def _remarks(properties: View) -> list[str]:
    remarks = []
    missing = missing_groups(properties)
    if missing is None:
        remarks.append("The policy does not state which groups of events it records")
    elif missing:
        remarks.append(f"Not recorded: {', '.join(missing)}")
    if properties.raw("predicateExpression"):
        remarks.append("A predicate excludes some events")
    return remarks
