"""Subjects that several units judge, and subscriptions that become invisible or are excluded."""

from __future__ import annotations

import json

import pytest

from assessments.models import Finding, Unit
from tenants.actions.exclusion_rules import add_exclusion_rule, remove_exclusion_rule
from tenants.models import Subscription
from tenants.scope import tenant_scope
from tests.assessments.collect.azure import DIRECTORY, Line, subscription
from tests.assessments.lifecycle.estates import ACCOUNTS, FIRST, HTTPS, SCOPE, SECOND, estate
from tests.assessments.sandboxed_customer import Azure, Customer
from tests.factories import BY

pytestmark = pytest.mark.slow(seconds=25)


def test_subject_judged_by_two_units_is_one_finding(azure: Azure, customer: Customer) -> None:
    """Both subscriptions export their activity logs to the same account, which belongs to the first subscription."""
    log = f"{ACCOUNTS}/csafe"
    azure.serve(estate(*subscription(SECOND), export(FIRST), export(SECOND)))
    customer.add()
    first = customer.assess()
    assert first.units_total == 3
    with tenant_scope(customer.tenant.pk):
        rows = list(Finding.objects.filter(subject__iendswith="/csafe", section="logging"))
        both = [row for row in rows if row.subject.casefold() == log.casefold()]
    assert both, "no control looks at the account that the logs go to"
    assert len({row.control for row in both}) == len(both)
    before = customer.written()
    second = customer.assess()
    assert customer.changes(second) == []
    assert customer.written()["Finding"] == before["Finding"]


def export(one: str) -> Line:
    """Return an estate line that sends a subscription's activity log to a storage account of the first subscription."""
    return {
        "id": f"/subscriptions/{one}/providers/Microsoft.Insights/diagnosticSettings/export",
        "name": "export",
        "type": "Microsoft.Insights/diagnosticSettings",
        "properties": {
            "storageAccountId": f"{ACCOUNTS}/csafe",
            "logs": [{"category": "Administrative", "enabled": True}],
        },
    }


@pytest.mark.parametrize("order", [("First", "Second"), ("Second", "First")])
def test_finding_moves_to_the_unit_that_still_judges_it(
    order: tuple[str, str], azure: Azure, customer: Customer
) -> None:
    """The account still exists, so its finding must remain, whichever unit runs first."""

    def lines(*exports: Line) -> list[Line]:
        names = dict(zip(("First", "Second"), sorted(("a", "b"), reverse=order[0] == "Second"), strict=True))
        found = estate(*subscription(SECOND), *exports)
        for line in found:
            if line.get("id") in (SCOPE, f"/subscriptions/{SECOND}"):
                line["displayName"] = names["First" if line["id"] == SCOPE else "Second"]
        return found

    azure.serve(lines(export(FIRST)))
    customer.add()
    customer.assess()
    log = "logging-storage-secure-transfer"
    row = customer.findings(control=log, subject__iendswith="/csafe")[log, "csafe"]
    assert (row.outcome, row.unit) == ("pass", SCOPE)
    customer.azure_is(lines(export(SECOND)))
    second = customer.assess()
    now = customer.findings(control=log, subject__iendswith="/csafe")[log, "csafe"]
    assert (now.pk, now.outcome, now.gone_at) == (row.pk, "pass", None)
    assert customer.changes(second, finding=row) == []
    assert now.unit == f"/subscriptions/{SECOND}"
    # A unit does not read the containers of an account in another subscription, so this control becomes unknown.
    differs = [
        (change.finding.control, change.after_outcome)
        for change in customer.changes(second)
        if change.finding.subject.casefold() == row.subject.casefold()
    ]
    assert differs == [("logging-storage-private", "unknown")]
    assert customer.changes(customer.assess()) == []
    customer.azure_is(lines())
    customer.assess()
    assert customer.findings(control=log, subject__iendswith="/csafe")[log, "csafe"].state == "gone"


def test_findings_of_an_invisible_subscription_become_unknown(azure: Azure, customer: Customer) -> None:
    azure.serve(estate(*subscription(SECOND)))
    customer.add()
    customer.assess()
    customer.azure_is(estate())
    second = customer.assess()
    assert set(customer.units(second)) == {SCOPE, f"directory:{DIRECTORY}"}
    kept = customer.findings(unit=f"/subscriptions/{SECOND}")
    assert {(row.outcome, row.unknown_because) for row in kept.values() if row.outcome != "unknown"} == set()
    assert "Not seen any more" in kept[HTTPS, "bsafe"].reason
    assert [(c.before_outcome, c.after_outcome) for c in customer.changes(finding=kept[HTTPS, "bsafe"])] == [
        ("", "pass"), ("pass", "unknown")
    ]  # fmt: skip
    third = customer.assess()
    assert customer.changes(third) == []
    customer.azure_is(estate(*subscription(SECOND)))
    customer.assess()
    back = customer.findings(unit=f"/subscriptions/{SECOND}")
    assert (back[HTTPS, "aplain"].outcome, back[HTTPS, "bsafe"].outcome) == ("fail", "pass")
    assert {unit.state for unit in customer.units(second).values()} == {Unit.State.DONE}


