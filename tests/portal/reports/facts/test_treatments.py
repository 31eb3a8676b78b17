"""Reports state treatments as they were at the time of the report, without later decisions."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.display.names import NO_NAMES
from assessments.models import Assessment, Finding
from portal.reports.actions import build_report
from portal.reports.facts import treatments as treatment_module
from portal.reports.facts import verdicts as verdict_facts
from portal.reports.facts.exceptions import covers
from portal.reports.facts.past_treatments import acknowledgements_at, owners_at
from portal.reports.facts.people import person_id_label, person_label
from portal.reports.facts.shared import AttestationFact, ExceptionFact, FindingFact
from portal.reports.facts.treatments import TreatmentFacts, _Past, treatment_facts
from portal.reports.facts.verdicts import finding_facts
from portal.treatment import timeline
from portal.treatment.actions.acknowledge import acknowledge, withdraw_acknowledgement
from portal.treatment.actions.exceptions import approve, refuse, request_exception, revoke
from portal.treatment.actions.exceptions.return_for_review import return_for_review
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.owners.rules import apply_rules, create_rule
from portal.treatment.actions.restore import restore_acknowledgements, restore_owners
from portal.treatment.actions.transitions import apply_transitions
from portal.treatment.actions.undo import undo
from portal.treatment.models import Attestation, FindingException, Treatment, TreatmentEvent
from portal.treatment.scores import summarize_treated
from portal.treatment.selectors.scores import standing
from portal.treatment.timeline import SURETY
from tenants.models import Tenant
from tests import factories
from tests.portal.reports.conftest import attached, text_of
from tests.portal.web.world import World

HOUR = timedelta(hours=1)


def treated(world: World, *, at: datetime | None = None, historic: bool = False) -> TreatmentFacts:
    """Return the treatment of the home tenant's latest verdicts, as a report states it."""
    assessment: Assessment = world.of(world.home)["assessment"]
    return treated_of(world.home, assessment, at=at or timezone.now(), historic=historic)


def treated_of(
    tenant: Tenant, assessment: Assessment, *, at: datetime, historic: bool = False
) -> TreatmentFacts:
    with factories.in_tenant(tenant):
        facts = finding_facts(
            tenant, assessment, at=at, historic=historic, unit_names={}, names=NO_NAMES, read_at={}
        )
        return treatment_facts(tenant, facts, at=at, historic=historic)


def line_of(exception: FindingException, found: TreatmentFacts) -> ExceptionFact:
    return next(line for line in found.exceptions if line.number == exception.number)


def fact_of(found: TreatmentFacts, finding: Finding) -> FindingFact:
    (fact,) = [fact for fact in found.findings if fact.id == str(finding.pk)]
    return fact


def exception_of(found: TreatmentFacts) -> ExceptionFact:
    (fact,) = found.exceptions
    return fact


def answer_of(found: TreatmentFacts, finding: Finding) -> AttestationFact:
    (fact,) = [fact for fact in found.attestations if fact.finding == str(finding.pk)]
    return fact


def approved(world: World) -> FindingException:
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        approve(exception=own["exception"], by=world.people["approver"], note="Seen.")
        apply_transitions(tenant=world.home)
        return FindingException.objects.get(pk=own["exception"].pk)


def request_rule(world: World, rule: dict[str, str], maximum: int = 2) -> FindingException:
    """Request an exception for the findings that a rule matches. Needs the scope of `world.home`."""
    return request_exception(
        tenant=world.home,
        by=world.people["organization_engineer"],
        scope=FindingException.Scope.RULE,
        rule=rule,
        maximum=maximum,
        reason="The site is public there.",
        ends_at=timezone.now() + timedelta(days=30),
    )


def test_requested_exception_covers_nothing(world: World) -> None:
    own, found = world.of(world.home), treated(world)
    line = exception_of(found)
    assert (line.state, line.covers, line.findings, line.decided_by) == ("Requested", 0, 1, "")
    assert line.requested_by == "Mira Okafor <engineer@example.com>"
    assert line.reason == "The public site reads from it."
    assert line.about == f"Storage account allows anonymous blob access: {own['finding'].subject_name}"
    assert [(file.name, file.sha256) for file in line.files] == [("request.csv", own["file"].sha256)]
    assert fact_of(found, own["finding"]).shown == "open"
    assert fact_of(found, own["owned"]).owner == "Owner <owner@example.com>"


