"""The files in reports about customers in unusual states, and their pages: each number is counted again.

The customers are those of `test_odd_worlds`, and some whose report has sentences of its own.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from assessments.actions.cancel import cancel
from assessments.actions.start import start
from assessments.controls.profiles import REMOVED
from assessments.frameworks.framework import framework
from assessments.models import Assessment, Finding, FindingChange, Unit
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
from tests.portal.reports import test_odd_worlds as odd_worlds
from tests.portal.reports.odd_worlds import Read, assess, customer, facts_of
from tests.portal.reports.test_odd_worlds import SMALL, WORLDS, Odd, failing, held_to, printed

provider, engineer = odd_worlds.provider, odd_worlds.engineer


def lighthouse_only(org: Organization, by: Person) -> Odd:
    """The organization's own service principal reads the only subscription."""
    one = held_to(customer(org, by), *SMALL)
    assess(one, [Read(one.subscriptions[0], [True, False])])
    with factories.in_tenant(one.tenant):
        Unit.objects.filter(tenant=one.tenant).update(is_delegated=True)
    return Odd(one, began=failing(one))


def cancelled_before_the_first(org: Organization, by: Person) -> Odd:
    one = held_to(customer(org, by), *SMALL)
    with factories.in_tenant(one.tenant):
        cancel(assessment=start(tenant=one.tenant, by=by), by=by)
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [True, False])])
    return Odd(one, began=failing(one))


def severity_by_context(org: Organization, by: Person) -> Odd:
    one = held_to(customer(org, by), "storage-secure-transfer")
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [True, False, False, False])])
    with factories.in_tenant(one.tenant):
        worst = Finding.objects.filter(tenant=one.tenant, outcome="fail").order_by("id").first()
        assert worst is not None
        Finding.objects.filter(pk=worst.pk).update(severity="critical", severity_rank=0)
    return Odd(one, began=failing(one))


def other_catalogue(org: Organization, by: Person) -> Odd:
    """An upgrade of Surety changed the catalogue between the assessments."""
    one = held_to(customer(org, by), *SMALL)
    units = [Read(one.directory, [True]), Read(one.subscriptions[0], [True, False])]
    first = assess(one, units)
    with factories.in_tenant(one.tenant):
        Assessment.objects.filter(pk=first.pk).update(catalogue_hash="0" * 64)
    assess(one, units)
    return Odd(one, began=failing(one))


MORE = (lighthouse_only, cancelled_before_the_first, severity_by_context, other_catalogue)


@pytest.mark.slow(seconds=20)
@pytest.mark.parametrize("make", [*WORLDS, *MORE], ids=lambda make: make.__name__)
def test_files_and_pages_have_the_numbers_of_the_database(
    make: Callable[[Organization, Person], Odd], provider: Organization, engineer: Person
) -> None:
    odd = make(provider, engineer)
    tenant = odd.customer.tenant
    with odd_worlds.reported_at(odd.later), factories.in_tenant(tenant):
        chosen = {"assessment": odd.assessment} if odd.assessment else {}
        facts = facts_of(tenant, kind="full", **chosen)
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
    make: Callable[[Organization, Person], Odd], provider: Organization, engineer: Person
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


def stored(odd: Odd) -> list[Any]:
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


def assert_pages(facts: ReportFacts, tenant: Tenant, odd: Odd) -> None:
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


@pytest.mark.slow(seconds=3)
def test_sentences_on_delegated_subscriptions_agree(provider: Organization, engineer: Person) -> None:
    """They are part of the customer, and only Azure Resource Manager was asked about them."""
    one = lighthouse_only(provider, engineer).customer
    with factories.in_tenant(one.tenant):
        facts = facts_of(one.tenant, kind="full")
        full, register = printed(facts, "full"), printed(facts, "exceptions")
        Unit.objects.filter(tenant=one.tenant).update(is_delegated=False)
        own = printed(facts_of(one.tenant, kind="full"), "full")
    assert "only those that the managing organization assigned to this customer are part of it" in full
    assert "are not part of this customer" not in full
    assert "Azure Resource Manager, over TLS" in full
    assert f"the service principals of {one.tenant.name} or of its managing organization" in register
    assert "are not part of this customer" in own
    assert "Azure Resource Manager and Microsoft Graph, over TLS" in own