def stated(identifier: str, **properties: object) -> list[Line]:
    """Return the lines that `subscription` returns, with these properties in the line of the subscription itself."""
    first, *rest = subscription(identifier)
    return [{**first, **properties}, *rest]


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"state": "Deleted"}, "deleted in Azure"),
        ({"tenantId": "b0000000-0000-0000-0000-00000000000b"}, "moved to another directory"),
        ({"subscriptionPolicies": {"quotaId": "AAD_2015-09-01"}}, "permits no resources"),
    ],
)
def test_findings_of_a_subscription_that_cannot_be_assessed_are_gone(
    properties: dict[str, object], reason: str, azure: Azure, customer: Customer
) -> None:
    azure.serve(estate(*subscription(SECOND)))
    customer.add()
    customer.assess()
    customer.azure_is(estate(*stated(SECOND, **properties)))
    second = customer.assess()
    assert set(customer.units(second)) == {SCOPE, f"directory:{DIRECTORY}"}
    rows = customer.findings(unit=f"/subscriptions/{SECOND}").values()
    assert {row.state for row in rows} == {"gone"}
    changes = [
        change
        for change in customer.changes(second)
        # Controls of the directory judge the subscription too, for example its number of owners. Do not count their
        # findings.
        if change.after_outcome == "gone" and change.finding.unit == f"/subscriptions/{SECOND}"
    ]
    assert len(changes) == len(rows)
    assert all(reason in change.reason for change in changes)


@pytest.mark.parametrize("state", ["Disabled", "Warned", "PastDue", "Expired", "StateOfTheFuture"])
def test_a_subscription_that_can_be_read_is_assessed_in_any_state(
    state: str, azure: Azure, customer: Customer
) -> None:
    azure.serve(estate(*stated(SECOND, state=state)))
    customer.add()
    customer.assess()
    found = customer.findings(unit=f"/subscriptions/{SECOND}")
    assert (found[HTTPS, "aplain"].outcome, found[HTTPS, "bsafe"].outcome) == ("fail", "pass")


def test_findings_of_an_excluded_subscription_are_gone(azure: Azure, customer: Customer) -> None:
    azure.serve(estate(*subscription(SECOND)))
    customer.add()
    customer.assess()
    with tenant_scope(customer.tenant.pk):
        Subscription.objects.filter(subscription_id=SECOND).update(included=False)
    second = customer.assess()
    rows = customer.findings(unit=f"/subscriptions/{SECOND}").values()
    assert {row.state for row in rows} == {"gone"}
    assert sum(second.summary["counts"].values()) == len(customer.findings(gone_at=None))
    assert customer.changes(customer.assess()) == []


def test_exclusion_does_not_make_a_failure_younger(azure: Azure, customer: Customer) -> None:
    """A failure keeps its age, unless the resource is absent when the subscription is assessed again."""
    second = subscription(SECOND)
    paused = [
        json.loads(json.dumps(line).replace("aplain", "paused")) for line in second if "aplain" in str(line)
    ]
    azure.serve(estate(*second, *paused))
    customer.add()
    customer.assess()
    unit = f"/subscriptions/{SECOND}"
    before = customer.findings(unit=unit, control=HTTPS)
    since = before[HTTPS, "aplain"].failing_since
    assert since is not None

    def exclude(excluded: bool) -> None:
        with tenant_scope(customer.tenant.pk):
            Subscription.objects.filter(subscription_id=SECOND).update(included=not excluded)

    exclude(True)
    customer.assess()
    assert {row.state for row in customer.findings(unit=unit).values()} == {"gone"}
    customer.azure_is(estate(*second))
    exclude(False)
    customer.assess()
    found = customer.findings(unit=unit, control=HTTPS)
    assert (found[HTTPS, "aplain"].state, found[HTTPS, "aplain"].failing_since) == ("open", since)
    assert found[HTTPS, "paused"].state == "gone"
    customer.azure_is(estate(*second, *paused))
    customer.assess()
    found = customer.findings(unit=unit, control=HTTPS)
    assert found[HTTPS, "paused"].state == "open"
    later = found[HTTPS, "paused"].failing_since
    assert later is not None
    assert later > since
    assert not any(row.is_gone_by_exclusion for row in found.values())


def test_a_rule_excludes_known_subscriptions_and_those_that_appear_later(
    azure: Azure, customer: Customer
) -> None:
    third = "00000000-0000-0000-0000-0000000000c3"
    tagged = stated(SECOND, tags={"environment": "sandbox"})
    azure.serve(estate(*tagged))
    customer.add()
    assert f"/subscriptions/{SECOND}" in customer.units(customer.assess())
    with tenant_scope(customer.tenant.pk):
        rule = add_exclusion_rule(
            by=BY, tenant=customer.tenant, name="Boxes", reason="Experiments", tag="Environment=sandbox"
        )
    customer.azure_is(estate(*tagged, *stated(third, tags={"environment": "sandbox"})))
    second = customer.assess()
    assert set(customer.units(second)) == {SCOPE, f"directory:{DIRECTORY}"}
    rows = customer.findings(unit=f"/subscriptions/{SECOND}").values()
    assert {row.state for row in rows} == {"gone"}
    with tenant_scope(customer.tenant.pk):
        remove_exclusion_rule(by=BY, rule=rule)
    assert set(customer.units(customer.assess())) == {
        SCOPE, f"/subscriptions/{SECOND}", f"/subscriptions/{third}", f"directory:{DIRECTORY}"
    }  # fmt: skip
