"""Key vaults are listed only if the inventory has one. Rotation policies are read for at most `MAX_KEYS` keys."""

from __future__ import annotations

from pathlib import Path

from assessments.estate.targets import MAX_KEYS
from assessments.management.sandboxed import serve
from tests.assessments.collect import azure
from tests.assessments.controls.judging import judge
from tests.assessments.controls.keyvault.cases_expiry import item, keys
from tests.assessments.controls.keyvault.cases_vault_settings import VAULT as ONE
from tests.assessments.controls.keyvault.cases_vault_settings import vault

VAULT = f"/subscriptions/{azure.guid(1)}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1"


def judged(folder: Path, *lines: azure.Line) -> azure.Judged:
    estate = [azure.directory(), *azure.subscription(azure.guid(1)), *lines]
    with serve(azure.write(folder / "estate.jsonl", estate)) as served:
        return azure.judge(azure.session(served), azure.guid(1), sections=("keyvault",))


def test_vaults_are_listed_with_their_settings(tmp_path: Path) -> None:
    properties = {"enableRbacAuthorization": True, "sku": {"family": "A", "name": "standard"}}
    rotation = {"lifetimeActions": [{"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P1Y"}}]}
    found = judged(
        tmp_path,
        {"id": VAULT, "name": "kv1", "type": "Microsoft.KeyVault/vaults", "properties": properties},
        {
            "id": f"{VAULT}/keys/orders",
            "name": "orders",
            "type": "Microsoft.KeyVault/vaults/keys",
            "properties": {"attributes": {"enabled": True}, "rotationPolicy": rotation},
        },
    )
    assert found.verdict("keyvault-rbac", "kv1") == "pass"
    assert found.verdict("keyvault-key-expiry-rbac", "orders") == "fail"
    assert found.verdict("keyvault-rotation", "orders") == "pass"
    assert [answer.request_id for answer in found.estate.answers("managed_hsms")] == [""]


def test_keys_beyond_the_limit_are_unknown() -> None:
    many = [item(f"{ONE}/keys/k{number:03}") for number in range(MAX_KEYS + 1)]
    found = judge("keyvault-rotation", keys(vault(), *many))
    (beyond,) = [result for result in found.values() if result.verdict.outcome == "unknown"]
    assert beyond.subject == many[-1]["id"]
    assert "too many keys" in beyond.verdict.reason