def test_an_assessment_that_was_cancelled_before_it_began_is_not_compared(
    provider: Organization, engineer: Person
) -> None:
    one = cancelled_before_the_first(provider, engineer).customer
    with factories.in_tenant(one.tenant):
        full = printed(facts_of(one.tenant, kind="full"), "full")
    assert "No earlier assessment with results is stored" in full
    assert "Verdicts compared with" not in full


@pytest.mark.slow(seconds=3)
def test_changes_name_no_new_failure_and_no_cause_that_did_not_exist(
    provider: Organization, engineer: Person
) -> None:
    """Failures of a subscription that was excluded for a time ended without a fix, and did not begin again."""
    texts = []
    for make in (odd_worlds.excluded, odd_worlds.excluded_and_included):
        one = make(provider, engineer).customer
        with factories.in_tenant(one.tenant):
            texts.append(printed(facts_of(one.tenant, kind="full"), "full"))
    assert "because the resource is gone, or is no longer assessed or judged by the control" in texts[0]
    assert "4 changed to failing" in texts[1]
    assert not re.search(r"\d+ (began to fail|first verdicts? that fail)", texts[1])


@pytest.mark.slow(seconds=3)
def test_reports_say_that_the_catalogue_changed(provider: Organization, engineer: Person) -> None:
    for make, changed in ((other_catalogue, True), (odd_worlds.excluded, False)):
        one = make(provider, engineer).customer
        with factories.in_tenant(one.tenant):
            facts = facts_of(one.tenant, kind="full")
            full, executive = printed(facts, "full"), printed(facts, "executive")
        assert ("The previous assessment used another catalogue of controls" in full) is changed
        assert ("The catalogue of controls changed meanwhile" in executive) is changed


@pytest.mark.slow(seconds=3)
def test_a_control_that_an_upgrade_removed_ends_with_the_next_assessment(
    provider: Organization, engineer: Person
) -> None:
    """Nothing can fix its failures any more, so they neither stay open nor count as fixed or as deleted."""
    one = held_to(customer(provider, engineer), *SMALL)
    units = [Read(one.directory, [True]), Read(one.subscriptions[0], [True, False])]
    assess(one, units)
    began = failing(one)
    with factories.in_tenant(one.tenant):
        Finding.objects.filter(tenant=one.tenant, control="storage-pna-disabled").update(
            control="storage-old"
        )
        assert "storage-old (no longer in the catalogue)" in printed(
            facts_of(one.tenant, kind="full"), "full"
        )
    assess(one, units)
    with factories.in_tenant(one.tenant):
        rows = Finding.objects.filter(tenant=one.tenant, control="storage-old")
        assert set(rows.values_list("state", flat=True)) == {"gone"}
        changes = FindingChange.objects.filter(finding__in=rows, after_outcome="gone")
        assert set(changes.values_list("reason", flat=True)) == {REMOVED}
        assert changes.count() == rows.count() == 2
        facts = facts_of(one.tenant, kind="full")
        full, executive = printed(facts, "full"), printed(facts, "executive")
    assert "no longer in the catalogue" not in executive
    assert "storage-old" not in executive
    assert odd_worlds.number(r"Failures fixed (N) ", executive) == 0
    assert "more ended because" not in executive
    assert odd_worlds.number(r"(N) failing verdicts: ", full) == began


@pytest.mark.slow(seconds=3)
def test_executive_summaries_on_earlier_assessments_say_which_values_are_current(
    provider: Organization, engineer: Person
) -> None:
    """The number of overdue findings follows from the present policy, also for the earlier assessment."""
    one = held_to(customer(provider, engineer), *SMALL)
    units = [Read(one.directory, [True]), Read(one.subscriptions[0], [True, False])]
    first, last = assess(one, units), assess(one, units)
    with factories.in_tenant(one.tenant):
        for assessment, historic in ((first, True), (last, False)):
            text = printed(facts_of(one.tenant, kind="full", assessment=assessment), "executive")
            assert ("A later assessment exists" in text) is historic
            assert ("days until the due date are those of the report’s creation" in text) is historic
