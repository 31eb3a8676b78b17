"""Lists that are requested only if the inventory has a resource of the type."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.estate.collections.declare import listed
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.estate import Estate, UnitKind
from tests.assessments.controls.judging import NOW, RG, SUB, gap

VAULTS = listed("vaults", "Microsoft.KeyVault/vaults@2023-07-01", "Key vaults")


def estate(*types: str) -> Estate:
    made = Estate(kind=UnitKind.SUBSCRIPTION, unit_id="1", subscriptions=[SUB.rpartition("/")[2]], now=NOW)
    bodies = [{"id": f"{RG}/providers/{kind}/r{number}", "type": kind} for number, kind in enumerate(types)]
    made.add_documents(RESOURCES.name, SUB, bodies, request_id="inventory")
    return made


def targets(of: Estate) -> list[str]:
    assert VAULTS.targets is not None
    return list(VAULTS.targets(of))


def test_only_a_subscription_with_such_a_resource_is_asked() -> None:
    assert targets(estate("Microsoft.Compute/disks", "microsoft.keyvault/VAULTS")) == [SUB]
    assert targets(estate("Microsoft.Compute/disks", "Microsoft.KeyVault/vaults/keys")) == []


def test_a_subscription_whose_inventory_is_incomplete_is_asked() -> None:
    made = estate("Microsoft.Compute/disks")
    made.add_gap(gap(RESOURCES.name, SUB))
    assert targets(made) == [SUB]


def test_the_inventory_is_the_evidence_that_there_is_none() -> None:
    made = estate("Microsoft.Compute/disks")
    made.add_documents(VAULTS.name, SUB, [])
    ctx = Context(made, {})
    assert ctx.documents(VAULTS) == []
    assert [answer.request_id for answer in ctx.take_lists()[RESOURCES.name]] == ["inventory"]
