"""The context of a resource changes the severity of its failures by one step."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from assessments.actions.profiles import overrides_of, set_severity_rules, severity_part
from assessments.context_severity import SEVERITY_RULES, ContextSeverity
from assessments.controls.registry import catalogue
from assessments.controls.verdict import Outcome, Severity
from assessments.estate.estate import Estate, UnitKind
from assessments.evaluate import Evidence, Result, evaluate
from tenants.errors import InvalidInput
from tenants.models import JournalEntry
from tenants.scope import tenant_scope
from tests import factories
from tests.assessments.lifecycle.estates import HTTPS, estate
from tests.assessments.sandboxed_customer import BY, Azure, Customer
from tests.for_each import for_each

SCOPE = "/subscriptions/00000000-0000-0000-0000-000000000001"
UP, DOWN = {"when": "internet", "step": 1}, {"when": "internet", "step": -1}
PRODUCTION: dict[str, Any] = {"when": "tag", "step": 1, "tag": "stage", "values": ["production", "live"]}
TEST = {"when": "tag", "step": -1, "tag": "Owner", "values": []}
OPEN = {"publicNetworkAccess": "Enabled"}
CONTROL = catalogue()[HTTPS]


ACCOUNT: dict[str, Any] = {
    "id": f"{SCOPE}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
    "type": "Microsoft.Storage/storageAccounts",
}


def whole(account: dict[str, Any]) -> Estate:
    guid = SCOPE.rpartition("/")[2]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    found = Estate(kind=UnitKind.SUBSCRIPTION, unit_id=guid, subscriptions=[guid], now=now)
    found.add_documents("storage_accounts", SCOPE, [account])
    return found


def judged(rules: list[dict[str, Any]], noted: list[Evidence] | None = None, **document: Any) -> Result:
    properties = {"supportsHttpsTrafficOnly": False, **document.pop("properties", {})}
    account = {**ACCOUNT, **document, "properties": properties}
    note = None if noted is None else noted.append
    (result,) = evaluate(whole(account), [CONTROL], {SEVERITY_RULES: {"rules": rules}}, note)
    return result


@for_each(
    "rules, document, expected, because",
    [
        ([], {"properties": OPEN}, "high", ""),
        ([UP], {"properties": OPEN}, "critical", "public networks can reach it"),
        ([DOWN], {"properties": OPEN}, "medium", "public networks can reach it"),
        ([UP], {"properties": {"publicNetworkAccess": "Disabled"}}, "high", ""),
        ([UP], {"properties": {**OPEN, "networkAcls": {"defaultAction": "Deny"}}}, "high", ""),
        ([UP], {}, "high", ""),
        ([PRODUCTION], {"tags": {"Stage": "LIVE"}}, "critical", "it has the tag Stage"),
        ([PRODUCTION], {"tags": {"Stage": "test"}}, "high", ""),
        ([PRODUCTION], {"tags": None}, "high", ""),
        ([TEST], {"tags": {"owner": "Mira"}}, "medium", "it has the tag owner"),
        ([UP, TEST], {"tags": {"owner": "x"}, "properties": OPEN}, "high", ""),
        (
            [UP, PRODUCTION],
            {"tags": {"stage": "live"}, "properties": OPEN},
            "critical",
            "public networks can reach it and it has the tag stage",
        ),
    ],
)
def test_severity_changes_by_one_step_with_the_reason(
    rules: list[dict[str, Any]], document: dict[str, Any], expected: str, because: str
) -> None:
    result = judged(rules, **document)
    assert (result.verdict.outcome, result.control.severity) == (Outcome.FAIL, "high")
    assert result.severity == expected
    wanted = [f"The severity is {expected} instead of high, because {because}"] if because else []
    assert list(result.verdict.remarks) == wanted
    assert result.observed == judged([], **document).observed


def test_parts_follow_their_resource_and_what_was_read_becomes_evidence() -> None:
    context = ContextSeverity(whole({**ACCOUNT, "properties": OPEN}), {SEVERITY_RULES: {"rules": [UP]}})
    assert context.of(Severity.HIGH, f"{ACCOUNT['id']}/blobServices/default", None).severity == "critical"
    assert context.of(Severity.HIGH, SCOPE, None).severity == "high", "a subscription has no configuration"
    assert context.of(Severity.CRITICAL, ACCOUNT["id"], None).remark == "", "nothing is more severe"
    noted: list[Evidence] = []
    judged([UP], noted, properties=OPEN)
    assert any(one.content["properties"].get("publicNetworkAccess") == "Enabled" for one in noted)


@pytest.mark.slow(seconds=2)
@pytest.mark.django_db(transaction=True)
def test_an_assessment_stores_the_rules_and_the_findings_say_why(azure: Azure, customer: Customer) -> None:
    def tagged(lines: list[Any]) -> list[Any]:
        for line in lines:
            if line["id"].endswith("/storageAccounts/aplain"):
                line["tags"] = {"stage": "production"}
        return lines

    azure.serve(estate(first=tagged))
    customer.add()
    customer.assess()
    assert customer.findings()[HTTPS, "aplain"].severity == "high"
    with tenant_scope(customer.tenant.pk):
        set_severity_rules(tenant=customer.tenant, by=BY, rules=[PRODUCTION])
    second = customer.assess()
    row = customer.findings()[HTTPS, "aplain"]
    assert (row.severity, row.severity_rank) == ("critical", 0)
    assert row.remarks == ["The severity is critical instead of high, because it has the tag stage"]
    assert second.parameters[SEVERITY_RULES] == {
        "rules": [{**PRODUCTION, "values": sorted(PRODUCTION["values"])}]
    }
    with tenant_scope(customer.tenant.pk):
        entry = JournalEntry.objects.get(action="control.severity_rules")
        assert (entry.details["before"], entry.details["after"][0]["tag"]) == ([], "stage")
        set_severity_rules(tenant=customer.tenant, by=BY, rules=[])
    customer.assess()
    assert customer.findings()[HTTPS, "aplain"].severity == "high"


@pytest.mark.django_db
def test_bad_rules_are_refused_and_change_nothing() -> None:
    tenant = factories.tenant()
    bad: list[list[dict[str, Any]]] = [
        [{"when": "moon", "step": 1}],
        [{"when": "internet", "step": 2}],
        [{"when": "internet", "step": True}],
        [UP, DOWN],
        [{**PRODUCTION, "tag": " "}],
        [{**PRODUCTION, "tag": "x" * 257}],
        [{**PRODUCTION, "values": [str(n) for n in range(21)]}],
        [PRODUCTION, TEST, {**TEST, "tag": "third"}],
    ]
    with tenant_scope(tenant.pk):
        for rules in bad:
            with pytest.raises(InvalidInput):
                set_severity_rules(tenant=tenant, by=BY, rules=rules)
        assert severity_part(tenant) == {"rules": []}
        assert overrides_of(tenant) == {}
