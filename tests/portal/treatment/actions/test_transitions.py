"""Transitions of exceptions by time and by new verdicts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from assessments.models import Finding, Resource
from portal.notify.models import Notice
from portal.queries.exceptions.inbox import waiting_requests
from portal.treatment.actions.exceptions import approve
from portal.treatment.actions.transitions import TransitionCounts, apply_transitions
from portal.treatment.models import ExceptionItem, FindingException, Treatment, TreatmentEvent
from portal.treatment.selectors import exceptions as selectors
from portal.treatment.selectors.exception_scope import binding_digest
from tenants.errors import Conflict, InvalidInput
from tenants.models import JournalEntry
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.portal.treatment.exception_cases import DAY, NOW, CustomerWithApprovers

RULE = {"control": "storage-secure-transfer"}
SECOND = timedelta(seconds=1)


@pytest.fixture
def customer(db: None) -> CustomerWithApprovers:
    return CustomerWithApprovers()


def run(customer: CustomerWithApprovers, now: Any = NOW) -> TransitionCounts:
    """Apply the transitions, and check that a second pass changes nothing."""
    with factories.in_tenant(customer.tenant):
        done = apply_transitions(tenant=customer.tenant, now=now)
        before = written(customer)
        assert apply_transitions(tenant=customer.tenant, now=now) == TransitionCounts()
        assert written(customer) == before
    return done


def written(customer: CustomerWithApprovers) -> list[Any]:
    """The current content of every table that transitions write."""
    models = (FindingException, ExceptionItem, Treatment, TreatmentEvent, Notice, JournalEntry)
    return [
        list(model._base_manager.filter(tenant=customer.tenant).order_by("pk").values()) for model in models
    ]


@pytest.mark.slow(seconds=1)
def test_an_approved_exception_starts_at_its_start(customer: CustomerWithApprovers) -> None:
    finding = customer.finding()
    exception = customer.approved([finding], starts_at=NOW + DAY)
    assert exception.state == "approved"
    assert run(customer, NOW + DAY - SECOND) == TransitionCounts()
    assert customer.shown(finding, NOW + DAY - SECOND) == "open"
    assert customer.shown(finding, NOW + DAY) == "excepted"  # before any transition
    assert run(customer, NOW + DAY) == TransitionCounts(started=1)
    assert customer.read(exception).state == "active"
    assert customer.journal() == ["requested", "approved", "started"]


def test_expiry_reopens_findings_and_notifies(customer: CustomerWithApprovers) -> None:
    finding, passing = customer.finding(), customer.finding()
    owner = factories.member(Role.OWNER, customer.tenant)
    with factories.in_tenant(customer.tenant):
        Treatment.objects.create(
            tenant=customer.tenant, finding=finding, owner=owner, owner_source="hand", owned_at=NOW
        )
    exception = customer.approved([finding, passing])
    end = exception.ends_at
    assert customer.shown(finding, end - SECOND) == "excepted"
    assert customer.shown(finding, end) == "open"
    assert run(customer, end).expired == 1
    ended = customer.read(exception)
    assert (ended.state, ended.ended_at, ended.ended_by) == ("expired", end, None)
    cover = customer.cover(finding)
    assert cover is not None
    assert (cover.exception, cover.excepted_sha256, cover.excepted_until) == (None, "", None)
    assert cover.owner == owner
    with factories.in_tenant(customer.tenant):
        told = Notice.objects.filter(kind="exception_ended").values_list("person_id", flat=True)
        assert set(told) == {customer.asker.pk, owner.pk}


@pytest.mark.slow(seconds=1)
def test_an_undecided_request_lapses_at_its_end(customer: CustomerWithApprovers) -> None:
    exception = customer.ask([customer.finding()])
    assert run(customer, NOW + 30 * DAY - SECOND) == TransitionCounts()
    assert run(customer, NOW + 30 * DAY) == TransitionCounts(lapsed=1)
    row = customer.read(exception)
    assert (row.state, row.ended_by, row.decided_by) == ("withdrawn", None, None)
    assert "No approver decided" in row.end_note


NOTICES: dict[str, tuple[int, list[int], list[str]]] = {
    # (duration in days, days on which transitions are applied, expected notices: days before the end)
    "fourteen and three": (30, [15, 16, 17, 26, 27, 28], ["14", "3"]),
    "derived late": (30, [28], ["3"]),
    "shorter than the first notice": (10, [1, 6, 7, 8], ["3"]),
    "shorter than both": (2, [0, 1], []),
}


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("name", list(NOTICES))
def test_the_coming_end_is_announced_twice(customer: CustomerWithApprovers, name: str) -> None:
    lasts, days, expected = NOTICES[name]
    customer.approved([customer.finding()], ends_at=NOW + lasts * DAY)
    for day in days:
        run(customer, NOW + day * DAY)
    with factories.in_tenant(customer.tenant):
        rows = Notice.objects.filter(kind="exception_ending").order_by("id")
        assert [row.key.split(":")[3] for row in rows] == expected
        assert {row.person_id for row in rows} <= {customer.asker.pk}


@pytest.mark.parametrize(
    ("late", "days"), [(timedelta(), 14), (timedelta(seconds=40), 14), (timedelta(days=13, hours=1), 1)]
)
def test_a_notice_has_the_number_of_days_left(
    customer: CustomerWithApprovers, late: timedelta, days: int
) -> None:
    customer.approved([customer.finding()])
    run(customer, NOW + 16 * DAY + late)
    with factories.in_tenant(customer.tenant):
        (row,) = Notice.objects.filter(kind="exception_ending")
    assert row.body.startswith(f"1 finding will be open again in {days} day{'' if days == 1 else 's'}")


@pytest.mark.slow(seconds=1)
def test_the_notice_counts_only_findings_that_will_be_open_again(customer: CustomerWithApprovers) -> None:
    fails, passes, changes, longer = (customer.finding() for _ in range(4))
    customer.approved([fails, passes, changes, longer])
    customer.approved([longer], ends_at=NOW + 60 * DAY)
    customer.set(passes, outcome="pass", state="resolved", failing_since=None)
    customer.change(changes, "b")
    run(customer, NOW + 16 * DAY)
    with factories.in_tenant(customer.tenant):
        (row,) = Notice.objects.filter(kind="exception_ending")
    assert row.body.startswith("1 finding will be open again in 14 days")


def test_the_notice_says_when_no_finding_will_be_open_again(customer: CustomerWithApprovers) -> None:
    row = customer.finding()
    customer.approved([row])
    customer.set(row, outcome="pass", state="resolved", failing_since=None)
    run(customer, NOW + 16 * DAY)
    with factories.in_tenant(customer.tenant):
        (notice,) = Notice.objects.filter(kind="exception_ending")
    assert notice.body == "As things are now, no finding will be open again when this exception ends."


def test_the_notice_names_unknown_findings(customer: CustomerWithApprovers) -> None:
    fails, unknown, longer = (customer.finding() for _ in range(3))
    customer.approved([fails, unknown, longer])
    customer.approved([longer], ends_at=NOW + 60 * DAY)
    for row in (unknown, longer):
        customer.change(row, "b")
        customer.set(row, outcome="unknown", state="unknown", unknown_because="undecided")
    run(customer, NOW + 16 * DAY)
    with factories.in_tenant(customer.tenant):
        (notice,) = Notice.objects.filter(kind="exception_ending")
    assert notice.body.splitlines() == [
        "1 finding will be open again in 14 days.",
        "1 finding is unknown at present. If it still fails, it will be open again in 14 days.",
        "Fix the findings, or request a new exception before this exception ends.",
    ]


def test_the_notice_counts_what_an_exception_will_cover_after_its_start(
    customer: CustomerWithApprovers,
) -> None:
    customer.approved([customer.finding()], starts_at=NOW + 20 * DAY)
    run(customer, NOW + 16 * DAY)
    with factories.in_tenant(customer.tenant):
        (notice,) = Notice.objects.filter(kind="exception_ending")
    assert notice.body.startswith("1 finding will be open again in 14 days.")


# (changed columns of a finding approved with the value "a", shown state, whether the exception is returned)
VERDICTS: dict[str, tuple[dict[str, Any], str, bool]] = {
    "the same": ({}, "excepted", False),
    "passes": ({"outcome": "pass", "state": "resolved", "failing_since": None}, "resolved", False),
    "cannot be judged": (
        {"outcome": "unknown", "state": "unknown", "unknown_because": "forbidden"}, "unknown", False,
    ),
    "is gone": ({"state": "gone", "gone_at": NOW}, "gone", False),
    "another value": ({"observed_sha256": "b" * 64}, "open", True),
    "passes with another value": (
        {"outcome": "pass", "state": "resolved", "failing_since": None, "observed_sha256": "b" * 64},
        "resolved", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(VERDICTS))
def test_new_verdicts_change_what_an_exception_covers(customer: CustomerWithApprovers, name: str) -> None:
    fields, shown, returns = VERDICTS[name]
    finding, other = customer.finding(), customer.finding()
    exception = customer.approved([finding, other])
    if fields:
        customer.set(finding, **fields)
    assert customer.shown(finding) == shown
    assert run(customer) == (TransitionCounts(returned=1) if returns else TransitionCounts())
    assert customer.shown(finding) == shown
    row = customer.read(exception)
    assert (row.state, row.returned_because) == (("returned", "changed") if returns else ("active", ""))
    assert customer.shown(other) == "excepted"


def test_the_notice_says_which_value_changed(customer: CustomerWithApprovers) -> None:
    finding = customer.finding()
    exception = customer.approved([finding])
    customer.set(finding, observed={"minTlsVersion": "1.0"}, observed_sha256="b" * 64)
    run(customer)
    with factories.in_tenant(customer.tenant):
        titles = set(Notice.objects.filter(kind="exception_returned").values_list("title", flat=True))
    (title,) = titles
    assert title.startswith(f"Exception {exception.number} ")
    assert "needs a new decision: " in title
    assert "“Minimum version of TLS”" in title
    assert title.endswith(" changed")


@pytest.mark.slow(seconds=1)
def test_a_returned_exception_notifies_and_can_be_approved_again(customer: CustomerWithApprovers) -> None:
    finding, other = customer.finding(), customer.finding()
    exception = customer.approved([finding, other])
    customer.change(finding, "b")
    run(customer)
    with factories.in_tenant(customer.tenant):
        told = Notice.objects.filter(kind="exception_returned").values_list("person_id", flat=True)
        assert set(told) == {customer.asker.pk, customer.approver.pk, customer.other.pk}
        lines = TreatmentEvent.objects.filter(kind="exception_returned")
        assert [line.finding_id for line in lines] == [finding.pk]
    with person_scope(customer.approver):
        assert list(waiting_requests(customer.approver)) == [exception]
    # The other finding changes while the exception waits for a decision, so the exception is returned again.
    customer.change(other, "c")
    assert run(customer, NOW + DAY) == TransitionCounts(returned=1)
    with factories.in_tenant(customer.tenant):
        approve(exception=exception, by=customer.other, now=NOW + 2 * DAY)
    assert (exception.state, exception.decided_by) == ("active", customer.other)
    assert (exception.returned_at, exception.returned_because) == (None, "")
    assert {item.changed_at for item in customer.items(exception).values()} == {None}
    assert customer.shown(finding, NOW + 2 * DAY) == customer.shown(other, NOW + 2 * DAY) == "excepted"
    assert customer.journal() == ["requested", "approved", "returned", "returned", "approved"]


@pytest.mark.slow(seconds=1)
def test_a_value_that_changes_back_is_covered_again(customer: CustomerWithApprovers) -> None:
    finding = customer.finding("a")
    exception = customer.approved([finding])
    customer.change(finding, "b")
    run(customer)
    customer.change(finding, "a")
    assert customer.shown(finding) == "excepted"
    assert run(customer) == TransitionCounts()
    # The value differed for a while, so an approver must decide.
    assert customer.read(exception).state == "returned"


def test_a_finding_that_fails_again_with_the_approved_value_is_covered(
    customer: CustomerWithApprovers,
) -> None:
    finding = customer.finding("a")
    customer.approved([finding])
    customer.set(finding, outcome="pass", state="resolved", failing_since=None, observed_sha256="c" * 64)
    assert run(customer) == TransitionCounts()
    customer.set(finding, outcome="fail", state="open", failing_since=NOW)
    assert customer.shown(finding) == "open"
    customer.change(finding, "a")
    assert customer.shown(finding) == "excepted"


@pytest.mark.slow(seconds=1)
def test_a_rule_adds_matches_up_to_its_maximum(customer: CustomerWithApprovers) -> None:
    first = customer.finding()
    exception = customer.approved(rule=RULE, maximum=3)
    assert (exception.maximum, exception.scope) == (3, "rule")
    passing = customer.finding(outcome="pass", state="passing", failing_since=None)
    foreign = customer.finding(control="storage-other")
    second = customer.finding("b")
    assert customer.shown(second) == "open"
    assert run(customer) == TransitionCounts(extended=1, covers=1)
    assert customer.shown(second) == "excepted"
    assert customer.shown(foreign) == "open"
    item = customer.items(exception)[second.pk]
    assert (item.added_at, item.approved_sha256) == (NOW, second.observed_sha256)
    with factories.in_tenant(customer.tenant):
        entry = JournalEntry.objects.get(action="exception.extended")
    assert entry.details["bound_sha256"] == binding_digest({second.pk: second.observed_sha256})
    # Three more findings match, but the maximum allows only one more. The one that has failed the longest is added.
    late = [customer.finding(failing_since=NOW - n * DAY) for n in (1, 3, 2)]
    assert run(customer) == TransitionCounts(extended=1, returned=1, covers=1)
    row = customer.read(exception)
    assert (row.state, row.returned_because) == ("returned", "grown")
    assert [customer.shown(finding) for finding in late] == ["open", "excepted", "open"]
    assert customer.shown(first) == "excepted"
    with factories.in_tenant(customer.tenant):
        assert set(selectors.excess(exception)) == {late[0], late[2]}
        # A returned exception covers no further findings, even below its maximum.
        Finding.objects.filter(pk=second.pk).update(control="storage-other")
    assert run(customer) == TransitionCounts(left=1, covers=1)
    assert customer.shown(second) == "open"
    with factories.in_tenant(customer.tenant):
        with pytest.raises(Conflict, match="maximum of at least 4") as error:
            approve(exception=exception, by=customer.approver, now=NOW)
        assert error.value.code == "grown"
        approve(exception=exception, by=customer.approver, maximum=5, now=NOW)
    assert [customer.shown(finding) for finding in late] == ["excepted"] * 3
    customer.set(passing, outcome="fail", state="open", failing_since=NOW)
    assert run(customer) == TransitionCounts(extended=1, covers=1)
    assert len(customer.items(exception)) == 5
    assert customer.journal() == [
        "requested", "approved", "extended", "extended", "returned", "shrunk", "approved", "extended",
    ]  # fmt: skip


def test_findings_that_a_rule_no_longer_matches_are_open_again(customer: CustomerWithApprovers) -> None:
    finding = customer.finding()
    with factories.in_tenant(customer.tenant):
        Resource.objects.create(
            tenant=customer.tenant, resource_id=finding.subject, key=finding.subject_key, type="t", name="n",
            unit="u", tags={"env": "test"}, sha256="0" * 64, first_seen_at=NOW, changed_at=NOW,
        )  # fmt: skip
    exception = customer.approved(rule={"tag_name": "env", "tag_value": "test"})
    assert customer.shown(finding) == "excepted"
    with factories.in_tenant(customer.tenant):
        Resource.objects.update(tags={"env": "prod"})
    assert run(customer) == TransitionCounts(left=1, covers=1)
    assert customer.shown(finding) == "open"
    assert customer.items(exception) == {}
    with factories.in_tenant(customer.tenant):
        line = TreatmentEvent.objects.get(kind="exception_left")
    assert (line.finding_id, line.exception_id) == (finding.pk, exception.pk)


@pytest.mark.slow(seconds=1)
def test_gone_findings_are_dropped_from_a_rule_and_make_room(customer: CustomerWithApprovers) -> None:
    first = customer.finding()
    exception = customer.approved(rule=RULE)
    assert exception.maximum == 1
    customer.set(first, state="gone", gone_at=NOW)
    second = customer.finding()
    assert run(customer) == TransitionCounts(left=1, extended=1, covers=2)
    assert customer.shown(second) == "excepted"
    customer.set(first, state="open", gone_at=None)
    assert run(customer) == TransitionCounts(returned=1)
    assert (customer.shown(first), customer.shown(second)) == ("open", "excepted")


@pytest.mark.slow(seconds=1)
def test_a_rule_returned_for_its_size_is_returned_again_for_a_change(customer: CustomerWithApprovers) -> None:
    first = customer.finding()
    exception = customer.approved(rule=RULE)
    customer.finding()
    run(customer)
    assert customer.read(exception).returned_because == "grown"
    customer.change(first, "b")
    assert run(customer) == TransitionCounts(returned=1)
    assert customer.read(exception).returned_because == "changed"


RULES: dict[str, tuple[dict[str, str], int | None, str]] = {
    "no condition": ({}, 5, "at least one condition"),
    "only empty ones": ({"control": " "}, 5, "at least one condition"),
    "no such condition": ({"controls": "x"}, 5, "Unknown condition controls"),
    "no such severity": ({"severity": "grave"}, 5, "There is no severity “grave”"),
    "no such control": ({"control": "none"}, 5, "There is no control “none”"),
    "no such section": ({"section": "none"}, 5, "There is no section “none”"),
    "a value without its tag": ({"tag_value": "x"}, 5, "Enter the tag"),
    "too long": ({"control": "x" * 81}, 5, "at most 80"),
    "matches nothing, no maximum": ({"control": "aks-private"}, None, "how many"),
    "matches nothing, maximum 0": ({"control": "aks-private"}, 0, "at least one"),
    "fewer than it matches": (RULE, 1, "matches 2 findings that fail"),
}


@pytest.mark.parametrize("name", list(RULES))
def test_invalid_rules_are_refused(customer: CustomerWithApprovers, name: str) -> None:
    rule, maximum, words = RULES[name]
    customer.finding()
    customer.finding()
    with pytest.raises(InvalidInput, match=words):
        customer.ask(rule=rule, maximum=maximum)


def test_a_rule_without_matches_needs_a_maximum(customer: CustomerWithApprovers) -> None:
    exception = customer.approved(rule=RULE, maximum=1)
    assert exception.state == "active"
    finding = customer.finding()
    assert run(customer) == TransitionCounts(extended=1, covers=1)
    assert customer.shown(finding) == "excepted"


def test_a_rule_that_grew_before_the_decision_needs_a_higher_maximum(customer: CustomerWithApprovers) -> None:
    customer.finding()
    exception = customer.ask(rule=RULE)
    second = customer.finding()
    with factories.in_tenant(customer.tenant):
        with pytest.raises(Conflict, match="2 findings, which is more than the maximum of 1"):
            approve(exception=exception, by=customer.approver, now=NOW)
        approve(exception=exception, by=customer.approver, maximum=2, now=NOW)
    assert customer.shown(second) == "excepted"


def test_preview_counts_what_the_rule_matches(customer: CustomerWithApprovers) -> None:
    fails = [customer.finding(), customer.finding(), customer.finding(control="storage-other")]
    customer.finding(outcome="pass", state="passing", failing_since=None)
    customer.finding(state="gone", gone_at=NOW)
    customer.finding(section="network")
    with factories.in_tenant(customer.tenant):
        found = selectors.preview(customer.tenant, {"section": "storage"})
        assert (found.count, found.failing) == (4, 3)
        assert found.by_control == (("storage-secure-transfer", 2), ("storage-other", 1))
        assert set(found.sample) == set(fails)
        with pytest.raises(InvalidInput, match="at least one condition"):
            selectors.preview(customer.tenant, {})


@pytest.mark.slow(seconds=1)
def test_transitions_affect_one_tenant(customer: CustomerWithApprovers) -> None:
    other = CustomerWithApprovers()
    mine, foreign = customer.finding(), other.finding()
    customer.approved([mine])
    theirs = other.approved([foreign])
    assert run(customer, NOW + 30 * DAY).expired == 1
    assert other.read(theirs).state == "active"
    assert other.shown(foreign) == "excepted"
