"""The change report: what differs between two assessments, with the figures of both."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import strip_tags

from assessments.actions.profiles import switch_off
from assessments.models import Assessment, Finding
from portal.reports.actions import request_report
from portal.reports.errors import NoFinishedAssessment
from portal.reports.facts.presentation import OUTCOME_LABELS
from portal.reports.parts import comparison, results
from portal.reports.parts.changes import ChangeCount, count_labels
from portal.treatment.actions.acknowledge import acknowledge
from portal.treatment.states import ShownState
from tenants.errors import InvalidInput, NotFound
from tests import factories
from tests.portal.reports.conftest import attachments_of
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.web.world import World, account, assess


@pytest.mark.slow
def test_the_comparison_has_the_figures_of_both_reports(world: World, tmp_path: Path) -> None:
    home = world.home
    with factories.in_tenant(home):
        first = Assessment.objects.get(tenant=home, number=1)
        earlier = json.loads(attachments_of(home, first)["results.json"])
        found = rendered(home, kind="changes", baseline=first)
    stated = found.results["comparison"]
    for name in ("score", "adjusted", "coverage", "counts"):
        assert stated[name] == earlier[name], name
    assert stated["failing"] == earlier["open_by_severity"]
    assert stated["section_scores"] == {
        section["key"]: [section["score"], section["adjusted"]]
        for section in earlier["sections"]
        if section["counts"]
    }
    assert stated["section_unknown"] == {
        section["key"]: section["counts"].get("unknown", 0)
        for section in earlier["sections"]
        if section["counts"]
    }
    before = {
        f["id"]: f["outcome"] for s in earlier["sections"] for c in s["controls"] for f in c["findings"]
    }
    after = {fact.id: fact.outcome for fact in found.facts.of(results.PART).findings}
    changed = {key for key in before | after if before.get(key) != after.get(key)}
    assert changed <= {row["finding"] for row in stated["differences"]}
    different = [row for row in stated["differences"] if row["before"] != row["after"]]
    assert {(row["finding"], row["before"], row["after"]) for row in different} == {
        (key, before.get(key, ""), after.get(key, "gone")) for key in changed
    }
    assert stated["unchanged"] + sum(row["after"] != "gone" for row in stated["differences"]) == len(after)
    now = world.of(home)["finding"]
    assert (str(now.pk), "pass", "fail") in {
        (row["finding"], row["before"], row["after"]) for row in stated["differences"]
    }
    rows = list(csv.DictReader(io.StringIO(found.files["changes.csv"].decode("utf-8-sig"))))
    assert len(rows) == len(stated["differences"])
    groups = {row["group"] for row in rows if row["subject"] == now.subject and row["after"] == "fail"}
    assert groups == {"New failures"}
    text = found.text(tmp_path)
    first = sum(row["group"] == "New failures" and row["before"] == "" for row in rows)
    assert (f"{first} of the new failures ha" in text) is (first > 0)
    assert "compared with assessment 1" in text
    assert now.subject_name in text


@pytest.mark.slow(seconds=2)
def test_an_acknowledgement_since_the_earlier_assessment_is_another_treatment(world: World) -> None:
    home, own = world.home, world.of(world.home)
    by, key = world.people["organization_administrator"], str(own["finding"].pk)
    accounts = [
        account(own["subscription"].subscription_id, own["finding"].subject_name, safe=False),
    ]
    earlier = assess(home, own["subscription"], accounts, by=by)
    with factories.in_tenant(home):
        acknowledge(tenant=home, findings=Finding.objects.filter(pk=own["finding"].pk), by=by)
    later = assess(home, own["subscription"], accounts, by=by)
    assess(home, own["subscription"], accounts, by=by)
    with factories.in_tenant(home):
        found = rendered(home, kind="changes", baseline=earlier)
        unchanged = rendered(home, kind="changes", baseline=later)
    rows = list(csv.DictReader(io.StringIO(found.files["changes.csv"].decode("utf-8-sig"))))
    assert [(row["group"], row["state_before"], row["state_after"]) for row in rows] == [
        ("Same verdict, other treatment", "open", "acknowledged")
    ]
    assert [row["finding"] for row in found.results["comparison"]["differences"]] == [key]
    assert unchanged.results["comparison"]["differences"] == []


def test_every_difference_is_in_one_group() -> None:
    outcomes = ("", "pass", "fail", "unknown", "manual", "not_applicable", "gone")
    rows = [
        comparison.ComparedFact(
            "1",
            "storage-secure-transfer",
            "t",
            "p",
            "high",
            "s",
            "s",
            "u",
            before,
            after,
            before,
            shown,
            "",
            None,
        )
        for before in outcomes[:-1]
        for after in outcomes[1:]
        for shown in {after, "excepted"}
    ]
    groups = comparison.group_differences(rows)
    assert sum(len(found) for _, _, found in groups) == len(rows)
    found = {anchor: {(row.before, row.after) for row in members} for anchor, _, members in groups}
    assert ("pass", "fail") in found["new"]
    assert ("", "fail") in found["new"]
    assert ("unknown", "fail") not in found["new"]
    assert found["known_to_fail"] == {("unknown", "fail")}
    assert found["fixed"] == {("fail", "pass"), ("fail", "not_applicable")}
    assert found["removed"] == {("fail", "gone")}
    assert found["not_judged"] == set()
    assert found["new_unknown"] == {("", "unknown")}
    assert all(before for before, _ in found["unknown"])
    assert all(before == "" for before, _ in found["added"])
    assert ("", "pass") in found["added"]
    assert found["treated"] == {(outcome, outcome) for outcome in outcomes[1:-1]}


@pytest.mark.slow(seconds=1)
def test_failures_of_a_control_that_was_switched_off_do_not_count_as_fixed_or_removed(world: World) -> None:
    """Like the page of changes, the report lists the verdicts of the control as “No longer judged”."""
    home, own = world.home, world.of(world.home)
    control, by = own["finding"].control, world.people["organization_administrator"]
    guid = own["subscription"].subscription_id
    accounts = [account(guid, own["finding"].subject_name, safe=False)]
    earlier = assess(home, own["subscription"], accounts, by=by)
    with factories.in_tenant(home):
        failing = Finding.objects.filter(tenant=home, control=control, outcome="fail", gone_at=None).count()
        assert failing > 0
        switch_off(tenant=home, by=by, slug=control, reason="Another team checks it")
    later = assess(home, own["subscription"], accounts, by=by)
    with factories.in_tenant(home):
        files = attachments_of(home, later, kind="changes")
    rows = list(csv.DictReader(io.StringIO(files["changes.csv"].decode("utf-8-sig"))))
    found = {
        (row["group"], row["before"], row["after"]): row["reason"]
        for row in rows
        if row["control"] == control
    }
    assert found.keys() == {("No longer judged", "fail", "gone"), ("Other changes", "", "not_applicable")}
    assert set(found.values()) == {"The control is switched off for the customer"}
    assert sum(row["group"] == "No longer judged" for row in rows) == failing
    assert json.loads(files["results.json"])["comparison"]["number"] == earlier.number


def test_the_previous_assessment_is_the_default_baseline(world: World) -> None:
    with factories.in_tenant(world.home):
        report = request_report(tenant=world.home, by=factories.BY, kind="changes")
        earlier = Assessment.objects.filter(tenant=world.home, number__lt=report.assessment.number)
        numbers = set(earlier.filter(state="finished").values_list("number", flat=True))
    assert report.baseline_number == max(numbers)


@pytest.mark.slow(seconds=1)
def test_an_assessment_that_read_nothing_is_not_the_default_baseline(world: World) -> None:
    own = world.of(world.home)
    by = world.people["organization_administrator"]
    guid = own["subscription"].subscription_id
    accounts = [account(guid, own["finding"].subject_name, safe=False)]
    first, failed = (assess(world.home, own["subscription"], accounts, by=by) for _ in range(2))
    assess(world.home, own["subscription"], accounts, by=by)
    with factories.in_tenant(world.home):
        Assessment.objects.filter(pk=failed.pk).update(summary={"units": {"done": 0, "failed": 1}})
        report = request_report(tenant=world.home, by=factories.BY, kind="changes")
    assert report.baseline_number == first.number


def test_a_baseline_that_cannot_be_compared_is_refused(world: World) -> None:
    with factories.in_tenant(world.foreign):
        other = Assessment.objects.filter(tenant=world.foreign).first()
    with factories.in_tenant(world.home):
        first = Assessment.objects.get(tenant=world.home, number=1)
        latest = Assessment.objects.filter(tenant=world.home, state="finished").order_by("-number").first()
        with pytest.raises(NoFinishedAssessment, match="no earlier assessment to compare it with"):
            request_report(tenant=world.home, by=factories.BY, kind="changes", assessment=first)
        with pytest.raises(InvalidInput, match="Choose an earlier assessment"):
            request_report(
                tenant=world.home, by=factories.BY, kind="changes", assessment=first, baseline=latest
            )
        with pytest.raises(NotFound):
            request_report(tenant=world.home, by=factories.BY, kind="changes", baseline=other)
        report = request_report(tenant=world.home, by=factories.BY, baseline=first)
    assert report.baseline_number is None


def test_states_after_treatment_are_printed_in_words() -> None:
    row = comparison.ComparedFact(
        "1", "c", "Title", "Problem", "high", "s", "Vault", "u", "manual", "manual", "lapsed", "not_met", "", None
    )  # fmt: skip
    context = {
        "groups": [("treated", "Same verdict, other treatment", 1, [row], 0)],
        "labels": OUTCOME_LABELS,
        "states": dict(ShownState.choices),
    }
    text = strip_tags(render_to_string("reports/pdf/differences.html", context))
    assert "Attestation expired" in text
    assert "Attested as not met" in text
    assert "not_met" not in text.casefold()


def test_numbers_of_changes_agree_with_their_verbs() -> None:
    one = [ChangeCount("pass", "fail", 1), ChangeCount("fail", "pass", 1), ChangeCount("fail", "gone", 1)]
    many = [
        ChangeCount("", "fail", 2), ChangeCount("pass", "unknown", 2), ChangeCount("unknown", "pass", 2),
    ]  # fmt: skip
    assert count_labels(one) == [
        "1 changed to failing",
        "1 changed from failing to passing",
        "1 ended, because the resource is gone, or is no longer assessed or judged by the control",
    ]
    assert count_labels(many) == [
        "2 became unknown",
        "2 first verdicts that fail",
        "2 changed in another way",
    ]


def test_each_change_is_counted_once() -> None:
    outcomes = ("fail", "pass", "unknown", "manual", "not_applicable", "gone")
    for before in ("", *outcomes):
        for after in outcomes:
            if before != after:
                assert len(count_labels([ChangeCount(before, after, 1)])) == 1, (before, after)
    counts = [
        ChangeCount("pass", "fail", 7), ChangeCount("", "fail", 55), ChangeCount("", "unknown", 5),
        ChangeCount("", "pass", 650), ChangeCount("", "manual", 7),
    ]  # fmt: skip
    assert count_labels(counts) == [
        "7 changed to failing",
        "55 first verdicts that fail",
        "5 first verdicts that are unknown",
        "657 first verdicts that neither fail nor are unknown",
    ]


def test_failures_without_an_earlier_verdict_are_not_only_explained_by_new_resources() -> None:
    """The resource need not be new: it may have been assessed before without this control, because the control is new
    or was switched on later.
    """
    now = timezone.now()
    context = {
        "baseline": {"number": 4, "as_of": now},
        "report": {"as_of": now, "assessment_number": 5},
        "facts": {},
    }
    for number, words in (
        (
            1,
            "the resource is new, or assessment 4 did not assess the resource, or did not judge the control.",
        ),
        (
            2,
            "their resources are new, or assessment 4 did not assess the resources, or did not judge the controls.",
        ),
    ):
        text = strip_tags(
            render_to_string("reports/pdf/comparison.html", context | {"first_failures": number})
        )
        assert f"no earlier verdict: {words}" in " ".join(text.split())
