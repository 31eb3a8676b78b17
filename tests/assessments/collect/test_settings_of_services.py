"""Diagnostic settings of storage services and MySQL servers, regions of network watchers, and states of a policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assessments.collect.plan import needed
from assessments.controls.profiles import asking
from assessments.controls.registry import catalogue
from assessments.estate.collection import Collection
from assessments.estate.collections.keyvault import CERTIFICATE_POLICY_STATES
from assessments.estate.collections.mysql import MYSQL_LOG_SETTINGS
from assessments.estate.collections.network import NETWORK_PROVIDER
from assessments.estate.collections.storage import STORAGE_LOG_SETTINGS
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.governance.certificate_policies import DEFINITION
from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

UNIT = azure.guid(1)
SUB = f"/subscriptions/{UNIT}"
RG = f"{SUB}/resourceGroups/rg/providers"
SERVER = f"{RG}/Microsoft.DBforMySQL/flexibleServers/db"


def document(identifier: str, **top: Any) -> azure.Line:
    return {"id": identifier, "name": identifier.rpartition("/")[2], "properties": {}, **top}


def account(name: str, kind: str, sku: str = "Standard_LRS") -> azure.Line:
    return document(f"{RG}/Microsoft.Storage/storageAccounts/{name}", kind=kind, sku={"name": sku})


def setting(scope: str) -> azure.Line:
    return document(f"{scope}/providers/Microsoft.Insights/diagnosticSettings/audit")


def watcher(state: str) -> azure.Line:
    watched = document(f"{RG}/Microsoft.Network/networkWatchers/w", location="westeurope")
    return {**watched, "properties": {"provisioningState": state}}


PROVIDER = {
    "id": f"{SUB}/providers/Microsoft.Network",
    "namespace": "Microsoft.Network",
    "resourceTypes": [
        {"resourceType": "virtualNetworks", "locations": ["West Europe"]},
        {"resourceType": "networkWatchers", "locations": ["West Europe"], "apiVersions": ["2026-03-01"]},
    ],
}
NETWORK = document(f"{RG}/Microsoft.Network/virtualNetworks/hub", location="westeurope")


def read(folder: Path, collection: Collection, *lines: azure.Line) -> Estate:
    estate = [azure.directory(), *azure.subscription(UNIT), *lines]
    with serve(azure.write(folder / "estate.jsonl", estate)) as served:
        return azure.collected(azure.session(served), UNIT, collection)


def test_settings_are_read_of_the_services_that_an_account_has(tmp_path: Path) -> None:
    general, blobs = account("general", "StorageV2"), account("blobs", "BlobStorage")
    service = f"{general['id']}/queueServices/default"
    found = read(
        tmp_path,
        STORAGE_LOG_SETTINGS,
        general,
        blobs,
        account("files", "FileStorage", "Premium_LRS"),
        account("pages", "StorageV2", "Premium_LRS"),
        account("odd", "Moon"),
        setting(service),
    )
    asked = [
        answer.scope.rpartition("storageAccounts/")[2] for answer in found.answers("storage_log_settings")
    ]
    # `azure.subscription` has further accounts, which this test ignores.
    own = {"general", "blobs", "files", "pages", "odd"}
    scopes = {scope for scope in asked if scope.partition("/")[0] in own}
    assert scopes == {
        "general/blobServices/default",
        "general/queueServices/default",
        "general/tableServices/default",
        "blobs/blobServices/default",
        "pages/blobServices/default",
    }
    assert [view.id for view in found.documents("storage_log_settings")] == [setting(service)["id"]]


def test_settings_of_storage_services_are_read_only_if_services_are_named() -> None:
    controls = [catalogue()["storage-service-logging"]]
    for values, is_read in (({}, False), ({"services": " "}, False), ({"services": "blob"}, True)):
        asked = asking(controls, {"storage-service-logging": values})
        assert ("storage_log_settings" in needed(asked, UnitKind.SUBSCRIPTION)) == is_read


def test_settings_of_mysql_servers_are_read(tmp_path: Path) -> None:
    listed = document(SERVER, type="Microsoft.DBforMySQL/flexibleServers")
    found = read(tmp_path, MYSQL_LOG_SETTINGS, listed, setting(SERVER))
    assert [view.id for view in found.documents("mysql_log_settings")] == [setting(SERVER)["id"]]


def test_regions_of_watchers_are_read_only_if_a_region_has_none(tmp_path: Path) -> None:
    for number, (watchers, is_read) in enumerate(((("Succeeded",), False), (("Failed",), True), ((), True))):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = read(folder, NETWORK_PROVIDER, NETWORK, PROVIDER, *map(watcher, watchers))
        documents = found.documents("network_provider")
        kinds = [view.body["resourceTypes"] for view in documents]
        kept = [{"resourceType": "networkWatchers", "locations": ["West Europe"]}]
        assert kinds == ([kept] if is_read else []), watchers


def test_states_of_the_policy_on_certificates_are_read_of_vaults(tmp_path: Path) -> None:
    vault = document(f"{RG}/Microsoft.KeyVault/vaults/kv", type="Microsoft.KeyVault/vaults")
    state = document(
        f"{vault['id']}/providers/Microsoft.PolicyInsights/policyStates/1",
        properties={
            "complianceState": "Compliant",
            "resourceId": vault["id"],
            "policyDefinitionId": DEFINITION,
        },
    )
    other = document(
        f"{vault['id']}/providers/Microsoft.PolicyInsights/policyStates/2",
        properties={
            "complianceState": "NonCompliant",
            "resourceId": vault["id"],
            "policyDefinitionId": "/other",
        },
    )
    found = read(tmp_path, CERTIFICATE_POLICY_STATES, vault, state, other)
    assert [
        view.raw("properties.complianceState") for view in found.documents("certificate_policy_states")
    ] == ["Compliant"]