def test_a_failure_is_overdue_at_the_time_of_the_report_as_on_the_pages(world: World) -> None:
    """Failures can become overdue between the end of the assessment and the time at which the report is built."""
    later = timezone.now() + timedelta(days=31)
    found = treated(world, at=later)
    late = [fact for fact in found.findings if fact.overdue_days]
    with factories.in_tenant(world.home):
        expected = standing(world.home, later).overdue
    assert Counter(fact.severity for fact in late) == Counter(expected)
    assert len(late) > 0
    assert all(fact.due_at and fact.due_at < later for fact in late)


def test_approved_exception_covers_only_the_approved_value(world: World) -> None:
    exception = approved(world)
    own, found = world.of(world.home), treated(world)
    line = exception_of(found)
    assert (line.state, line.covers, line.changed) == ("Active", 1, 0)
    assert line.decided_by == "Approver <approver@example.com>"
    assert line.decision_note == "Seen."
    fact = fact_of(found, own["finding"])
    assert (fact.shown, fact.exception, fact.due_at, fact.overdue_days) == (
        "excepted",
        exception.number,
        None,
        0,
    )
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=own["finding"].pk).update(observed_sha256="f" * 64)
    changed = treated(world)
    assert fact_of(changed, own["finding"]).shown == "open"
    assert (exception_of(changed).covers, exception_of(changed).changed) == (0, 1)


