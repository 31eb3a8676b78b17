"""Count again each number in the files and pages of reports about customers in unusual states."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from assessments.frameworks.framework import framework
from assessments.models import Assessment, Finding, FindingChange
from assessments.scoring import WEIGHTS
from portal.queries.frameworks.results import count_by_result, tenant_states
from portal.queries.inventory.filters import InventoryFilter, InventorySearch
from portal.queries.subscriptions import unassessed_places
from portal.queries.tenant_overview.fix_next import fix_next
from portal.reports.attachments.files import attach, unit_manifests
from portal.reports.parts import coverage, exposure, identity, scope
from portal.reports.parts import framework as framework_part
from portal.reports.parts.by_owner import owner_results
from portal.reports.parts.by_subscription import unit_results
from portal.reports.parts.part import ReportFacts
from portal.reports.parts.risks import risks
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.selectors.findings import visible_findings
from portal.treatment.states import shown_state
from tenants.models import Organization, Person, Tenant
from tenants.scope import person_scope
from tests import factories
from tests.portal.reports.unusual_customers.assessed import facts_of
from tests.portal.reports.unusual_customers.histories import MORE, WORLDS, UnusualCustomer, reported


@pytest.mark.slow(seconds=20)
@pytest.mark.parametrize("make", [*WORLDS, *MORE], ids=lambda make: make.__name__)
def test_files_and_pages_have_the_numbers_of_the_database(
    make: Callable[[Organization, Person], UnusualCustomer], provider: Organization, engineer: Person
) -> None:
    odd = make(provider, engineer)
    tenant = odd.customer.tenant
    with reported(odd) as facts:
        assert not facts.of(identity.PART).historic
        assessment = Assessment.objects.get(pk=facts.of(identity.PART).identity.assessment_id)
        _, made = attach(facts, tenant, unit_manifests(assessment))
        files = {file.name: file.content for file in made}
        rows = stored(odd)
        assert_results(json.loads(files["results.json"]), rows, assessment)
        assert_table(files["results.csv"], rows)
        oscal = json.loads(files["oscal-assessment-results.json"])["assessment-results"]
        assert_oscal(oscal, rows)
        found = facts.of(scope.PART)
        is_whole = not (found.not_judged or found.without_verdict or found.judged_in_part)
        assert ("All controls were in scope." in json.dumps(oscal)) is is_whole
        assert_manifest(json.loads(files["evidence-manifest.json"]), rows)
        assert_breakdowns(facts, rows)
        snapshot = take_snapshot(tenant=tenant, now=timezone.now() + odd.later)
        content = facts.values()
        assert (snapshot.score, snapshot.adjusted) == (content["score"], content["adjusted"])
        assert +Counter(snapshot.states) == +Counter(content["states"])
    with person_scope(engineer):
        assert_pages(facts, tenant, odd)


HISTORIES = tuple(
    make
    for make in WORLDS
    if make.__name__
    in (
        "unreadable_for_a_time", "excluded", "excluded_and_included", "deleted_resources", "off_and_on", "switched_off",
        "larger_profile", "fixed_with_settings", "different_settings",
    )
)  # fmt: skip


@pytest.mark.slow(seconds=12)
@pytest.mark.parametrize("make", HISTORIES, ids=lambda make: make.__name__)
def test_reports_on_earlier_assessments_have_the_numbers_recorded_at_their_end(
    make: Callable[[Organization, Person], UnusualCustomer], provider: Organization, engineer: Person
) -> None:
    odd = make(provider, engineer)
    tenant = odd.customer.tenant
    with factories.in_tenant(tenant):
        found = list(Assessment.objects.filter(tenant=tenant).order_by("number"))
        assert len(found) > 1
        for assessment in found:
            facts = facts_of(tenant, kind="full", assessment=assessment)
            assert facts.of(identity.PART).historic is (assessment != found[-1])
            content, recorded = facts.values(), assessment.summary
            assert +Counter(content["counts"]) == +Counter(recorded["counts"]), assessment.number
            assert +Counter(content["open_by_severity"]) == +Counter(recorded["failing"])
            assert (content["score"], content["coverage"]) == (recorded["score"], recorded["coverage"])
            sections = {one.key: (one.score, one.coverage) for one in content["sections"] if one.counts}
            assert sections == {
                key: (one["score"], one["coverage"]) for key, one in recorded["sections"].items()
            }


def stored(odd: UnusualCustomer) -> list[Any]:
    """Return the findings with `shown`, their state at the time of the report."""
    found = Finding.objects.filter(tenant=odd.customer.tenant, gone_at=None)
    return list(found.annotate(shown=shown_state(timezone.now() + odd.later)))


def score_of(rows: list[Any]) -> float | None:
    weights: Counter[str] = Counter()
    for row in rows:
        weights[row.outcome] += WEIGHTS[row.severity]
    total = weights["pass"] + weights["fail"]
    return round(100 * weights["pass"] / total, 1) if total else None


def assert_results(results: Any, rows: list[Any], assessment: Assessment) -> None:
    listed = [
        finding
        for section in results["sections"]
        for control in section["controls"]
        for finding in control["findings"]
    ]
    assert {one["id"]: (one["outcome"], one["shown"]) for one in listed} == {
        str(row.pk): (row.outcome, row.shown) for row in rows
    }
    assert {key: n for key, n in results["counts"].items() if n} == Counter(row.outcome for row in rows)
    assert {key: n for key, n in results["states"].items() if n} == Counter(row.shown for row in rows)
    failures = Counter(row.severity for row in rows if row.outcome == "fail")
    assert {key: n for key, n in results["open_by_severity"].items() if n} == failures
    assert results["score"] == score_of(rows)
    for section in results["sections"]:
        own = [row for row in rows if row.section == section["key"]]
        assert section["score"] == score_of(own), section["key"]
        assert sum(section["counts"].values()) == len(own)
    for key in ("score", "adjusted", "overdue"):
        number = results[key] if key != "overdue" else sum(one["overdue_days"] > 0 for one in listed)
        assert results["trend"][-1][key] == number
    changes = FindingChange.objects.filter(assessment=assessment).values_list(
        "before_outcome", "after_outcome"
    )
    moved = Counter(pair for pair in changes if pair[0] != pair[1])
    assert {(one["before"], one["after"]): one["number"] for one in results["change_counts"]} == (
        moved if results["previous"] else {}
    )


def assert_table(content: bytes, rows: list[Any]) -> None:
    table = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    keys = ("control", "severity", "outcome", "unit", "subject")
    expected = Counter((*(getattr(row, key) for key in keys), row.shown) for row in rows)
    assert Counter((*(line[key] for key in keys), line["state"]) for line in table) == expected


def assert_oscal(document: Any, rows: list[Any]) -> None:
    (result,) = document["results"]
    observed = result.get("observations", [])
    assert len(observed) == len({one["uuid"] for one in observed}) == len(rows)
    states = Counter(prop["value"] for one in observed for prop in one["props"] if prop["name"] == "state")
    assert states == Counter(row.shown for row in rows)
    decided = {row.control for row in rows if row.outcome != "not_applicable"}
    assert {one["target"]["target-id"] for one in result.get("findings", [])} == decided
    related = [
        one["observation-uuid"] for one in result.get("findings", []) for one in one["related-observations"]
    ]
    assert set(related) <= {one["uuid"] for one in observed}
    assert len(related) == len(set(related))


def assert_manifest(manifest: Any, rows: list[Any]) -> None:
    listed = [one["sha256"] for one in manifest["evidence"]]
    assert len(listed) == len(set(listed))
    assert {sha for row in rows for sha in row.evidence} <= set(listed)


def assert_breakdowns(facts: ReportFacts, rows: list[Any]) -> None:
    outcomes: Counter[str] = Counter()
    for unit in unit_results(facts):
        outcomes.update(unit.counts)
    assert +outcomes == Counter(row.outcome for row in rows)
    to_fix = [row for row in rows if row.shown in ("open", "acknowledged")]
    owners = owner_results(facts)
    assert sum(row.total for row in owners) == len(to_fix)
    assert sum(sum(row.counts) for row in owners) == len(to_fix)
    failures = sum(row.outcome == "fail" for row in rows)
    assert facts.of(exposure.PART).exposure_totals.at_end in (failures, None)
    for control in facts.of(exposure.PART).exposure:
        own = sum(row.control == control.control and row.outcome == "fail" for row in rows)
        assert control.at_end in (own, None)
        assert (control.at_start or 0) + control.began - control.ceased == own


def assert_pages(facts: ReportFacts, tenant: Tenant, odd: UnusualCustomer) -> None:
    now = timezone.now() + odd.later
    groups = fix_next(tenant, visible_findings(tenant), now, limit=99)
    assert [(one.control.slug, one.severity, one.open, one.of, one.overdue) for one in risks(facts)] == [
        (one.control, one.severity, one.open, one.judged, one.overdue) for one in groups
    ]
    search = InventorySearch(tenant, InventoryFilter.parse({}), now)
    others = unassessed_places(tenant) - {unit.scope_id for unit in facts.of(scope.PART).units}
    resources = sum(number for _, number in facts.of(coverage.PART).resource_types)
    assert search.total - search.number_in(others) == resources
    found = facts.of(framework_part.PART)
    key = found.framework.key
    assert found.framework_results == count_by_result(tenant_states(tenant, now).results(framework(key)))
