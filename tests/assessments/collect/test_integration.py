"""Collecting Service Bus, Data Factory, Automation and API Management: what is requested, and what is never stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assessments.estate.collections.servicebus import SERVICE_BUS_ENDPOINTS, SERVICE_BUS_FIREWALLS
from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

SECTIONS = ("servicebus", "datafactory", "automation", "apim")
GROUP = f"/subscriptions/{azure.guid(1)}/resourceGroups/rg-data/providers"
BUSES = f"{GROUP}/Microsoft.ServiceBus/namespaces"
FACTORY = f"{GROUP}/Microsoft.DataFactory/factories/adf"
ACCOUNT = f"{GROUP}/Microsoft.Automation/automationAccounts/aa"
SERVICE = f"{GROUP}/Microsoft.ApiManagement/service/apim"
CLEAR = "clear-text-of-a-secret"


def line(identifier: str, kind: str = "", tier: str = "", **properties: Any) -> azure.Line:
    more: dict[str, Any] = {"type": kind} if kind else {}
    if tier:
        more["sku"] = {"name": tier}
    return {"id": identifier, "name": identifier.rsplit("/", 1)[-1], **more, "properties": properties}


LINES = [
    azure.directory(),
    *azure.subscription(azure.guid(1)),
    line(f"{BUSES}/open", "Microsoft.ServiceBus/namespaces", "Premium", publicNetworkAccess="Enabled"),
    line(f"{BUSES}/closed", "Microsoft.ServiceBus/namespaces", "Premium", publicNetworkAccess="Disabled"),
    line(f"{BUSES}/small", "Microsoft.ServiceBus/namespaces", "Standard"),
    line(
        f"{BUSES}/open/networkRuleSets/default",
        defaultAction="Deny",
        ipRules=[{"ipMask": "203.0.113.0/24", "action": "Allow"}],
    ),
    line(
        f"{BUSES}/closed/privateEndpointConnections/pe",
        privateLinkServiceConnectionState={"status": "Approved"},
    ),
    line(FACTORY, "Microsoft.DataFactory/factories"),
    line(
        f"{FACTORY}/linkedservices/warehouse",
        type="AzureSqlDW",
        description=CLEAR,
        typeProperties={"connectionString": f"Server=s;Password={CLEAR}"},
    ),
    line(ACCOUNT, "Microsoft.Automation/automationAccounts", publicNetworkAccess=False),
    line(f"{ACCOUNT}/variables/key", isEncrypted=False, value=f'"{CLEAR}"', description=CLEAR),
    line(SERVICE, "Microsoft.ApiManagement/service", "Consumption"),
    line(f"{SERVICE}/namedValues/backend", displayName="backend", secret=True, value=CLEAR),
    line(f"{SERVICE}/subscriptions/shop", scope=f"{SERVICE}/apis", state="active", primaryKey=CLEAR),
]


def test_settings_are_judged_and_secrets_are_not_stored(tmp_path: Path) -> None:
    with serve(azure.write(tmp_path / "estate.jsonl", LINES)) as served:
        found = azure.judge(azure.session(served), azure.guid(1), sections=SECTIONS)
    assert found.verdict("servicebus-pna", "open") == "pass"
    assert found.verdict("servicebus-pna", "closed") == "pass"
    assert found.verdict("servicebus-pna", "small") == "fail"
    assert found.verdict("servicebus-pe", "closed") == "pass"
    assert found.verdict("servicebus-pe", "small") == "not_applicable"
    assert found.verdict("datafactory-secrets", "adf") == "fail"
    assert found.verdict("automation-pna", "aa") == "pass"
    assert found.verdict("automation-variables", "aa") == "fail"
    assert found.verdict("apim-direct-management", "apim") == "not_applicable"
    assert found.verdict("apim-named-values", "apim") == "fail"
    assert found.verdict("apim-subscription-scope", "apim") == "fail"
    for name in (
        "data_factory_linked_services",
        "automation_variables",
        "apim_named_values",
        "apim_subscriptions",
    ):
        (document,) = found.estate.documents(name)
        assert CLEAR not in str(document.body), name


def test_closed_and_small_namespaces_cost_no_useless_requests(tmp_path: Path) -> None:
    with serve(azure.write(tmp_path / "estate.jsonl", LINES)) as served:
        estate = azure.judge(azure.session(served), azure.guid(1), sections=("servicebus",)).estate
    asked = {
        collection.name: sorted(answer.scope.rsplit("/", 1)[-1] for answer in estate.answers(collection.name))
        for collection in (SERVICE_BUS_FIREWALLS, SERVICE_BUS_ENDPOINTS)
    }
    assert asked == {"servicebus_firewalls": ["open", "small"], "servicebus_endpoints": ["closed", "open"]}
