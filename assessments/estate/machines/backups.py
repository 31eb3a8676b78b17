"""Determine which machines have a backup item in a Recovery Services vault, and which vaults of other subscriptions
Surety must read. Pure functions.

A vault can back up machines of other subscriptions in its region (https://github.com/Azure/azure-cli/pull/33703). So if
a machine is not backed up by a vault of its own subscription, vaults of other subscriptions are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assessments.estate.estate import Estate
from assessments.estate.ids import fold, subscription_of
from assessments.estate.logs.cross_subscription import queryable
from assessments.estate.view import View

MACHINES = "azureiaasvm"
"""The kind of the backups of whole machines (`backupManagementType`), in lower case."""
_STATES = frozenset({"protected", "irpending"})
# Kinds of backup items that do not back up a whole machine. Some of these items, such as databases, name a machine
# nevertheless.
_OTHER_KINDS = frozenset(
    {"mab", "dpm", "azurebackupserver", "azuresql", "azurestorage", "azureworkload", "defaultbackup"}
)


@dataclass(frozen=True, slots=True)
class ItemsByMachine:
    """The backup items of whole machines: {id of a machine in lower case: its items}.

    `unattributed` are items that do not name their machine, so they may belong to any machine.
    """

    items: Mapping[str, list[View]]
    unattributed: list[View]


def items_by_machine(items: Iterable[View]) -> ItemsByMachine:
    """Group backup items by their machine. An item whose kind is unreadable or unknown is included, because it may back
    up a machine."""
    found: dict[str, list[View]] = {}
    unattributed: list[View] = []
    for item in items:
        kind = item.raw("properties.backupManagementType")
        if isinstance(kind, str) and fold(kind) in _OTHER_KINDS:
            continue
        machines = _machines_of(item.body)
        if not machines:
            unattributed.append(item)
        for machine in machines:
            found.setdefault(machine, []).append(item)
    return ItemsByMachine(found, unattributed)


def _machines_of(item: Mapping[str, Any]) -> set[str]:
    properties = item.get("properties")
    held = properties if isinstance(properties, Mapping) else {}
    named = (held.get("virtualMachineId"), held.get("sourceResourceId"))
    return {fold(one) for one in named if isinstance(one, str) and one.strip()}


def _unprotected(estate: Estate) -> list[View]:
    """Return the machines that no vault of the unit's subscription backs up."""
    protected = {
        machine
        for item in estate.documents("backup_items")
        if str(item.raw("properties.protectionState")).casefold() in _STATES
        for machine in _machines_of(item.body)
    }
    return [one for one in estate.documents("virtual_machines") if one.id and fold(one.id) not in protected]


def visible_subscriptions(estate: Estate) -> Iterable[str]:
    """Yield `/subscriptions`, where Azure lists all subscriptions, if a machine has no backup in its own subscription.
    The backup may then be in another subscription.
    """
    if _unprotected(estate):
        yield "/subscriptions"


def queryable_subscriptions(estate: Estate) -> Iterable[str]:
    """Return the other subscriptions whose vaults are listed. If there are more than MAX_OTHER_SUBSCRIPTIONS, return
    an empty list.
    """
    return queryable(estate, "backup_subscriptions")


def vaults_in_regions(estate: Estate) -> Iterable[str]:
    """Yield the ids of the vaults in other subscriptions that could back up an unprotected machine: vaults in the
    region of the machine. A machine of the unit is unprotected if no vault of the unit's subscription backs it up.
    """
    regions = {machine.location for machine in _unprotected(estate)}
    for vault in estate.documents("recovery_vaults_elsewhere") if regions else ():
        # A vault or machine without a location can be in any region.
        if vault.id and (vault.location in regions or "" in regions | {vault.location}):
            yield vault.id


def place_only(vault: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a vault of another subscription with its location and without its other settings, which no control
    reads.
    """
    return {key: vault[key] for key in ("id", "name", "type", "location") if key in vault}


def concerns_unit(estate: Estate, item: Mapping[str, Any]) -> bool:
    """Return whether an item in another subscription may back up a machine of the unit's subscription."""
    machines = _machines_of(item)
    return not machines or any(subscription_of(one) == subscription_of(estate.scope_id) for one in machines)


def foreign_policies(estate: Estate) -> Iterable[str]:
    """Return the ids of the backup policies that the backup items in other subscriptions name, each id once."""
    found: dict[str, str] = {}
    for item in estate.documents("backup_items_elsewhere"):
        policy = item.raw("properties.policyId")
        if isinstance(policy, str) and policy.startswith("/"):
            found.setdefault(fold(policy), policy.rstrip("/"))
    return [found[key] for key in sorted(found)]