@pytest.mark.slow(seconds=1)
def test_the_number_of_queries_depends_on_findings_and_not_on_controls(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One query reads the treatments and evidence of many controls. The batch size does not change any fact."""
    approved(world)
    moment, found, queries = timezone.now(), [], []
    for size in (2000, 40, 1):
        monkeypatch.setattr(verdict_facts, "_BATCH", size)
        monkeypatch.setattr(treatment_module, "_BATCH", size)
        with CaptureQueriesContext(connection) as captured:
            found.append(list(treated(world, at=moment).findings))
        queries.append(len(captured))
    assert len({fact.control for fact in found[0]}) > 100
    assert found[0] == found[1] == found[2]
    assert queries[0] < 40
    assert queries[0] < queries[1] < queries[2]


def test_scores_equal_those_of_the_pages(world: World) -> None:
    approved(world)
    found = treated(world)
    with factories.in_tenant(world.home):
        expected = standing(world.home)
        sections = dict(Finding.objects.values_list("control", "section"))
    rows = [(sections[f.control], f.severity, f.outcome, f.shown, 1) for f in found.findings]
    summary = summarize_treated(rows)
    assert summary["states"] == expected.states
    assert summary["raw"] == expected.raw
    assert summary["adjusted"] == expected.adjusted
    assert summary["raw"]["score"] != summary["adjusted"]["score"]


@pytest.mark.slow(seconds=1)
def test_revoked_and_refused_exceptions_cover_nothing(world: World) -> None:
    exception = approved(world)
    with factories.in_tenant(world.home):
        revoke(exception=exception, by=world.people["approver"], note="No longer needed.")
    line = exception_of(treated(world))
    assert (line.state, line.covers, line.end_note) == ("Revoked", 0, "No longer needed.")
    assert line.ended_by == "Approver <approver@example.com>"

    foreign = world.of(world.foreign)["exception"]
    approver = factories.member(factories_role("approver"), world.foreign)
    with factories.in_tenant(world.foreign):
        refuse(exception=foreign, by=approver, note="Close it at once.")
    assessment = world.of(world.foreign)["assessment"]
    refused = exception_of(treated_of(world.foreign, assessment, at=timezone.now()))
    assert (refused.state, refused.covers, refused.decision_note) == ("Refused", 0, "Close it at once.")


def factories_role(name: str) -> Any:
    from tenants.roles import Role

    return Role(name)


def test_acknowledgement_is_stated_with_its_plan(world: World) -> None:
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        acknowledge(
            tenant=world.home,
            findings=Finding.objects.filter(pk=own["owned"].pk),
            by=world.people["owner"],
            plan="Closed with\nthe move.",
            planned_for=timezone.now().date() + timedelta(days=9),
        )
    fact = fact_of(treated(world), own["owned"])
    day = timezone.now().date() + timedelta(days=9)
    assert fact.shown == "acknowledged"
    assert fact.acknowledged == f"Owner <owner@example.com>, planned for {day}: Closed with the move."


def test_each_answer_has_its_standing(world: World) -> None:
    own = world.of(world.home)
    manual: Finding = own["manual"]
    found = treated(world)
    line = answer_of(found, manual)
    assert (line.standing, line.statement) == ("met", "Looked at the policy in the portal.")
    assert line.attested_by == "Mira Okafor <engineer@example.com>"
    others = {fact.standing for fact in found.attestations if fact.finding != str(manual.pk)}
    assert others == {"never answered"}
    with factories.in_tenant(world.home):
        Treatment.objects.filter(finding=manual).update(attested_met=False)
        assert answer_of(treated(world), manual).standing == "not met"
        ended = timezone.now() - HOUR
        Attestation.objects.filter(finding=manual).update(attested_at=ended - HOUR, valid_until=ended)
        Treatment.objects.filter(finding=manual).update(attested_until=ended)
    expired = treated(world)
    assert answer_of(expired, manual).standing == "expired"
    assert fact_of(expired, manual).shown == "lapsed"


@pytest.mark.slow(seconds=1)
def test_answer_about_another_observed_value_is_outdated(world: World, tmp_path: Path) -> None:
    """The answer was about a value that differs from the current observed value."""
    manual: Finding = world.of(world.home)["manual"]
    with factories.in_tenant(world.home):
        Treatment.objects.filter(finding=manual).update(attested_sha256="f" * 64)
        Attestation.objects.filter(finding=manual).update(observed_sha256="f" * 64)
    line = answer_of(treated(world), manual)
    assert (line.standing, line.statement) == ("outdated", "Looked at the policy in the portal.")
    assert line.observed_changed
    with factories.in_tenant(world.home):
        report = build_report(tenant=world.home, by=world.people["organization_engineer"])
        with report.file.open("rb") as source:
            text = " ".join(text_of(source.read(), tmp_path).split())
    assert "Outdated" in text
    assert "Looked at the policy in the portal." in text


@pytest.mark.slow(seconds=1)
def test_earlier_moment_shows_no_later_decision(world: World) -> None:
    """Look at the same exception before the request, before the decision, in force, and after its end."""
    own = world.of(world.home)
    exception: FindingException = own["exception"]
    finding: Finding = own["finding"]
    asked = exception.requested_at
    exception = approved(world)
    decided = exception.decided_at
    assert decided is not None
    with factories.in_tenant(world.home):
        revoke(exception=exception, by=world.people["approver"], note="It is over.")
    revoked = timezone.now()

    early = treated(world, at=asked - timedelta(milliseconds=1), historic=True)
    assert early.exceptions == ()
    assert fact_of(early, finding).shown == "open"

    waiting = treated(world, at=decided - timedelta(milliseconds=1), historic=True)
    line = exception_of(waiting)
    assert (line.state, line.covers, line.decided_by, line.decision_note) == ("Requested", 0, "", "")
    assert (line.ended_at, line.end_note) == (None, "")
    assert fact_of(waiting, finding).shown == "open"

    start = max(decided, exception.starts_at)
    held = treated(world, at=start, historic=True)
    line = exception_of(held)
    assert (line.state, line.covers, line.end_note) == ("Active", 1, "")
    assert fact_of(held, finding).shown == "excepted"
    assert fact_of(held, finding).exception == exception.number

    after = treated(world, at=revoked + HOUR, historic=True)
    assert (exception_of(after).state, exception_of(after).covers) == ("Revoked", 0)
    assert fact_of(after, finding).shown == "open"


@pytest.mark.slow(seconds=1)
def test_an_earlier_moment_includes_an_approval_without_matches(world: World) -> None:
    """No finding's timeline contains the approval, because the rule matched no finding at that time."""
    finding: Finding = world.of(world.home)["finding"]
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=finding.pk).update(resource_group="elsewhere")
        rule = request_rule(world, {"resource_group": "later", "control": finding.control})
        approve(exception=rule, by=world.people["approver"])
        Finding.objects.filter(pk=finding.pk).update(resource_group="later")
        apply_transitions(tenant=world.home)
        held = timezone.now()
        revoke(exception=rule, by=world.people["approver"], note="It is over.")
    found = treated(world, at=held, historic=True)
    line = line_of(rule, found)
    assert (line.state, line.covers) == ("Active", 1)
    assert fact_of(found, finding).shown == "excepted"
    later = treated(world, at=timezone.now(), historic=True)
    assert line_of(rule, later).state == "Revoked"
    assert fact_of(later, finding).shown == "open"


