"""The numbers that reports print about customers in unusual states equal numbers counted in the database."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest
from django.utils import timezone

from assessments.actions.cancel import cancel
from assessments.actions.profiles import switch_off, switch_on
from assessments.actions.start import start
from assessments.controls.profiles import says_off
from assessments.controls.registry import catalogue
from assessments.models import Finding, Resource
from portal.reports.actions import request_report
from portal.reports.errors import NoFinishedAssessment
from portal.reports.parts import identity, results
from portal.reports.parts.part import ReportFacts
from portal.treatment.actions.owners.assign import assign
from portal.treatment.models import FindingException
from tenants.actions.subscriptions import include_subscription
from tenants.models import Organization, Person
from tests import factories
from tests.portal.reports.unusual_customers.assessed import Read, assess, customer, facts_of, words_of
from tests.portal.reports.unusual_customers.histories import (
    SMALL,
    WORLDS,
    UnusualCustomer,
    held_to,
    number,
    printed,
    reported,
)


@pytest.mark.slow(seconds=20)
@pytest.mark.parametrize("make", WORLDS, ids=lambda make: make.__name__)
def test_every_printed_number_is_that_of_the_database(
    make: Callable[[Organization, Person], UnusualCustomer], provider: Organization, engineer: Person
) -> None:
    odd = make(provider, engineer)
    with reported(odd) as facts:
        full, executive, register = (printed(facts, kind) for kind in ("full", "executive", "exceptions"))
        assert_verdicts(odd, full, executive)
        assert_controls(odd, full, executive)
        assert_answers(odd, full, executive)
        assert_exceptions(odd, register, executive)
        for text in (full, executive, register, printed(facts, "framework")):
            assert not re.search(
                r"(?<!of )\b1 ((failing |unknown |manual )?verdicts|controls|failures|exceptions)\b", text
            )
            assert not re.search(r"\{\{|\{%|%\(", text)


def assert_verdicts(odd: UnusualCustomer, full: str, executive: str) -> None:
    tenant = odd.customer.tenant
    rows = Finding.objects.filter(tenant=tenant, gone_at=None)
    outcomes = Counter(rows.values_list("outcome", flat=True))
    is_read = "No result: nothing could be read" not in executive
    if is_read:
        assert number(r"(N) failing verdicts?: ", full) == number(r"(N) failing verdicts?: ", executive)
        assert number(r"(N) failing verdicts?: ", executive) == outcomes["fail"]
        assert number(r"(N) unknown verdicts?, which", executive) == outcomes["unknown"]
        decided = set(rows.filter(outcome__in=("pass", "fail")).values_list("control", flat=True))
        bad = set(rows.filter(outcome="fail").values_list("control", flat=True))
        absent = "not known" if outcomes["unknown"] else "none"
        for text in (executive, full):
            assert (f"{absent} raw score" in text) == (not decided)
        assert number(r"(N) of \d+ controls? with passes or failures", executive) == (
            len(bad) if decided else 0
        )
        assert number(r"\d+ of (N) controls? with passes or failures", executive) == len(decided)
    assert number(r"(N) verdicts? (?:is|are) unknown\.", executive) == (outcomes["unknown"] if is_read else 0)
    assert number(r"New failures (N) ", executive) == odd.began
    assert number(r"Failures fixed (N) ", executive) == odd.fixed
    assert number(r"(N) more ended because the resource", executive) == odd.removed
    assert number(r"(N) more began when the settings", executive) == odd.settings[0]
    assert number(r"(N) more ended when the settings", executive) == odd.settings[1]
    units = {f"/subscriptions/{one.subscription_id}" for one in odd.customer.subscriptions}
    units -= set(re.findall(r"(?<=Sub \d )([0-9a-f-]{36}) (?:Excluded|Not assessed)", full))
    listed = {unit for unit in units if not re.search(f"{unit[-36:]} (Excluded|Not assessed)", full)}
    resources = Resource.objects.filter(tenant=tenant, gone_at=None, unit__in=listed).count()
    assert number(r"(N) resources? in total", full) == resources


def assert_controls(odd: UnusualCustomer, full: str, executive: str) -> None:
    rows = Finding.objects.filter(tenant=odd.customer.tenant, gone_at=None)
    judged = {
        slug
        for slug, outcome, observed in rows.values_list("control", "outcome", "observed")
        if not says_off(outcome, observed)
    }
    if "No result: nothing could be read" in full:
        assert "controls were judged" not in full
        assert "Surety 0.1.0 assessed" not in executive
        return
    assert number(r"with (N) controls?, in", full) == len(judged)
    assert number(r"assessed (N) controls? in", executive) == len(judged)
    is_all = judged >= set(catalogue())
    assert ("All controls of the catalogue were judged." in full) is is_all
    named = number(r"(N) controls? (?:was|were) not judged, because", full)
    assert len(judged) + named + number(r"(N) controls? ha(?:s|ve) no verdict; part", full) == len(
        catalogue()
    )


def assert_answers(odd: UnusualCustomer, full: str, executive: str) -> None:
    if "No result: nothing could be read" in full:
        return
    manual = Finding.objects.filter(tenant=odd.customer.tenant, outcome="manual", gone_at=None)
    at = timezone.now() + odd.later
    valid = manual.filter(attestations__valid_until__gt=at)
    not_met = valid.filter(attestations__met=False).count()
    unanswered = manual.count() - valid.count()
    assert number(r"(N) manual verdicts? ha(?:s|ve) no valid answer", executive) == unanswered
    assert number(r"(N) manual verdicts? (?:was|were) answered with “not met”\.", executive) == not_met
    assert number(r"Answer (N) manual verdicts?", executive) == unanswered
    assert number(r"Meet the requirements of (N) manual controls?", executive) == not_met
    all_answered = manual.exists() and not unanswered
    assert not (not all_answered and "All manual verdicts have a valid answer" in executive)


def assert_exceptions(odd: UnusualCustomer, register: str, executive: str) -> None:
    at = timezone.now() + odd.later
    rows = FindingException.objects.filter(tenant=odd.customer.tenant)
    approved = rows.filter(decided_at__isnull=False)
    active = approved.filter(starts_at__lte=at, ends_at__gt=at).count()
    assert number(r"(N) exceptions? (?:is|are) in force and", register) == active
    assert number(r"(N) exceptions? waits? for a decision", register) == rows.count() - approved.count()
    assert (
        number(r"(N) approved exceptions? starts? later", register)
        == approved.filter(starts_at__gt=at).count()
    )
    ended = approved.filter(ends_at__lte=at).count()
    assert number(r"(N) exceptions? (?:was|were) refused, withdrawn or ended", register) == ended
    assert number(r"in force and covers? (N) of", register) == active, "each covers one failure"
    assert number(r"(N) excepted unknown", executive.replace(" verdicts", "")) in (0, active)
    assert "no approval of" not in register
    if active:
        assert number(r"(N) Active", register.partition("Register ")[2][:60]) in (0, active)


@pytest.mark.slow(seconds=4)
def test_a_later_report_on_an_assessment_repeats_the_verdicts(
    provider: Organization, engineer: Person
) -> None:
    """Some failures were unknown, excluded or not judged for a time. Two reports on the third assessment, built
    before and after a fourth one, state the same beginning of each failure.
    """
    one = held_to(customer(provider, engineer, subscriptions=2), *SMALL)
    first, second = one.subscriptions
    units = [Read(one.directory, [False]), Read(first, [False, True]), Read(second, [False])]
    assess(one, units)
    with factories.in_tenant(one.tenant):
        switch_off(
            tenant=one.tenant, by=engineer, slug="storage-pna-disabled", reason="Another team checks it."
        )
        switch_off(tenant=one.tenant, by=engineer, slug="identity-guests-limited", reason="As above.")
        include_subscription(by=engineer, subscription=second, included=False, reason="Only experiments.")
    assess(one, [units[0], Read(first, None)])
    with factories.in_tenant(one.tenant):
        switch_on(tenant=one.tenant, by=engineer, slug="storage-pna-disabled")
        switch_on(tenant=one.tenant, by=engineer, slug="identity-guests-limited")
        second.refresh_from_db()
        include_subscription(by=engineer, subscription=second, included=True)
    third = assess(one, units)
    with factories.in_tenant(one.tenant):
        live = states(facts_of(one.tenant, kind="full", assessment=third))
    assess(one, [Read(one.directory, [True]), Read(first, [True]), Read(second, None)])
    with factories.in_tenant(one.tenant):
        facts = facts_of(one.tenant, kind="full", assessment=third)
        text = words_of(facts)
    assert facts.of(identity.PART).historic
    assert states(facts) == live
    assert len({since for outcome, since, _ in live.values() if outcome == "fail"}) > 1
    assert "No document is listed" in text
    assert "No document was read" not in text


def states(facts: ReportFacts) -> dict[str, tuple[object, ...]]:
    return {row.id: (row.outcome, row.failing_since, row.shown) for row in facts.of(results.PART).findings}


def test_no_report_is_built_on_an_assessment_that_was_cancelled_before_it_began(
    provider: Organization, engineer: Person
) -> None:
    one = customer(provider, engineer)
    with factories.in_tenant(one.tenant):
        assessment = cancel(assessment=start(tenant=one.tenant, by=engineer), by=engineer)
        with pytest.raises(NoFinishedAssessment, match="cancelled before it began"):
            request_report(tenant=one.tenant, by=engineer, assessment=assessment)


@pytest.mark.slow(seconds=2)
def test_risks_and_results_state_the_severities_and_owners_of_their_failures(
    provider: Organization, engineer: Person
) -> None:
    """Failures of one control can have different severities and owners."""
    one = held_to(customer(provider, engineer), "storage-secure-transfer")
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [False] * 3)])
    with factories.in_tenant(one.tenant):
        rows = Finding.objects.filter(tenant=one.tenant, outcome="fail").order_by("id")
        assign(tenant=one.tenant, findings=rows.filter(pk=rows[0].pk), owner=engineer, by=engineer)
        Finding.objects.filter(pk=rows[2].pk).update(severity="critical", severity_rank=0)
        facts = facts_of(one.tenant, kind="full")
        full, executive = printed(facts, "full"), printed(facts, "executive")
    assert "Storage account accepts unencrypted connections Critical 1 High 2 Fail 3" in full
    assert re.search(rf"2 of 3 \S+ \d+ \S+ {engineer.name} 1 unassigned", executive)
