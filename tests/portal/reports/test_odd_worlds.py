"""What reports print about customers in unusual states, compared with numbers counted again from the database.

Each world is a customer after a history of assessments, settings and treatments. The same assertions hold in all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from django.utils import timezone

from assessments.actions.cancel import cancel
from assessments.actions.control_settings import set_control_values
from assessments.actions.profiles import set_profile, switch_off, switch_on
from assessments.actions.start import start
from assessments.controls.profiles import says_off
from assessments.controls.registry import catalogue
from assessments.models import Assessment, Finding, Resource
from portal.reports.actions import request_report
from portal.reports.errors import NoFinishedAssessment
from portal.reports.parts import identity, results
from portal.reports.parts.part import ReportFacts
from portal.treatment.actions.attestations.attest import attest
from portal.treatment.actions.exceptions import approve, request_exception
from portal.treatment.actions.owners.assign import assign
from portal.treatment.models import FindingException
from tenants.actions.subscriptions import include_subscription
from tenants.models import Organization, Person
from tenants.roles import Role
from tests import factories
from tests.portal.reports.odd_worlds import Customer, Read, assess, customer, facts_of, words_of

DAY = timedelta(days=1)
SMALL = (
    "storage-secure-transfer",
    "storage-sas-expiry",
    "storage-pna-disabled",
    "identity-guests-limited",
    "vm-jit",
)


@dataclass(frozen=True)
class Odd:
    """A world. `began`, `fixed` and `removed` are the numbers of failures that a report has to state. `settings` are
    the numbers that began and ended when settings changed. `later` is how long after the history the report is built.
    """

    customer: Customer
    began: int
    fixed: int = 0
    removed: int = 0
    settings: tuple[int, int] = (0, 0)
    later: timedelta = timedelta()
    assessment: Assessment | None = None


def entra_only(org: Organization, by: Person) -> Odd:
    one = customer(org, by, subscriptions=0)
    assess(one, [Read(one.directory, [False])])
    return Odd(one, began=1)


def subscription_only(org: Organization, by: Person) -> Odd:
    one = customer(org, by)
    assess(one, [Read(one.subscriptions[0], [True, False])])
    return Odd(one, began=failing(one))


def no_units(org: Organization, by: Person) -> Odd:
    one = customer(org, by, subscriptions=0)
    assess(one, [])
    return Odd(one, began=0)


def nothing_read(org: Organization, by: Person) -> Odd:
    one = customer(org, by)
    assess(one, [Read(one.directory, None), Read(one.subscriptions[0], None)])
    return Odd(one, began=0)


def one_control(org: Organization, by: Person) -> Odd:
    one = held_to(customer(org, by), "storage-secure-transfer")
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [True])])
    return Odd(one, began=0)


def only_manual(org: Organization, by: Person) -> Odd:
    """All answers of the only control say that it is not met."""
    one = held_to(customer(org, by), "storage-sas-expiry")
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [True, True])])
    answer(one, met=False)
    return Odd(one, began=0)


def unreadable_for_a_time(org: Organization, by: Person) -> Odd:
    """A failure that was unknown in between is not new. One that was fixed meanwhile is fixed."""
    one = held_to(customer(org, by, subscriptions=2), *SMALL)
    first, second = one.subscriptions
    units = [Read(one.directory, [True]), Read(first, [False, False]), Read(second, [False])]
    assess(one, units)
    began = failing(one)
    assess(one, [units[0], Read(first, None), units[2]])
    assess(one, [units[0], Read(first, [False, True]), units[2]])
    return Odd(one, began=began, fixed=1)


def read_in_part(org: Organization, by: Person) -> Odd:
    one = customer(org, by, subscriptions=2)
    first, second = one.subscriptions
    assess(one, [Read(one.directory, [True]), Read(first, [False], gap=True), Read(second, None)])
    return Odd(one, began=failing(one))


def excluded(org: Organization, by: Person) -> Odd:
    one = held_to(customer(org, by, subscriptions=2), *SMALL)
    first, second = one.subscriptions
    assess(one, [Read(one.directory, [True]), Read(first, [False]), Read(second, [False, False])])
    began = failing(one)
    with factories.in_tenant(one.tenant):
        include_subscription(by=by, subscription=second, included=False, reason="Only experiments.")
    assess(one, [Read(one.directory, [True]), Read(first, [False])])
    return Odd(one, began=began, removed=began - failing(one))


def excluded_and_included(org: Organization, by: Person) -> Odd:
    """Failures of a subscription that is included again are not new."""
    made = excluded(org, by)
    one = made.customer
    first, second = one.subscriptions
    with factories.in_tenant(one.tenant):
        second.refresh_from_db()
        include_subscription(by=by, subscription=second, included=True)
    assess(one, [Read(one.directory, [True]), Read(first, [False]), Read(second, [False, False])])
    return made


def excluded_after_the_assessment(org: Organization, by: Person) -> Odd:
    one = held_to(customer(org, by, subscriptions=2), *SMALL)
    first, second = one.subscriptions
    assess(one, [Read(one.directory, [True]), Read(first, [False]), Read(second, [False])])
    with factories.in_tenant(one.tenant):
        include_subscription(by=by, subscription=second, included=False, reason="Only experiments.")
    return Odd(one, began=failing(one))


def deleted_resources(org: Organization, by: Person) -> Odd:
    one = held_to(customer(org, by), *SMALL)
    assess(one, [Read(one.directory, [False]), Read(one.subscriptions[0], [True, False, False])])
    began = failing(one)
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [True])])
    return Odd(one, began=began, fixed=1, removed=began - failing(one) - 1)


def off_and_on(org: Organization, by: Person) -> Odd:
    """Failures of a control that is judged again are not new."""
    one = held_to(customer(org, by), *SMALL)
    units = [Read(one.directory, [False]), Read(one.subscriptions[0], [True, False])]
    assess(one, units)
    began = failing(one)
    with factories.in_tenant(one.tenant):
        for slug in ("storage-secure-transfer", "identity-guests-limited"):
            switch_off(tenant=one.tenant, by=by, slug=slug, reason="Another team checks it.")
    assess(one, units)
    with factories.in_tenant(one.tenant):
        switch_on(tenant=one.tenant, by=by, slug="identity-guests-limited")
        switch_on(tenant=one.tenant, by=by, slug="storage-secure-transfer")
    assess(one, units)
    return Odd(one, began=began)


def switched_off(org: Organization, by: Person) -> Odd:
    one = held_to(customer(org, by), *SMALL)
    units = [Read(one.directory, [True]), Read(one.subscriptions[0], [True, False])]
    assess(one, units)
    began = failing(one)
    with factories.in_tenant(one.tenant):
        switch_off(tenant=one.tenant, by=by, slug="storage-secure-transfer", reason="Another team checks it.")
    assess(one, units)
    return Odd(one, began=began)


def larger_profile(org: Organization, by: Person) -> Odd:
    """Failures of controls that were judged for the first time began with the settings."""
    one = held_to(customer(org, by), "storage-secure-transfer")
    units = [Read(one.directory, [True]), Read(one.subscriptions[0], [False])]
    assess(one, units)
    began = failing(one)
    held_to(one, *SMALL)
    assess(one, units)
    return Odd(one, began=began, settings=(failing(one) - began, 0))


def fixed_with_settings(org: Organization, by: Person) -> Odd:
    """Somebody changed a setting of the control before the assessment that found it passing."""
    one = held_to(customer(org, by), *SMALL)
    assess(one, [Read(one.directory, [False]), Read(one.subscriptions[0], [False])])
    began = failing(one)
    with factories.in_tenant(one.tenant):
        set_control_values(tenant=one.tenant, by=by, slug="identity-guests-limited", values={"strict": True})
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [False])])
    return Odd(one, began=began, settings=(0, 1))


def different_settings(org: Organization, by: Person) -> Odd:
    """The last assessment read one subscription, with all controls. The other verdicts are those of a small profile."""
    one = held_to(customer(org, by, subscriptions=2), *SMALL)
    first, second = one.subscriptions
    assess(one, [Read(one.directory, [True]), Read(first, [False]), Read(second, [True])])
    began = failing(one)
    with factories.in_tenant(one.tenant):
        set_profile(tenant=one.tenant, by=by, profile="everything")
    last = assess(one, [Read(second, [True])], only=True)
    return Odd(one, began=began, settings=(failing(one) - began, 0), assessment=last)


def exceptions_of_all_kinds(org: Organization, by: Person) -> Odd:
    """One exception is requested, one starts later, one is in force, and one has ended since the worker last looked."""
    one = held_to(customer(org, by), *SMALL)
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [False] * 4)])
    now, approver = timezone.now(), factories.member(Role.APPROVER, one.tenant)
    with factories.in_tenant(one.tenant):
        rows = list(Finding.objects.filter(tenant=one.tenant, outcome="fail").order_by("control", "id"))
        assign(tenant=one.tenant, findings=Finding.objects.filter(pk=rows[-1].pk), owner=by, by=by)
        for number, (begin, end) in enumerate([(0, 90), (40, 90), (0, 90), (0, 2), (1, 90)]):
            exception = request_exception(
                tenant=one.tenant,
                by=by,
                scope=FindingException.Scope.FINDING,
                reason="The public site reads from it.",
                findings=Finding.objects.filter(pk=rows[number].pk),
                starts_at=now + begin * DAY if begin else None,
                ends_at=now + end * DAY,
            )
            if number:
                approve(exception=exception, by=approver, note="Seen.")
    return Odd(one, began=failing(one), later=3 * DAY)


def mixed_answers(org: Organization, by: Person) -> Odd:
    one = held_to(customer(org, by), *SMALL)
    assess(one, [Read(one.directory, [True]), Read(one.subscriptions[0], [True, True, False])])
    answer(one, met=True, number=1)
    answer(one, met=False, number=1)
    return Odd(one, began=0, later=91 * DAY)


WORLDS: tuple[Callable[[Organization, Person], Odd], ...] = (
    entra_only, subscription_only, no_units, nothing_read, one_control, only_manual, unreadable_for_a_time,
    read_in_part, excluded, excluded_and_included, excluded_after_the_assessment, deleted_resources, off_and_on,
    switched_off, larger_profile, fixed_with_settings, different_settings, exceptions_of_all_kinds, mixed_answers,
)  # fmt: skip


def held_to(one: Customer, *controls: str) -> Customer:
    with factories.in_tenant(one.tenant):
        set_profile(tenant=one.tenant, by=one.by, profile="own", controls=controls)
    return one


def failing(one: Customer) -> int:
    with factories.in_tenant(one.tenant):
        return Finding.objects.filter(tenant=one.tenant, outcome="fail", gone_at=None).count()


def answer(one: Customer, *, met: bool, number: int = 99) -> None:
    with factories.in_tenant(one.tenant):
        rows = Finding.objects.filter(tenant=one.tenant, outcome="manual", gone_at=None)
        for finding in rows.filter(attestations=None).order_by("subject")[:number]:
            until = timezone.now() + (90 if met else 200) * DAY
            attest(finding=finding, by=one.by, met=met, statement="Looked at it.", valid_until=until)


@pytest.fixture
def provider(db: None) -> Organization:
    return factories.organization("Northlight")


@pytest.fixture
def engineer(provider: Organization) -> Person:
    return factories.member(Role.ORGANIZATION_ENGINEER, provider)


@contextmanager
def reported_at(later: timedelta) -> Iterator[None]:
    """Let reports be built later. The workers that start and end exceptions do not run until then."""
    moment = timezone.now() + later
    with patch("portal.reports.facts.source.timezone", SimpleNamespace(now=lambda: moment)):
        yield


def printed(facts: ReportFacts, kind: str) -> str:
    """Return the words of a report of another kind with these facts."""
    found = facts.of(identity.PART)
    return words_of(facts.replace(identity.PART, replace(found, identity=replace(found.identity, kind=kind))))


def number(pattern: str, text: str) -> int:
    """Return the number in the only place of the text that matches, 0 if there is none. “(N)” stands for a number."""
    found = set(re.findall(pattern.replace("(N)", r"(\d+)"), text))
    assert len(found) <= 1, (pattern, found)
    return int(found.pop()) if found else 0


@pytest.mark.slow(seconds=20)
@pytest.mark.parametrize("make", WORLDS, ids=lambda make: make.__name__)
def test_every_printed_number_is_that_of_the_database(
    make: Callable[[Organization, Person], Odd], provider: Organization, engineer: Person
) -> None:
    odd = make(provider, engineer)
    tenant = odd.customer.tenant
    with reported_at(odd.later), factories.in_tenant(tenant):
        chosen = {"assessment": odd.assessment} if odd.assessment else {}
        facts = facts_of(tenant, kind="full", **chosen)
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


def assert_verdicts(odd: Odd, full: str, executive: str) -> None:
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


def assert_controls(odd: Odd, full: str, executive: str) -> None:
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


def assert_answers(odd: Odd, full: str, executive: str) -> None:
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
    assert number(r"Meet (N) manual controls?", executive) == not_met
    all_answered = manual.exists() and not unanswered
    assert not (not all_answered and "All manual verdicts have a valid answer" in executive)


def assert_exceptions(odd: Odd, register: str, executive: str) -> None:
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
    """Failures that were unknown, excluded or not judged for a time have failed since the same time in both."""
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


def test_risks_and_results_state_the_severities_and_owners_of_their_failures(
    provider: Organization, engineer: Person
) -> None:
    """The context of a resource can change the severity, and one of several failures can have an owner."""
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
