"""Requests for exceptions, and decisions on them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from assessments.models import Finding
from portal.notify.models import Notice
from portal.queries.exceptions.inbox import waiting_requests
from portal.treatment.actions.exceptions import approve, refuse, request_exception, revoke, withdraw
from portal.treatment.actions.exceptions.request import MAX_TEXT
from portal.treatment.actions.transitions import TransitionCounts, apply_transitions
from portal.treatment.errors import NotFailing, OwnRequest, WrongState
from portal.treatment.models import ExceptionItem, FindingException, TreatmentEvent
from portal.treatment.naming import control_problem, finding_label
from portal.treatment.selectors import exceptions as selectors
from portal.treatment.selectors.exception_scope import binding_digest
from tenants import journal
from tenants.errors import Conflict, InvalidInput, PermissionDenied
from tenants.ids import uuid7
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.portal.treatment.exception_cases import DAY, NOW, REASON, CustomerWithApprovers, Scope, hash_of

State = FindingException.State


@pytest.fixture
def customer(db: None) -> CustomerWithApprovers:
    return CustomerWithApprovers()


def test_an_exception_passes_through_its_states(customer: CustomerWithApprovers) -> None:
    one, two = customer.finding("a"), customer.finding("b")
    exception = customer.ask([one, two])
    assert (exception.number, exception.state, exception.maximum) == (1, "requested", 2)
    assert customer.shown(one) == "open"
    exception = customer.approved([one, two])
    assert (exception.number, exception.state) == (2, "active")
    assert customer.shown(one) == customer.shown(two) == "excepted"
    customer.change(two, "c")
    assert (customer.shown(one), customer.shown(two)) == ("excepted", "open")
    with factories.in_tenant(customer.tenant):
        assert apply_transitions(tenant=customer.tenant, now=NOW) == TransitionCounts(returned=1)
        assert apply_transitions(tenant=customer.tenant, now=NOW) == TransitionCounts()
    assert customer.read(exception).state == "returned"
    with factories.in_tenant(customer.tenant):
        done = apply_transitions(tenant=customer.tenant, now=NOW + 30 * DAY)
    assert (done.expired, done.lapsed, done.covers) == (1, 1, 2)
    assert customer.shown(one) == "open"
    assert customer.journal() == ["requested", "requested", "approved", "returned", "lapsed", "expired"]


ACTIONS = ("approve", "refuse", "withdraw", "revoke")
# {state: the results of the actions, in the order of `ACTIONS`}. “wrong” is the error `WrongState`, other results are
# the next state.
TRANSITIONS: dict[str, tuple[str, str, str, str]] = {
    "requested": ("active", "refused", "withdrawn", "wrong"),
    "approved": ("wrong", "wrong", "wrong", "revoked"),
    "active": ("wrong", "wrong", "wrong", "revoked"),
    "returned": ("active", "refused", "wrong", "revoked"),
    "refused": ("wrong", "wrong", "wrong", "wrong"),
    "withdrawn": ("wrong", "wrong", "wrong", "wrong"),
    "expired": ("wrong", "wrong", "wrong", "wrong"),
    "revoked": ("wrong", "wrong", "wrong", "wrong"),
}


def brought_to(customer: CustomerWithApprovers, state: str) -> tuple[FindingException, Finding, datetime]:
    """Return an exception in this state, the first of its two findings, and a time at which it has this state."""
    finding, other = customer.finding("a"), customer.finding("b")
    now = NOW
    if state in ("requested", "refused", "withdrawn"):
        exception = customer.ask([finding, other])
    elif state == "approved":
        exception = customer.approved([finding, other], starts_at=NOW + DAY)
    else:
        exception = customer.approved([finding, other])
    with factories.in_tenant(customer.tenant):
        if state == "refused":
            refuse(exception=exception, by=customer.approver, note="Not with production data.", now=now)
        elif state == "withdrawn":
            withdraw(exception=exception, by=customer.asker, now=now)
        elif state == "revoked":
            revoke(exception=exception, by=customer.approver, note="It was a mistake.", now=now)
        elif state == "expired":
            now = NOW + 30 * DAY
            apply_transitions(tenant=customer.tenant, now=now)
    if state == "returned":
        customer.change(other, "c")
        with factories.in_tenant(customer.tenant):
            apply_transitions(tenant=customer.tenant, now=now)
    exception = customer.read(exception)
    assert exception.state == state
    return exception, finding, now


def act(customer: CustomerWithApprovers, action: str, exception: FindingException, now: datetime) -> None:
    with factories.in_tenant(customer.tenant):
        if action == "approve":
            approve(exception=exception, by=customer.approver, now=now)
        elif action == "refuse":
            refuse(exception=exception, by=customer.approver, note="Not with production data.", now=now)
        elif action == "withdraw":
            withdraw(exception=exception, by=customer.asker, now=now)
        else:
            revoke(exception=exception, by=customer.approver, note="It was a mistake.", now=now)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", list(TRANSITIONS))
def test_actions_are_refused_in_other_states(
    customer: CustomerWithApprovers, state: str, action: str
) -> None:
    exception, finding, now = brought_to(customer, state)
    before, expected = customer.journal(), TRANSITIONS[state][ACTIONS.index(action)]
    if expected == "wrong":
        with pytest.raises(WrongState) as error:
            act(customer, action, exception, now)
        assert error.value.fields == {"state": [state]}
        assert (customer.read(exception).state, customer.journal()) == (state, before)
    else:
        act(customer, action, exception, now)
        assert exception.state == customer.read(exception).state == expected
        word = {"active": "approved"}.get(expected, expected)
        assert customer.journal() == [*before, word]
    in_force = customer.read(exception).state in ("active", "returned")
    assert customer.shown(finding, now) == ("excepted" if in_force else "open")


def test_the_notice_of_a_refused_renewal_is_only_about_findings_that_still_fail(
    customer: CustomerWithApprovers,
) -> None:
    exception, _, now = brought_to(customer, "returned")
    act(customer, "refuse", exception, now + DAY)
    with factories.in_tenant(customer.tenant):
        notices = Notice.objects.filter(kind="exception_decided", title__endswith="was refused")
        lines = {notice.body.splitlines()[0] for notice in notices}
    assert lines == {"Findings that still fail are open again, unless another exception covers them."}


BAD_REQUESTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no reason": ({"reason": "  "}, "reason", "3 words"),
    "a dot": ({"reason": "ok."}, "reason", "3 words"),
    "a long reason": ({"reason": "many words " * 400}, "reason", "4000"),
    "no end": ({"ends_at": None}, "ends_at", "at most 180 days"),
    "ends now": ({"ends_at": NOW}, "ends_at", "in the future"),
    "ends before its start": ({"starts_at": NOW + 9 * DAY, "ends_at": NOW + 8 * DAY}, "ends_at", "after"),
    "beyond the cap": ({"ends_at": NOW + 180 * DAY + timedelta(seconds=1)}, "ends_at", "no later than 2027-05-24"),
    "beyond the cap from its start": (
        {"starts_at": NOW + 10 * DAY, "ends_at": NOW + 191 * DAY}, "ends_at", "180 days",
    ),
    "starts in the past": ({"starts_at": NOW - DAY}, "starts_at", "past"),
    "naive": ({"ends_at": (NOW + DAY).replace(tzinfo=None)}, "ends_at", "time zone"),
    "two for one": ({"scope": Scope.FINDING}, "findings", "exactly one"),
    "a rule with a list": ({"scope": Scope.RULE}, "", "not both"),
    "a list with a rule": ({"rule": {"severity": "high"}, "scope": Scope.LIST}, "", "scope"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(BAD_REQUESTS))
def test_invalid_requests_are_refused(customer: CustomerWithApprovers, name: str) -> None:
    given, field, words = BAD_REQUESTS[name]
    rows = [customer.finding(), customer.finding()]
    with pytest.raises(InvalidInput, match=words) as error:
        customer.ask(rows, **given)
    assert field in (error.value.fields or {""})
    with factories.in_tenant(customer.tenant):
        assert not FindingException.objects.exists()
    assert customer.journal() == []


def test_line_breaks_of_browsers_count_once(customer: CustomerWithApprovers) -> None:
    text = "The mail gateway\r\n" + "x" * (MAX_TEXT - 17)
    exception = customer.ask([customer.finding("a")], reason=text, compensating_control=text)
    assert exception.reason == exception.compensating_control == text.replace("\r\n", "\n")
    assert len(exception.reason) == MAX_TEXT


def test_the_maximum_duration_is_the_tenants(customer: CustomerWithApprovers) -> None:
    finding = customer.finding()
    customer.ask([finding], ends_at=NOW + 180 * DAY)
    customer.tenant.exception_cap_days = 30
    with pytest.raises(
        InvalidInput, match=r"at most 30 days. Choose an end no later than 2026-12-25 12:00 UTC"
    ):
        customer.ask([finding], ends_at=NOW + 31 * DAY)
    longer = customer.ask([finding], ends_at=NOW + 30 * DAY)
    longer.pk, longer.number, longer.ends_at = uuid7(), 99, NOW + 31 * DAY
    refused = pytest.raises(IntegrityError, match="treatment_exception_cap")
    with factories.in_tenant(customer.tenant), refused, transaction.atomic():
        longer.save(force_insert=True)


def test_only_failing_findings_can_be_excepted(customer: CustomerWithApprovers) -> None:
    fails, passes = customer.finding(), customer.finding(outcome="pass", state="passing", failing_since=None)
    gone = customer.finding(state="gone", gone_at=NOW)
    with pytest.raises(NotFailing) as error:
        customer.ask([fails, passes, gone])
    assert sorted(error.value.fields["findings"]) == sorted([finding_label(passes), finding_label(gone)])
    with pytest.raises(InvalidInput, match="at least one"):
        customer.ask([])


def test_findings_of_another_tenant_are_ignored(customer: CustomerWithApprovers) -> None:
    other = CustomerWithApprovers()
    foreign = other.finding()
    with pytest.raises(InvalidInput, match="at least one"):
        customer.ask([foreign])


def test_numbers_count_within_the_tenant(customer: CustomerWithApprovers) -> None:
    other = CustomerWithApprovers()
    finding, foreign = customer.finding(), other.finding()
    assert [customer.ask([finding]).number, other.ask([foreign]).number, customer.ask([finding]).number] == [
        1,
        1,
        2,
    ]


def test_requesters_cannot_decide(customer: CustomerWithApprovers) -> None:
    finding = customer.finding()
    exception = customer.ask([finding], by=customer.approver)
    with factories.in_tenant(customer.tenant):
        for decide in (
            lambda: approve(exception=exception, by=customer.approver, now=NOW),
            lambda: refuse(exception=exception, by=customer.approver, note="No, not at all.", now=NOW),
        ):
            with pytest.raises(OwnRequest, match="Another approver"):
                decide()
        rows = FindingException.objects.filter(pk=exception.pk)
        for state in ("active", "requested"):
            with pytest.raises(IntegrityError, match="treatment_exception_four_eyes"), transaction.atomic():
                rows.update(state=state, decided_by=customer.approver, decided_at=NOW)
        with pytest.raises(IntegrityError, match="treatment_exception_approved"), transaction.atomic():
            rows.update(state="active")
        # The approver cannot become the requester after the decision either.
        rows.update(state="active", decided_by=customer.other, decided_at=NOW)
        with pytest.raises(IntegrityError, match="by whom, does not change"), transaction.atomic():
            rows.update(requested_by=customer.other)


def test_only_the_requester_withdraws(customer: CustomerWithApprovers) -> None:
    exception = customer.ask([customer.finding()])
    with factories.in_tenant(customer.tenant), pytest.raises(PermissionDenied, match="Only the requester"):
        withdraw(exception=exception, by=customer.approver, now=NOW)


@pytest.mark.parametrize("action", [refuse, revoke])
def test_refusing_and_revoking_need_a_reason(customer: CustomerWithApprovers, action: Any) -> None:
    exception = (
        customer.ask([customer.finding()]) if action is refuse else customer.approved([customer.finding()])
    )
    with factories.in_tenant(customer.tenant), pytest.raises(InvalidInput, match="Give a reason") as error:
        action(exception=exception, by=customer.approver, note=" no ", now=NOW)
    assert list(error.value.fields) == ["note"]


def test_an_approver_shortens_and_never_lengthens(customer: CustomerWithApprovers) -> None:
    finding = customer.finding()
    exception = customer.ask([finding])
    with factories.in_tenant(customer.tenant):
        for end in (NOW + 31 * DAY, NOW, NOW - DAY):
            with pytest.raises(InvalidInput) as error:
                approve(exception=exception, by=customer.approver, ends_at=end, now=NOW)
            assert list(error.value.fields) == ["ends_at"]
        approve(exception=exception, by=customer.approver, ends_at=NOW + 7 * DAY, now=NOW)
    assert customer.read(exception).ends_at == NOW + 7 * DAY
    assert customer.shown(finding, NOW + 7 * DAY - timedelta(seconds=1)) == "excepted"
    assert customer.shown(finding, NOW + 7 * DAY) == "open"


def test_a_request_whose_end_has_passed_cannot_be_approved(customer: CustomerWithApprovers) -> None:
    exception = customer.ask([customer.finding()])
    with factories.in_tenant(customer.tenant), pytest.raises(InvalidInput, match="in the future"):
        approve(exception=exception, by=customer.approver, now=NOW + 30 * DAY)


def test_changes_since_the_page_was_shown_prevent_approval(customer: CustomerWithApprovers) -> None:
    one, two = customer.finding("a"), customer.finding("b")
    exception = customer.ask([one, two])
    with factories.in_tenant(customer.tenant):
        seen = selectors.bindable_hashes(exception)
        shown = selectors.seen_digest(exception)
    customer.change(two, "c")
    with factories.in_tenant(customer.tenant):
        differs = {item.finding_id: vars(item)["differs"] for item in selectors.items(exception)}
        assert differs == {one.pk: False, two.pk: True}
        for given in (seen, shown, {str(pk): value for pk, value in seen.items()}, "", {}):
            with pytest.raises(Conflict) as error:
                approve(exception=exception, by=customer.approver, seen=given, now=NOW)
            assert error.value.code == "changed_meanwhile"
        assert not ExceptionItem.objects.exclude(approved_sha256="").exists()
        now_seen = selectors.seen_digest(exception)
        approve(exception=exception, by=customer.approver, seen=now_seen, now=NOW)
    item = customer.items(exception)[two.pk]
    assert (item.requested_observed, item.approved_observed) == ({"value": "b"}, {"value": "c"})
    assert (item.requested_sha256, item.approved_sha256) == (hash_of("b"), hash_of("c"))
    with factories.in_tenant(customer.tenant):
        entry = journal.entries(customer.tenant).get(action="exception.approved")
    assert entry.details["bound_sha256"] == now_seen
    assert entry.details["finding_ids"] == sorted([str(one.pk), str(two.pk)])


def test_the_journal_records_the_request_and_its_findings(customer: CustomerWithApprovers) -> None:
    """Auditors can compare the register with these entries."""
    one, two = customer.finding("a"), customer.finding("b")
    exception = customer.ask([one, two], compensating_control="A firewall before it.")
    with factories.in_tenant(customer.tenant):
        entry = journal.entries(customer.tenant).get(action="exception.requested")
    assert (entry.details["reason"], entry.details["compensating_control"]) == (
        exception.reason,
        exception.compensating_control,
    )
    assert entry.details["seen_sha256"] == binding_digest({one.pk: hash_of("a"), two.pk: hash_of("b")})


def test_findings_passing_at_the_approval_are_not_bound(customer: CustomerWithApprovers) -> None:
    one, two = customer.finding("a"), customer.finding("b")
    exception = customer.ask([one, two])
    customer.set(two, outcome="pass", state="resolved", failing_since=None)
    with factories.in_tenant(customer.tenant):
        approve(exception=exception, by=customer.approver, now=NOW)
    assert customer.items(exception)[two.pk].approved_sha256 == ""
    # The second finding fails again with the requested value, but the approval did not include the finding.
    customer.set(two, outcome="fail", state="open", failing_since=NOW)
    assert customer.shown(two) == "open"
    with factories.in_tenant(customer.tenant):
        assert apply_transitions(tenant=customer.tenant, now=NOW).returned == 1
    assert customer.shown(two) == "open"
    with factories.in_tenant(customer.tenant):
        approve(exception=exception, by=customer.other, now=NOW)
    assert customer.shown(two) == "excepted"


def test_a_request_without_failing_findings_cannot_be_approved(customer: CustomerWithApprovers) -> None:
    finding = customer.finding()
    exception = customer.ask([finding])
    customer.set(finding, outcome="pass", state="resolved", failing_since=None)
    with factories.in_tenant(customer.tenant), pytest.raises(NotFailing, match="None of the findings fails"):
        approve(exception=exception, by=customer.approver, now=NOW)
    assert customer.read(exception).state == "requested"


def test_the_approval_of_unknown_findings_has_to_wait(customer: CustomerWithApprovers) -> None:
    fixed, unread = customer.finding(), customer.finding()
    exception = customer.ask([fixed, unread])
    customer.set(fixed, outcome="pass", state="resolved", failing_since=None)
    customer.set(unread, outcome="unknown", state="unknown", unknown_because="forbidden")
    with factories.in_tenant(customer.tenant), pytest.raises(NotFailing) as refused:
        approve(exception=exception, by=customer.approver, now=NOW)
    assert "some are unknown and may still fail" in refused.value.message
    assert "Refuse" not in refused.value.message
    assert customer.read(exception).state == "requested"


def test_of_two_covers_the_one_that_ends_last_applies(customer: CustomerWithApprovers) -> None:
    finding = customer.finding()
    short = customer.approved([finding], ends_at=NOW + 10 * DAY)
    long = customer.approved([finding], ends_at=NOW + 20 * DAY)
    later = customer.approved([finding], starts_at=NOW + 15 * DAY, ends_at=NOW + 40 * DAY)
    cover = customer.cover(finding)
    assert cover is not None
    assert (cover.exception_id, cover.excepted_until) == (long.pk, NOW + 20 * DAY)
    with factories.in_tenant(customer.tenant):
        revoke(exception=long, by=customer.asker, note="No longer needed here.", now=NOW)
    cover = customer.cover(finding)
    assert cover is not None
    assert cover.exception_id == short.pk
    with factories.in_tenant(customer.tenant):
        apply_transitions(tenant=customer.tenant, now=NOW + 10 * DAY)
    cover = customer.cover(finding)
    assert cover is not None
    assert cover.exception_id == later.pk
    # `later` covers the finding as soon as it starts, even if no transition is applied at that time.
    assert customer.shown(finding, NOW + 15 * DAY - timedelta(seconds=1)) == "open"
    assert customer.shown(finding, NOW + 15 * DAY) == "excepted"


def test_events_are_in_the_timeline_and_people_notified(customer: CustomerWithApprovers) -> None:
    finding = customer.finding()
    exception = customer.ask([finding])
    with factories.in_tenant(customer.tenant):
        told = set(Notice.objects.values_list("kind", "person_id"))
        assert told == {
            ("exception_requested", customer.approver.pk),
            ("exception_requested", customer.other.pk),
        }
        approve(exception=exception, by=customer.approver, note="Until the migration.", now=NOW)
        revoke(exception=exception, by=customer.other, note="The migration is done.", now=NOW + DAY)
        decided = Notice.objects.filter(kind="exception_decided").values_list("person_id", flat=True)
        ended = Notice.objects.filter(kind="exception_ended").values_list("person_id", flat=True)
        assert (list(decided), list(ended)) == ([customer.asker.pk], [customer.asker.pk])
        lines = TreatmentEvent.objects.filter(finding=finding).order_by("at", "id")
        assert [(line.kind, line.by_id, line.exception_id) for line in lines] == [
            ("exception_requested", customer.asker.pk, exception.pk),
            ("exception_approved", customer.approver.pk, exception.pk),
            ("exception_revoked", customer.other.pk, exception.pk),
        ]
        assert [line.note for line in lines] == ["", "Until the migration.", "The migration is done."]
        # A notice names the accepted problem, because the number of an exception alone tells its reader nothing.
        name = f"Exception 1 ({control_problem(finding.control)})"
        assert set(Notice.objects.values_list("title", flat=True)) == {
            f"{name} waits for your decision: 1 finding",
            f"{name} was approved",
            f"{name} was revoked",
        }


def test_a_name_says_which_problem_is_accepted(customer: CustomerWithApprovers) -> None:
    one, other = customer.finding("a"), customer.finding("b", control="storage-sas-https-only")
    with factories.in_tenant(customer.tenant):
        assert (
            selectors.name_with_problem(customer.ask([one]))
            == f"Exception 1 ({control_problem(one.control)})"
        )
        assert selectors.name_with_problem(customer.ask([one, other])) == (
            "Exception 2 (Findings of several controls)"
        )
        by_rule = customer.ask(rule={"severity": "high"}, maximum=5)
        assert selectors.name_with_problem(by_rule) == "Exception 3 (Findings that match a rule)"


def test_the_requester_is_not_asked_to_decide(customer: CustomerWithApprovers) -> None:
    customer.ask([customer.finding()], by=customer.approver)
    with factories.in_tenant(customer.tenant):
        assert set(Notice.objects.values_list("person_id", flat=True)) == {customer.other.pk}
    with person_scope(customer.approver):
        assert not waiting_requests(customer.approver).exists()


def test_owners_cannot_request_a_rule(customer: CustomerWithApprovers) -> None:
    owner = factories.member(Role.OWNER, customer.tenant)
    customer.finding()
    with person_scope(owner), pytest.raises(PermissionDenied, match="only findings that you own"):
        request_exception(
            tenant=customer.tenant, by=owner, scope=Scope.RULE, reason=REASON, rule={"severity": "high"},
            ends_at=NOW + DAY, now=NOW,
        )  # fmt: skip


def test_selectors_list_pending_and_ending_exceptions(customer: CustomerWithApprovers) -> None:
    finding = customer.finding()
    waiting = customer.ask([finding])
    active = customer.approved([finding], ends_at=NOW + 5 * DAY)
    with person_scope(customer.approver):
        counts = [
            (vars(row)["findings"], vars(row)["changed"]) for row in selectors.register(customer.tenant)
        ]
        assert counts == [(1, 0), (1, 0)]
        assert list(waiting_requests(customer.approver)) == [waiting]
        assert list(selectors.ending(customer.tenant, within=5 * DAY, now=NOW)) == [active]
        assert list(selectors.ending(customer.tenant, within=4 * DAY, now=NOW)) == []