def test_an_earlier_moment_includes_a_second_approval_without_failures(world: World) -> None:
    """No finding's timeline contains the second approval, because no finding of the rule failed at that time."""
    finding: Finding = world.of(world.home)["finding"]
    with factories.in_tenant(world.home):
        rule = request_rule(world, {"control": finding.control}, maximum=9)
        approve(exception=rule, by=world.people["approver"], note="Seen.")
        return_for_review(rule, FindingException.Because.CHANGED, [finding.pk], now=timezone.now())
        returned = timezone.now()
        Finding.objects.filter(control=finding.control).update(
            outcome="pass", state="resolved", failing_since=None
        )
        approve(exception=rule, by=world.people["approver"], note="Again.")
    states = [line_of(rule, treated(world, at=at, historic=True)).state for at in (returned, timezone.now())]
    assert states == ["Returned", "Active"]


def test_an_earlier_moment_includes_a_rule_without_matches(world: World) -> None:
    with factories.in_tenant(world.home):
        rule = request_rule(world, {"resource_group": "nowhere"})
        asked = timezone.now()
        refuse(exception=rule, by=world.people["approver"], note="Not before it is there.")
    states = [line_of(rule, treated(world, at=at, historic=True)).state for at in (asked, timezone.now())]
    assert states == ["Requested", "Refused"]


@pytest.mark.slow(seconds=1)
def test_an_earlier_moment_shows_the_decision_of_that_time(world: World) -> None:
    """After the moment of the report, the exception is returned. Then it is approved again with an earlier end, or
    it is refused.
    """
    finding: Finding = world.of(world.home)["finding"]
    exception = approved(world)
    held, ends_at = timezone.now(), exception.ends_at

    def check() -> None:
        line = exception_of(found := treated(world, at=held, historic=True))
        assert (line.state, line.covers, line.changed) == ("Active", 1, 0)
        assert (line.decided_by, line.decision_note) == ("Approver <approver@example.com>", "Seen.")
        assert (line.decided_at, line.ends_at) == (exception.decided_at, ends_at)
        assert (fact_of(found, finding).shown, fact_of(found, finding).exception) == (
            "excepted",
            exception.number,
        )

    def decide_again(*, is_approved: bool) -> None:
        with factories.in_tenant(world.home):
            row = FindingException.objects.select_related("tenant", "requested_by").get(pk=exception.pk)
            return_for_review(row, FindingException.Because.CHANGED, [finding.pk], now=timezone.now())
            if is_approved:
                approve(
                    exception=row,
                    by=world.people["approver"],
                    note="Again.",
                    ends_at=ends_at - timedelta(days=1),
                )
            else:
                refuse(exception=row, by=world.people["approver"], note="It has changed too much.")

    check()
    decide_again(is_approved=True)
    check()
    now = exception_of(treated(world))
    assert (now.decision_note, now.ends_at) == ("Again.", ends_at - timedelta(days=1))
    decide_again(is_approved=False)
    check()
    assert exception_of(treated(world)).state == "Refused"


@pytest.mark.slow(seconds=1)
def test_an_earlier_moment_includes_findings_that_a_rule_no_longer_matches(world: World) -> None:
    """When the rule no longer matches a finding, the exception's item for the finding is deleted."""
    finding: Finding = world.of(world.home)["finding"]
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=finding.pk).update(resource_group="first")
        rule = request_rule(world, {"resource_group": "first", "control": finding.control})
        approve(exception=rule, by=world.people["approver"], note="It is critical but public.")
        held = timezone.now()
        Finding.objects.filter(pk=finding.pk).update(resource_group="second")
        apply_transitions(tenant=world.home)
        assert not rule.items.exists()
    found = treated(world, at=held, historic=True)
    line = line_of(rule, found)
    assert (line.state, line.covers, line.findings) == ("Active", 1, 1)
    assert (fact_of(found, finding).shown, fact_of(found, finding).exception) == ("excepted", rule.number)
    later = treated(world, at=timezone.now(), historic=True)
    assert line_of(rule, later).covers == 0
    assert fact_of(later, finding).shown == "open"


