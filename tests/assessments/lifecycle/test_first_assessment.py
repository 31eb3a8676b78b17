"""The results of the first assessment of a customer in the sandbox: findings, units, summary, journal."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from assessments.controls.registry import catalogue, catalogue_hash
from assessments.estate.collection import Source
from assessments.ledger import ControlsLedger
from assessments.models import Assessment, ControlSetting
from assessments.version import VERSION
from tenants.models import JournalEntry
from tenants.scope import tenant_scope
from tests.assessments.collect.azure import DIRECTORY, subscription
from tests.assessments.lifecycle.estates import ACCOUNTS, HTTPS, SCOPE, SECOND, estate
from tests.assessments.sandboxed_customer import Azure, Customer


@pytest.mark.slow(seconds=1)
def test_a_first_assessment_judges_every_control(assessed: tuple[Customer, Assessment]) -> None:
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
    # The estate file has no lines for Microsoft Graph. So the sandbox forbids all requests to Graph, and no control of
    # the directory that needs Graph can pass.
    directory = customer.outcomes(unit=f"directory:{DIRECTORY}")
    needing_graph = {
        slug
        for slug, control in catalogue().items()
        if any(need.source is Source.GRAPH for need in control.needs)
    }
    graph = {key: outcome for key, outcome in directory.items() if key[0] in needing_graph}
    assert graph
    assert [key for key, outcome in graph.items() if outcome == "pass"] == []
    assert {control for control, _ in outcomes} == set(catalogue())


@pytest.mark.slow(seconds=1)
def test_a_subscription_of_another_directory_gets_no_unit(azure: Azure, customer: Customer) -> None:
    foreign = deepcopy(subscription(SECOND))
    foreign[0]["tenantId"] = "99999999-0000-4000-8000-000000000009"
    azure.serve(estate(*foreign))
    customer.add()
    assessment = customer.assess()
    assert set(customer.units(assessment)) == {SCOPE, f"directory:{DIRECTORY}"}
    assert not [row for row in customer.findings().values() if SECOND in row.subject or SECOND in row.unit]


@pytest.mark.slow(seconds=1)
def test_finding_has_all_details(assessed: tuple[Customer, Assessment]) -> None:
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


@pytest.mark.slow(seconds=1)
def test_units_have_counters_and_a_ledger(assessed: tuple[Customer, Assessment]) -> None:
    customer, assessment = assessed
    units = customer.units(assessment)
    assert set(units) == {SCOPE, f"directory:{DIRECTORY}"}
    unit = units[SCOPE]
    assert (unit.state, unit.attempt, unit.lease_until, unit.step, unit.error) == ("done", 1, None, "", "")
    assert unit.name == "One"
    assert unit.percent == 100
    assert unit.gaps == []
    # Each verdict of the unit is a finding.
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
    assert 0 < unit.requests <= sum(customer.azure.now.request_counts().values())
    assert unit.manifest_id is not None


@pytest.mark.slow(seconds=1)
def test_the_summary_and_the_journal_are_written(assessed: tuple[Customer, Assessment]) -> None:
    customer, assessment = assessed
    rows = list(customer.findings().values())
    counts = {o: sum(r.outcome == o for r in rows) for o in sorted({r.outcome for r in rows})}
    assert assessment.summary["counts"] == counts
    assert sum(assessment.summary["failing"].values()) == counts["fail"]
    assert assessment.summary["units"] == {"waiting": 0, "running": 0, "done": 2, "failed": 0, "cancelled": 0}
    assert 0 < assessment.summary["score"] < 100
    with tenant_scope(customer.tenant.pk):
        actions = list(
            JournalEntry.objects.filter(action__startswith="assessment.").values_list("action", flat=True)
        )
    assert sorted(actions) == ["assessment.end", "assessment.start"]


@pytest.mark.slow(seconds=1)
def test_first_verdicts_are_recorded_as_new(assessed: tuple[Customer, Assessment]) -> None:
    customer, assessment = assessed
    changes = customer.changes(assessment)
    assert len(changes) == len(customer.findings())
    assert {(c.before_outcome, c.before_observed) for c in changes} == {("", None)}
    assert all(c.after_outcome == c.finding.outcome and c.reason == c.finding.reason for c in changes)


@pytest.mark.slow(seconds=1)
def test_tenant_parameters_are_used(assessed: tuple[Customer, Assessment]) -> None:
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


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("values", [{"no_such": 1}, {"strict": "very"}])
def test_control_with_an_outdated_setting_is_unknown(
    values: dict[str, Any], assessed: tuple[Customer, Assessment]
) -> None:
    """A newer catalogue may refuse a stored parameter or its value. Then only verdicts of this control are unknown."""
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


@pytest.mark.slow(seconds=1)
def test_ledger_has_a_row_for_every_control(assessed: tuple[Customer, Assessment]) -> None:
    customer, assessment = assessed
    rows = [unit.coverage["controls"] for unit in customer.units(assessment).values()]
    assert sorted(slug for row in rows for slug in row) == sorted(
        ControlsLedger(catalogue().values()).as_dict()
    )
    assert all(entry["subjects"] > 0 for row in rows for entry in row.values())
