"""From start to summary over a real sandbox, and again after the customer's Azure has changed."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from assessments.controls.registry import catalogue, catalogue_hash
from assessments.ledger import ControlsLedger
from assessments.models import Assessment, ControlSetting, Finding, Resource, ResourceVersion, Unit
from assessments.version import VERSION
from tenants.models import JournalEntry, Subscription
from tenants.scope import tenant_scope
from tests.assessments.kit import Azure, Customer
from tests.collect.azure import DIRECTORY, Line, answer, directory, guid, subscription

FIRST, SECOND = guid(1), guid(2)
SCOPE = f"/subscriptions/{FIRST}"
GROUP = f"{SCOPE}/resourceGroups/rg-data"
ACCOUNTS = f"{GROUP}/providers/Microsoft.Storage/storageAccounts"
HTTPS = "storage-secure-transfer"


def estate(*more: Line, first: Callable[[list[Any]], list[Any]] = lambda lines: lines) -> list[Line]:
    """The directory with one subscription, which `first` may change."""
    return [directory(), *first(deepcopy(subscription(FIRST))), *more]


def with_account(name: str, **properties: Any) -> Callable[[list[Any]], list[Any]]:
    def change(lines: list[Any]) -> list[Any]:
        for line in lines:
            if line["id"].endswith(f"/storageAccounts/{name}"):
                line["properties"].update(properties)
        return lines

    return change


def without(name: str) -> Callable[[list[Any]], list[Any]]:
    return lambda lines: [line for line in lines if f"/{name}" not in line["id"]]


@pytest.fixture
def assessed(azure: Azure, customer: Customer) -> tuple[Customer, Assessment]:
    azure.serve(estate())
    customer.add()
    return customer, customer.assess()


def test_first_assessment(assessed: tuple[Customer, Assessment]) -> None:
    customer, assessment = assessed
    assert (assessment.number, assessment.state, assessment.trigger) == (1, "finished", "manual")
    assert (assessment.units_total, assessment.units_ended) == (2, 2)
    assert (assessment.catalogue_hash, assessment.product_version) == (catalogue_hash(), VERSION)
    times = [assessment.created_at, assessment.started_at, assessment.ended_at]
    assert None not in times
    assert times == sorted(time for time in times if time)
    outcomes = customer.outcomes()
    assert outcomes[HTTPS, "aplain"] == "fail"
    assert outcomes[HTTPS, "bsafe"] == "pass"
    assert outcomes["sql-firewall-internet", "sql1"] == "fail"
    assert outcomes["network-ssh-from-internet", "nsg1"] == "fail"
    # The estate holds no line of Graph, so Graph is forbidden: nothing of the directory can be a pass.
    graph = customer.outcomes(unit=f"directory:{DIRECTORY}")
    assert graph
    assert "pass" not in graph.values()
    assert {control for control, _ in outcomes} == set(catalogue())


def test_a_finding_says_all_of_itself(assessed: tuple[Customer, Assessment]) -> None:
    customer, _ = assessed
    failed, passed = customer.findings()[HTTPS, "aplain"], customer.findings()[HTTPS, "bsafe"]
    assert (failed.state, passed.state) == ("open", "passing")
    assert failed.subject == f"{ACCOUNTS}/aplain"
    assert (failed.subject_name, failed.resource_group, failed.unit) == ("aplain", "rg-data", SCOPE)
    assert failed.severity == str(catalogue()[HTTPS].severity)
    assert failed.expected == catalogue()[HTTPS].expected
    assert failed.failing_since == failed.first_seen_at == failed.changed_at
    assert passed.failing_since is None
    assert failed.evidence
    assert failed.observed


def test_units_counters_and_ledger(assessed: tuple[Customer, Assessment]) -> None:
    customer, assessment = assessed
    units = customer.units(assessment)
    assert set(units) == {SCOPE, f"directory:{DIRECTORY}"}
    unit = units[SCOPE]
    assert (unit.state, unit.attempt, unit.lease_until, unit.step, unit.error) == ("done", 1, None, "", "")
    assert unit.name == "One"
    assert unit.percent == 100
    assert unit.gaps == []
    # The asked and the written agree: each judgement is a finding.
    rows = customer.findings(unit=SCOPE).values()
    assert sum(unit.counts.values()) == len(rows)
    assert unit.counts == {o: sum(r.outcome == o for r in rows) for o in sorted({r.outcome for r in rows})}
    https = unit.coverage["controls"][HTTPS]
    assert https == {"subjects": 3, "outcomes": {"fail": 1, "pass": 2}, "unknown": {}}
    accounts = unit.coverage["collections"]["storage_accounts"]
    assert (accounts["expected"], accounts["reached"], accounts["documents"], accounts["gaps"]) == (
        1,
        1,
        3,
        {},
    )
    assert unit.coverage["collections"]["blob_containers"]["expected"] == 3
    assert sum(u.requests for u in units.values()) == assessment.summary["requests"]
    assert 0 < unit.requests <= sum(customer.azure.now.asked().values())
    assert unit.manifest_id is not None


def test_summary_and_journal(assessed: tuple[Customer, Assessment]) -> None:
    customer, assessment = assessed
    rows = list(customer.findings().values())
    counts = {o: sum(r.outcome == o for r in rows) for o in sorted({r.outcome for r in rows})}
    assert assessment.summary["counts"] == counts
    assert sum(assessment.summary["open"].values()) == counts["fail"]
    assert assessment.summary["units"] == {"waiting": 0, "running": 0, "done": 2, "failed": 0, "cancelled": 0}
    assert 0 < assessment.summary["score"] < 100
    with tenant_scope(customer.tenant.pk):
        actions = list(
            JournalEntry.objects.filter(action__startswith="assessment.").values_list("action", flat=True)
        )
    assert sorted(actions) == ["assessment.end", "assessment.start"]


def test_nothing_changed_nothing_is_written(assessed: tuple[Customer, Assessment]) -> None:
    customer, first = assessed
    before = customer.written()
    assert all(before.values())
    second = customer.assess()
    assert customer.written() == before
    assert customer.changes(second) == []
    assert second.number == 2
    assert second.summary["counts"] == first.summary["counts"]
    ours, theirs = customer.units(second)[SCOPE], customer.units(first)[SCOPE]
    assert (ours.counts, ours.coverage, ours.manifest_id) == (
        theirs.counts,
        theirs.coverage,
        theirs.manifest_id,
    )


def test_every_first_verdict_is_a_change_from_nothing(assessed: tuple[Customer, Assessment]) -> None:
    customer, assessment = assessed
    changes = customer.changes(assessment)
    assert len(changes) == len(customer.findings())
    assert {(c.before_outcome, c.before_observed) for c in changes} == {("", None)}
    assert all(c.after_outcome == c.finding.outcome and c.reason == c.finding.reason for c in changes)


def test_repaired_is_resolved_and_broken_again_is_open(assessed: tuple[Customer, Assessment]) -> None:
    customer, _ = assessed
    old = customer.findings()
    before = customer.written()
    customer.azure_is(estate(first=with_account("aplain", supportsHttpsTrafficOnly=True)))
    second = customer.assess()
    row = customer.findings()[HTTPS, "aplain"]
    assert (row.pk, row.outcome, row.state) == (old[HTTPS, "aplain"].pk, "pass", "resolved")
    assert row.failing_since is None
    assert row.changed_at > row.first_seen_at == old[HTTPS, "aplain"].first_seen_at
    (change,) = [c for c in customer.changes(second) if c.finding.control == HTTPS]
    assert (change.before_outcome, change.after_outcome) == ("fail", "pass")
    assert (change.before_observed, change.after_observed) == (old[HTTPS, "aplain"].observed, row.observed)
    # Of all findings only those that read the account were written.
    now = customer.written()
    touched = {pk for pk, xmin in now["Finding"].items() if before["Finding"].get(pk) != xmin}
    assert touched <= {r.pk for r in customer.findings().values() if "aplain" in r.subject}
    assert len(now["ResourceVersion"]) == len(before["ResourceVersion"]) + 1
    customer.azure_is(estate())
    third = customer.assess()
    row = customer.findings()[HTTPS, "aplain"]
    assert (row.outcome, row.state) == ("fail", "open")
    assert row.failing_since == row.changed_at > old[HTTPS, "aplain"].changed_at
    history = [(c.before_outcome, c.after_outcome) for c in customer.changes(finding=row)]
    assert history == [("", "fail"), ("fail", "pass"), ("pass", "fail")]
    assert [c.assessment_id for c in customer.changes(finding=row)][-1] == third.pk


def test_a_resolved_one_stays_resolved(assessed: tuple[Customer, Assessment]) -> None:
    customer, _ = assessed
    customer.azure_is(estate(first=with_account("aplain", supportsHttpsTrafficOnly=True)))
    customer.assess()
    assert customer.assess().number == 3
    row = customer.findings()[HTTPS, "aplain"]
    assert (row.outcome, row.state) == ("pass", "resolved")
    assert len(customer.changes(finding=row)) == 2


def test_gone_and_back(assessed: tuple[Customer, Assessment]) -> None:
    customer, _ = assessed
    customer.azure_is(estate(first=without("storageAccounts/aplain")))
    second = customer.assess()
    row = customer.findings()[HTTPS, "aplain"]
    assert (row.state, row.outcome) == ("gone", "fail")
    assert row.gone_at is not None
    (change,) = customer.changes(second, finding=row)
    assert (change.before_outcome, change.after_outcome, change.after_observed) == ("fail", "gone", None)
    assert second.summary["counts"].get("fail", 0) == sum(
        r.outcome == "fail" and r.gone_at is None for r in customer.findings().values()
    )
    with tenant_scope(customer.tenant.pk):
        assert Resource.objects.get(name="aplain").gone_at is not None
        assert Resource.objects.get(name="bsafe").gone_at is None
    third = customer.assess()
    assert customer.changes(third) == []  # gone once
    customer.azure_is(estate())
    fourth = customer.assess()
    back = customer.findings()[HTTPS, "aplain"]
    assert (back.pk, back.state, back.outcome, back.gone_at) == (row.pk, "open", "fail", None)
    (change,) = customer.changes(fourth, finding=row)
    assert (change.before_outcome, change.after_outcome) == ("gone", "fail")
    with tenant_scope(customer.tenant.pk):
        resource = Resource.objects.get(name="aplain")
        assert resource.gone_at is None
        # It came back as it was: its configuration never changed.
        assert ResourceVersion.objects.filter(resource=resource).count() == 1


def test_what_cannot_be_listed_any_more_is_unknown_and_never_stays_a_pass(
    assessed: tuple[Customer, Assessment],
) -> None:
    customer, _ = assessed
    accounts = {key for key in customer.findings() if key[0] == HTTPS}
    path = f"{SCOPE}/providers/Microsoft.Storage/storageAccounts"
    before = customer.findings()
    no = answer(path, 403, {"error": {"code": "AuthorizationFailed", "message": "No."}})
    customer.azure_is(estate(no))
    second = customer.assess()
    assert second.state == "finished"
    found = customer.findings()
    for key in accounts:
        assert (found[key].outcome, found[key].state) == ("unknown", "unknown"), key
        assert found[key].unknown_because == "forbidden"
        assert found[key].gone_at is None
        # What failed before has failed all along if it fails again.
        assert found[key].failing_since == before[key].failing_since
    storage = [r for r in found.values() if r.section == "storage"]
    assert {r.outcome for r in storage} == {"unknown"}
    assert found["sql-firewall-internet", "sql1"].outcome == "fail"
    unit = customer.units(second)[SCOPE]
    assert unit.state == "done"
    # The lists below the accounts could not be asked for either.
    assert {gap["reason"] for gap in unit.gaps} == {"forbidden"}
    (gap,) = [gap for gap in unit.gaps if gap["collection"] == "storage_accounts"]
    assert (gap["collection"], gap["reason"], gap["status"]) == ("storage_accounts", "forbidden", 403)
    assert gap["permission"] == "Microsoft.Storage/storageAccounts/read"
    assert unit.coverage["collections"]["storage_accounts"]["gaps"] == {"forbidden": 1}
    assert unit.coverage["collections"]["storage_accounts"]["reached"] == 0
    with tenant_scope(customer.tenant.pk):
        assert Resource.objects.get(name="aplain").gone_at is None
    third = customer.assess()
    assert customer.changes(third) == []
    # The right is given back: all is as it was, and the scope's own finding is gone.
    customer.azure_is(estate())
    customer.assess()
    again = customer.findings()
    assert (again[HTTPS, "aplain"].outcome, again[HTTPS, "bsafe"].outcome) == ("fail", "pass")
    assert again[HTTPS, FIRST].state == "gone"


def test_ids_in_other_case_are_the_same(assessed: tuple[Customer, Assessment]) -> None:
    customer, _ = assessed
    before = customer.written()

    def shout(lines: list[Any]) -> list[Any]:
        for line in lines:
            line["id"] = (
                line["id"].replace("rg-data", "RG-DATA").replace("storageAccounts/a", "storageaccounts/A")
            )
        return lines

    customer.azure_is(estate(first=shout))
    second = customer.assess()
    now = customer.written()
    assert now["Finding"].keys() == before["Finding"].keys()
    assert now["Resource"].keys() == before["Resource"].keys()
    assert {c.after_outcome for c in customer.changes(second)} <= {
        c.outcome for c in customer.findings().values()
    }
    assert not [c for c in customer.changes(second) if c.before_outcome in ("", "gone")]
    assert "RG-DATA" in customer.findings()[HTTPS, "aplain"].subject


def test_a_subject_of_two_units_is_one_finding(azure: Azure, customer: Customer) -> None:
    """The activity logs of both subscriptions go to one account of the first."""
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


def test_parameters_of_the_tenant_are_used(assessed: tuple[Customer, Assessment]) -> None:
    customer, first = assessed
    assert first.parameters == {}
    control = "sql-public-network-access"
    assert customer.outcomes()[control, "sql1"] != "fail"
    with tenant_scope(customer.tenant.pk):
        ControlSetting.objects.create(tenant=customer.tenant, control=control, values={"strict": True})
    second = customer.assess()
    assert second.parameters == {control: {"strict": True}}
    assert customer.outcomes()[control, "sql1"] == "fail"
    (change,) = customer.changes(second)
    assert change.finding.control == control


@pytest.mark.parametrize("values", [{"no_such": 1}, {"strict": "very"}])
def test_a_setting_that_fits_no_more_ends_in_words(
    values: dict[str, Any], assessed: tuple[Customer, Assessment]
) -> None:
    """A newer catalogue may know a parameter no more: that control is unknown, all others are judged."""
    customer, _ = assessed
    with tenant_scope(customer.tenant.pk):
        ControlSetting.objects.create(
            tenant=customer.tenant, control="sql-public-network-access", values=values
        )
    second = customer.assess()
    assert second.state == "finished"
    assert customer.units(second)[SCOPE].state == "done"
    row = customer.findings()["sql-public-network-access", "sql1"]
    assert row.outcome == "unknown"
    assert next(iter(values)) in row.reason
    assert customer.outcomes()[HTTPS, "bsafe"] == "pass"


def test_a_ledger_row_for_every_control(assessed: tuple[Customer, Assessment]) -> None:
    customer, assessment = assessed
    rows = [unit.coverage["controls"] for unit in customer.units(assessment).values()]
    assert sorted(slug for row in rows for slug in row) == sorted(
        ControlsLedger(catalogue().values()).as_dict()
    )
    assert all(entry["subjects"] > 0 for row in rows for entry in row.values())


def export(one: str) -> Line:
    """The activity log of a subscription goes to an account of the first."""
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
def test_what_its_own_unit_meets_no_more_another_takes_over(
    order: tuple[str, str], azure: Azure, customer: Customer
) -> None:
    """In whatever order the units are run: the account is still there, and so is its finding."""

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
    third = customer.assess()
    assert customer.changes(third) == []
    customer.azure_is(lines())
    customer.assess()
    assert customer.findings(control=log, subject__iendswith="/csafe")[log, "csafe"].state == "gone"


def test_a_subscription_out_of_sight_is_unknown(azure: Azure, customer: Customer) -> None:
    azure.serve(estate(*subscription(SECOND)))
    customer.add()
    customer.assess()
    customer.azure_is(estate())
    second = customer.assess()
    assert set(customer.units(second)) == {SCOPE, f"directory:{DIRECTORY}"}
    kept = customer.findings(unit=f"/subscriptions/{SECOND}")
    assert {(row.outcome, row.unknown_because) for row in kept.values() if row.outcome != "unknown"} == set()
    assert "does not see it any more" in kept[HTTPS, "bsafe"].reason
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


def test_an_excluded_subscription_is_gone(azure: Azure, customer: Customer) -> None:
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