def test_an_earlier_moment_excludes_findings_that_a_rule_matches_only_later(world: World) -> None:
    finding: Finding = world.of(world.home)["finding"]
    with factories.in_tenant(world.home):
        rule = request_rule(world, {"resource_group": "first", "control": finding.control})
        approve(exception=rule, by=world.people["approver"], note="It is critical but public.")
        held = timezone.now()
        Finding.objects.filter(pk=finding.pk).update(resource_group="first")
        apply_transitions(tenant=world.home)
        assert rule.items.count() == 1
    for at, numbers in ((held, (0, 0, 0)), (timezone.now(), (1, 1, 0))):
        found = treated(world, at=at, historic=True)
        line = line_of(rule, found)
        assert (line.state, line.findings, line.covers, line.changed) == ("Active", *numbers)


def test_renewed_approval_covers_nothing_before_its_time(world: World) -> None:
    exception = approved(world)
    now = timezone.now()
    fact = fact_of(treated(world, at=now, historic=True), world.of(world.home)["finding"])
    with factories.in_tenant(world.home):
        (item,) = exception.items.all()
    assert covers(exception, item, fact, now)
    item.approved_at = now + HOUR
    assert not covers(exception, item, fact, now)
    assert covers(exception, item, fact, now + HOUR)


@pytest.mark.slow(seconds=1)
def test_earlier_moments_show_the_answers_of_that_time(world: World) -> None:
    manual: Finding = world.of(world.home)["manual"]
    answer: Attestation = world.of(world.home)["attestation"]
    before = treated(world, at=answer.attested_at - HOUR, historic=True)
    assert answer_of(before, manual).standing == "never answered"
    assert answer_of(treated(world, at=answer.valid_until, historic=True), manual).standing == "expired"
    held = treated(world, at=answer.attested_at, historic=True)
    assert (answer_of(held, manual).standing, fact_of(held, manual).shown) == ("met", "attested")
    with factories.in_tenant(world.home):
        Attestation.objects.filter(pk=answer.pk).update(
            withdrawn_at=answer.attested_at + HOUR, withdrawn_by=world.people["approver"]
        )
    assert answer_of(treated(world, at=answer.attested_at, historic=True), manual).standing == "met"
    later = treated(world, at=answer.attested_at + HOUR, historic=True)
    assert answer_of(later, manual).standing == "never answered"


@pytest.mark.slow(seconds=1)
def test_owners_of_an_earlier_moment_follow_from_the_timeline(world: World) -> None:
    """The owner changes several times: by hand, by undoing, and by a rule. For each time, a report names the owner of
    that time.
    """
    home, finding = world.home, world.of(world.home)["finding"]
    engineer, owner = world.people["organization_engineer"], world.people["owner"]
    label = person_label
    moments: list[tuple[datetime, str]] = []

    def keep(name: str) -> None:
        moments.append((timezone.now(), name))

    with factories.in_tenant(home):
        one = Finding.objects.filter(pk=finding.pk)
        assign(tenant=home, findings=one, owner=None, by=engineer)
        keep("")
        batch = assign(tenant=home, findings=one, owner=owner, by=engineer)
        keep(label(owner))
        undo(batch=batch, by=engineer, restore=restore_owners)
        keep("")
        # A rule does not replace what a person has decided about the owner, so delete the treatment first.
        Treatment.objects.filter(finding=finding).delete()
        rule = create_rule(tenant=home, by=engineer, name="All", owner=engineer, control=finding.control)
        apply_rules(tenant=home, by=SURETY)
        keep(label(engineer))
        assign(tenant=home, findings=one, owner=owner, by=engineer)
        keep(label(owner))
        assert rule.owner == engineer
    for at, name in moments:
        assert fact_of(treated(world, at=at, historic=True), finding).owner == name, at
        with factories.in_tenant(home):
            without = owners_at(home, at, person_id_label).get(str(finding.pk), "")
            assert (
                without == ({label(who): person_id_label(who) for who in (owner, engineer)} | {"": ""})[name]
            )


