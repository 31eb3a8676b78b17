"""Check one finding again after a fix, without an assessment."""

from __future__ import annotations

import pytest

from assessments.actions import check_finding
from assessments.actions.check_finding import latest_check, request_check
from assessments.errors import CannotCheck
from assessments.models import Finding
from tenants.actions import set_principal_enabled
from tenants.models import JournalEntry, Subscription
from tenants.scope import tenant_scope
from tests import factories
from tests.assessments.collect.azure import Line, answer, directory, guid, subscription
from tests.assessments.controls.monitoring.cases_alerts import BOTH, SLUG, alert
from tests.assessments.sandboxed_customer import BY, Azure, Customer, sent, work

SUBSCRIPTION = guid(1)
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
HTTPS = "storage-secure-transfer"


def estate(*, safe: bool | None) -> list[Line]:
    """Return a subscription with one storage account. `safe`: whether the account requires HTTPS, or None for no
    account.
    """
    account = {
        "id": f"{GROUP}/providers/Microsoft.Storage/storageAccounts/one",
        "name": "one",
        "type": "Microsoft.Storage/storageAccounts",
        "location": "westeurope",
        "kind": "StorageV2",
        "properties": {"supportsHttpsTrafficOnly": safe},
    }
    return [directory(), *subscription(SUBSCRIPTION), *([] if safe is None else [account])]


@pytest.mark.slow(seconds=1)
def test_a_check_judges_one_resource_and_changes_no_finding(azure: Azure, customer: Customer) -> None:
    azure.serve(estate(safe=False))
    customer.add()
    assessment = customer.assess()
    finding = customer.findings()[HTTPS, "one"]
    assert finding.outcome == "fail"
    who = factories.person()

    def checked() -> check_finding.FindingCheck:
        with tenant_scope(customer.tenant.pk):
            assert request_check(finding=finding, by=who).is_running
            # The second request has no effect, because the check is still running.
            request_check(finding=finding, by=who)
        assert work() == 1
        found = latest_check(finding)
        assert found is not None
        return found

    customer.azure_is(estate(safe=True))
    fixed = checked()
    assert (fixed.outcome, fixed.is_running) == ("pass", False)
    assert 0 < fixed.requests < sum(unit.requests for unit in customer.units(assessment).values()) / 3
    customer.azure_is(estate(safe=None))
    assert checked().outcome == check_finding.GONE
    refused = answer(
        f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage/storageAccounts",
        403,
        {"error": {"code": "AuthorizationFailed", "message": "No."}},
    )
    customer.azure_is([*estate(safe=True), refused])
    unread = checked()
    assert unread.outcome == "unknown"
    assert "Microsoft.Storage/storageAccounts/read" in unread.reason
    with tenant_scope(customer.tenant.pk):
        assert Finding.objects.get(pk=finding.pk).outcome == "fail"
        entries = JournalEntry.objects.filter(action="finding.checked_again").order_by("sequence")
        assert [entry.details["found"] for entry in entries] == ["pass", "gone", "unknown"]
        assert all(who.email in entry.actor for entry in entries)
        assert {entry.target for entry in entries} == {f"finding:{finding.pk}"}


@pytest.mark.slow(seconds=1)
def test_checks_of_a_customer_are_limited(
    azure: Azure, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure.serve(estate(safe=False))
    customer.add()
    customer.assess()
    finding = customer.findings()[HTTPS, "one"]
    monkeypatch.setattr(check_finding, "MAX_PER_HOUR", 0)
    with tenant_scope(customer.tenant.pk), pytest.raises(CannotCheck, match="try again in the next hour"):
        request_check(finding=finding, by=factories.person())
    assert sent() == []


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize(("is_excluded", "outcome"), [(False, "pass"), (True, "fail")])
def test_a_check_reads_no_list_of_an_excluded_subscription(
    is_excluded: bool, outcome: str, azure: Azure, customer: Customer
) -> None:
    """Assessments read no list of an excluded subscription. If a check read such a list, it could promise a verdict
    that no assessment reaches.
    """
    central = guid(2)
    rule = alert(*BOTH)
    rule["id"] = rule["id"].replace(SUBSCRIPTION, central)
    azure.serve([directory(), *subscription(SUBSCRIPTION), *subscription(central)[:1], rule])
    customer.add()
    customer.assess()
    with tenant_scope(customer.tenant.pk):
        Subscription.objects.filter(subscription_id=central).update(included=not is_excluded)
    customer.assess()
    finding = customer.findings(control=SLUG)[SLUG, SUBSCRIPTION]
    assert finding.outcome == outcome
    with tenant_scope(customer.tenant.pk):
        request_check(finding=finding, by=factories.person())
    work()
    checked = latest_check(finding)
    assert checked is not None
    assert checked.outcome == outcome


@pytest.mark.slow(seconds=1)
def test_a_check_does_not_use_a_disabled_service_principal(azure: Azure, customer: Customer) -> None:
    running = azure.serve(estate(safe=False))
    principal = customer.add()
    customer.assess()
    finding = customer.findings()[HTTPS, "one"]
    with tenant_scope(customer.tenant.pk):
        set_principal_enabled(by=BY, service_principal=principal, enabled=False)
        request_check(finding=finding, by=factories.person())
    running.reset_counts()
    work()
    checked = latest_check(finding)
    assert checked is not None
    assert (checked.outcome, checked.requests) == ("unknown", 0)
    assert checked.reason.startswith("The service principal is disabled")
    assert not running.request_counts()


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"included": False}, "The subscription was excluded from assessments."),
        ({"home_directory_id": guid(9)}, "The subscription moved to another directory"),
    ],
)
def test_findings_of_subscriptions_that_are_not_assessed_are_not_checked(
    values: dict[str, object], reason: str, azure: Azure, customer: Customer
) -> None:
    azure.serve(estate(safe=False))
    customer.add()
    customer.assess()
    finding = customer.findings()[HTTPS, "one"]
    with tenant_scope(customer.tenant.pk):
        Subscription.objects.update(**values)
        with pytest.raises(CannotCheck, match=reason):
            request_check(finding=finding, by=factories.person())
    assert sent() == []
