"""Vaults of other subscriptions are read only where they can back up a machine."""

from __future__ import annotations

from typing import Any

from assessments.estate.estate import Estate, UnitKind
from assessments.estate.machines.backups import (
    concerns_unit,
    foreign_policies,
    items_by_machine,
    place_only,
    queryable_subscriptions,
    vaults_in_regions,
    visible_subscriptions,
)
from tests.assessments.controls.judging import RG, SUB, estate_of
from tests.assessments.controls.recovery.cases_backups import ITEM
from tests.assessments.controls.recovery.cases_vault_settings import VAULT
from tests.assessments.controls.vm.cases_backup import IN_SIGHT, MANY, OTHER_SUB, OTHER_VAULT, item
from tests.assessments.controls.vm.documents import VM, machine
from tests.for_each import for_each


def given(*items: Any, **docs: Any) -> Estate:
    return estate_of(
        UnitKind.SUBSCRIPTION, {"virtual_machines": [machine()], "backup_items": {VAULT: list(items)}, **docs}
    )


@for_each(
    ("items", "asked"),
    [
        ([], ["/subscriptions"]),
        ([item()], []),
        ([item("IRPending")], []),
        ([item("ProtectionStopped")], ["/subscriptions"]),
        ([item(virtualMachineId=f"{VM}2", sourceResourceId=None)], ["/subscriptions"]),
    ],
    ids=["none", "protected", "pending", "stopped", "of another machine"],
)
def test_other_subscriptions_are_listed_only_if_a_machine_has_no_backup(
    items: list[Any], asked: list[str]
) -> None:
    assert list(visible_subscriptions(given(*items))) == asked


def test_no_subscription_is_read_if_there_are_too_many() -> None:
    assert list(queryable_subscriptions(given(backup_subscriptions=IN_SIGHT))) == [OTHER_SUB]
    assert list(queryable_subscriptions(given(backup_subscriptions=MANY))) == []


def test_only_vaults_in_the_region_of_a_machine_without_backup_are_read() -> None:
    places = {"near": "West Europe", "far": "eastus", "unknown": None}
    vaults = [{"id": f"{OTHER_VAULT}{name}", "location": place} for name, place in places.items()]
    elsewhere = {"recovery_vaults_elsewhere": {OTHER_SUB: vaults}}
    found = [vault.removeprefix(OTHER_VAULT) for vault in vaults_in_regions(given(**elsewhere))]
    assert found == ["near", "unknown"]
    assert list(vaults_in_regions(given(item(), **elsewhere))) == []


def test_only_items_of_the_subscription_are_kept() -> None:
    estate = given()
    assert concerns_unit(estate, item())
    assert concerns_unit(estate, item(virtualMachineId=None, sourceResourceId=None))
    other = VM.replace(SUB, OTHER_SUB)
    assert not concerns_unit(estate, item(virtualMachineId=other, sourceResourceId=other))


def test_of_vaults_in_other_subscriptions_only_the_place_is_kept() -> None:
    vault = {"id": OTHER_VAULT, "name": "v", "location": "westeurope", "properties": {"x": 1}, "tags": {}}
    assert place_only(vault) == {"id": OTHER_VAULT, "name": "v", "location": "westeurope"}


def test_policies_of_items_in_other_subscriptions_are_read_once() -> None:
    policy = f"{RG}/p"
    items = {OTHER_VAULT: [item(policyId=policy), item(policyId=policy.upper()), item(policyId=None)]}
    assert list(foreign_policies(given(backup_items_elsewhere=items))) == [policy]


def test_items_are_found_by_either_id_of_the_machine() -> None:
    views = given(
        item(),
        item(identifier=f"{ITEM}2", virtualMachineId=None, sourceResourceId=f"{VM}2"),
        item(identifier=f"{ITEM}3", backupManagementType="AzureWorkload", sourceResourceId=f"{VM}3"),
        item(identifier=f"{ITEM}4", virtualMachineId=None, sourceResourceId=None),
    ).documents("backup_items")
    found = items_by_machine(views)
    assert {key: len(held) for key, held in found.items.items()} == {VM.casefold(): 1, f"{VM}2".casefold(): 1}
    assert len(found.unattributed) == 1