def test_events_of_older_versions_name_owners_in_words(world: World) -> None:
    home, finding = world.home, world.of(world.home)["finding"]
    before, after = timezone.now(), timezone.now() + HOUR
    with factories.in_tenant(home):
        Treatment.objects.filter(finding=finding).delete()
        timeline.write_events(
            [
                timeline.build_event(
                    tenant=home, finding_id=finding.pk, by=SURETY, at=before + HOUR / 2,
                    kind=TreatmentEvent.Kind.OWNER, before="Anna Berg", after="Unassigned",
                )
            ]
        )  # fmt: skip
        found = [owners_at(home, at, person_label) for at in (before, after)]
        hidden = owners_at(home, before, person_id_label)
    key = str(finding.pk)
    assert [one.get(key, "") for one in found] == ["Anna Berg", ""]
    assert hidden[key] == "A person"


@pytest.mark.slow(seconds=1)
def test_acknowledgements_of_an_earlier_moment_follow_from_the_timeline(world: World) -> None:
    home, finding = world.home, world.of(world.home)["finding"]
    engineer, planned = world.people["organization_engineer"], timezone.now().date() + timedelta(days=20)
    with factories.in_tenant(home):
        one = Finding.objects.filter(pk=finding.pk)
        start = timezone.now()
        acknowledge(tenant=home, findings=one, by=engineer, plan="Wait for the release.")
        first = timezone.now()
        batch = acknowledge(tenant=home, findings=one, by=engineer, plan="Move it.", planned_for=planned)
        second = timezone.now()
        undo(batch=batch, by=engineer, restore=restore_acknowledgements)
        undone = timezone.now()
        withdraw_acknowledgement(finding=one.get(), by=engineer)
    who = person_label(engineer)
    shown = {
        at: (fact.shown, fact.acknowledged)
        for at in (start, first, second, undone, timezone.now())
        for fact in [fact_of(treated(world, at=at, historic=True), finding)]
    }
    assert list(shown.values()) == [
        ("open", ""),
        ("acknowledged", f"{who}: Wait for the release."),
        ("acknowledged", f"{who}, planned for {planned}: Move it."),
        ("acknowledged", f"{who}: Wait for the release."),
        ("open", ""),
    ]
    # An acknowledgement applies to one failure, not to a later one.
    with factories.in_tenant(home):
        held = acknowledgements_at(home, second, person_label)
    past = _Past({}, held)
    fact = fact_of(treated(world, at=second, historic=True), finding)
    assert past.acknowledgement(fact)
    assert not past.acknowledgement(replace(fact, failing_since=second + HOUR))
    assert not past.acknowledgement(replace(fact, outcome="unknown"))


@pytest.mark.slow(seconds=2)
def test_report_and_attachments_state_the_treatment(world: World, tmp_path: Path) -> None:
    exception = approved(world)
    own = world.of(world.home)
    with factories.in_tenant(world.home):
        report = build_report(tenant=world.home, by=world.people["organization_engineer"])
        with report.file.open("rb") as source:
            data = source.read()
        expected = standing(world.home)
    text = text_of(data, tmp_path)
    for expected_text in (
        "when this report was created", "approver@example.com", "Excepted: exception 1", "counted as passes",
        "Owner: Owner",
    ):  # fmt: skip
        assert expected_text in text, expected_text
    # The hash is wider than its column, so it is broken over several lines. With `-raw`, these lines follow each
    # other.
    assert own["file"].sha256 in text_of(data, tmp_path, "-raw").replace(" ", "")
    results = json.loads(attached(data, "results.json"))
    assert (results["score"], results["adjusted"]) == (expected.raw["score"], expected.adjusted["score"])
    assert results["states"] == expected.states
    assert [line["number"] for line in results["exceptions"]] == [exception.number]
    rows = list(csv.DictReader(io.StringIO(attached(data, "results.csv").decode("utf-8-sig"))))
    (row,) = [row for row in rows if row["state"] == "excepted"]
    assert (row["subject"], row["outcome"], row["exception"]) == (own["finding"].subject, "fail", "1")
    assert {row["owner"] for row in rows} == {"", "Owner <owner@example.com>"}

    result = json.loads(attached(data, "oscal-assessment-results.json"))["assessment-results"]["results"][0]
    (risk,) = result["risks"]
    assert (risk["status"], risk["statement"]) == ("deviation-approved", "The public site reads from it.")
    observations = {item["uuid"]: item for item in result["observations"]}
    (related,) = risk["related-observations"]
    props = {prop["name"]: prop["value"] for prop in observations[related["observation-uuid"]]["props"]}
    assert (props["outcome"], props["state"], props["subject"]) == (
        "fail",
        "excepted",
        own["finding"].subject,
    )
