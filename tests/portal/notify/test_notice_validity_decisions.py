"""Mails about exceptions and attestations that were decided, extended or withdrawn between the event and the mail."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.controls.registry import catalogue, is_bound
from assessments.models import Finding
from portal.notify.actions.preferences import set_preferences
from portal.notify.delivery import send_due
from portal.notify.kinds import KINDS
from portal.notify.models import Notice
from portal.notify.notice_validity import OUTDATED, still_valid
from portal.treatment.actions.attestations.attest import attest, withdraw_attestation
from portal.treatment.actions.exceptions import (
    add_exception_comment,
    approve,
    refuse,
    request_exception,
    revoke,
)
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.transitions import apply_transitions
from portal.treatment.models import FindingException
from tenants.models import Person
from tenants.roles import Role
from tests import factories
from tests.portal.notify.mail_server import MailServer
from tests.portal.notify.outbox import make_mail_due, publish_event
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
BOUND = next(slug for slug in sorted(catalogue()) if is_bound(slug))


@pytest.fixture
def customer() -> CustomerWithOwners:
    """A customer with findings and people. The fixture `approver` sets the people's preferences to daily digests."""
    return customer_with_owners()


@pytest.fixture
def approver(customer: CustomerWithOwners) -> Person:
    who = factories.member(Role.APPROVER, customer.tenant, factories.person("approver@example.com"))
    with factories.in_tenant(customer.tenant):
        for person in (who, customer.owner, customer.engineer):
            set_preferences(
                person=person, tenants=[customer.tenant], deliveries=dict.fromkeys(KINDS, "daily")
            )
    return who


def failing(customer: CustomerWithOwners, number: int = 0) -> Finding:
    row = customer.failing(number, failing_since=timezone.now() - 2 * DAY)
    assign(
        tenant=customer.tenant,
        findings=Finding.objects.filter(pk=row.pk),
        owner=customer.owner,
        by=customer.engineer,
    )
    return row


def request(
    customer: CustomerWithOwners, row: Finding, *, by: Person | None = None, days: float = 60
) -> FindingException:
    return request_exception(
        tenant=customer.tenant,
        by=by or customer.owner,
        scope=FindingException.Scope.FINDING,
        reason="Until the migration.",
        findings=Finding.objects.filter(pk=row.pk),
        ends_at=timezone.now() + days * DAY,
    )


def send_mails(customer: CustomerWithOwners) -> dict[tuple[str, str], tuple[str, str]]:
    """Send all due mails; return {(kind, email): (state, error)} of the notices."""
    make_mail_due(customer.tenant)
    send_due(tenant_id=customer.tenant.pk)
    with factories.in_tenant(customer.tenant):
        rows = Notice.objects.exclude(kind="assigned").select_related("person")
        return {(row.kind, row.person.email): (row.state, row.error) for row in rows}


SENT, NOT_MAILED = ("sent", ""), ("kept", OUTDATED)


@pytest.mark.slow(seconds=1)
def test_a_decided_request_is_not_mailed_to_approvers(
    customer: CustomerWithOwners, approver: Person, mail_server: MailServer
) -> None:
    second = factories.member(Role.APPROVER, customer.tenant)
    with factories.in_tenant(customer.tenant):
        waits, decided = request(customer, failing(customer)), request(customer, failing(customer, 1))
        refuse(exception=decided, by=second, note="Fix it this week.")
        kept = Notice.objects.get(key=f"exception:{waits.pk}:requested", person=approver)
        gone = Notice.objects.get(key=f"exception:{decided.pk}:requested", person=approver)
    found = send_mails(customer)
    with factories.in_tenant(customer.tenant):
        kept.refresh_from_db()
        gone.refresh_from_db()
    assert (kept.state, gone.state, gone.error) == ("sent", "kept", OUTDATED)
    assert found["exception_decided", customer.owner.email] == SENT


@pytest.mark.slow(seconds=1)
def test_a_revoked_or_extended_exception_is_not_mailed_as_ending(
    customer: CustomerWithOwners, approver: Person, mail_server: MailServer
) -> None:
    with factories.in_tenant(customer.tenant):
        exceptions = [request(customer, failing(customer, number), days=20) for number in range(3)]
        for exception in exceptions:
            approve(exception=exception, by=approver)
        later = timezone.now() + 8 * DAY
        apply_transitions(tenant=customer.tenant, now=later)
        revoke(exception=exceptions[0], by=approver, note="No longer needed here.")
        # The value of the second exception's finding changes, so this exception is returned. It is approved again with
        # another end.
        Finding.objects.filter(subject="/subscriptions/x/1").update(observed_sha256="c" * 64)
        apply_transitions(tenant=customer.tenant)
        approve(
            exception=FindingException.objects.get(pk=exceptions[1].pk),
            by=approver,
            ends_at=timezone.now() + 5 * DAY,
        )
        notices = Notice.objects.filter(kind="exception_ending", person=customer.owner)
        assert notices.count() == 3
    send_mails(customer)
    with factories.in_tenant(customer.tenant):
        states = {
            notice.key.split(":")[1]: (notice.state, notice.error)
            for notice in Notice.objects.filter(kind="exception_ending", person=customer.owner)
        }
    assert [states[str(exception.pk)] for exception in exceptions] == [NOT_MAILED, NOT_MAILED, SENT]


@pytest.mark.slow(seconds=1)
def test_people_who_can_no_longer_view_an_exception_are_not_mailed(
    customer: CustomerWithOwners, approver: Person, mail_server: MailServer
) -> None:
    """The finding is reassigned. Then its previous owner can no longer view the exception, but the requester can."""
    with factories.in_tenant(customer.tenant):
        row = failing(customer)
        exception = request(customer, row, by=customer.engineer, days=20)
        approve(exception=exception, by=approver)
        apply_transitions(tenant=customer.tenant, now=timezone.now() + 8 * DAY)
        given = Finding.objects.filter(pk=row.pk)
        assign(tenant=customer.tenant, findings=given, owner=customer.other, by=customer.engineer)
    found = send_mails(customer)
    assert found["exception_ending", customer.owner.email] == NOT_MAILED
    assert found["exception_ending", customer.engineer.email] == SENT


@pytest.mark.slow(seconds=1)
def test_a_comment_does_not_reach_people_who_can_no_longer_view_the_exception(
    customer: CustomerWithOwners, approver: Person, mail_server: MailServer
) -> None:
    """The finding is reassigned before the approver comments. Then the previous owner can no longer view the
    exception, but the new owner and the requester can.
    """
    with factories.in_tenant(customer.tenant):
        row = failing(customer)
        exception = request(customer, row, by=customer.engineer)
        for person in (customer.owner, customer.other):
            add_exception_comment(exception=exception, by=person, body="Which partner?")
        assert commented_notices() == {(customer.engineer, 2), (customer.owner, 1)}
        given = Finding.objects.filter(pk=row.pk)
        assign(tenant=customer.tenant, findings=given, owner=customer.other, by=customer.engineer)
        add_exception_comment(exception=exception, by=approver, body="Not for partners.")
        assert commented_notices() == {(customer.engineer, 3), (customer.owner, 1), (customer.other, 1)}
    found = send_mails(customer)
    assert found["exception_commented", customer.owner.email] == NOT_MAILED
    assert found["exception_commented", customer.other.email] == SENT
    assert found["exception_commented", customer.engineer.email] == SENT


def commented_notices() -> set[tuple[Person, int]]:
    """Return the people who have notices about comments, with the number of these notices."""
    rows = Notice.objects.filter(kind="exception_commented").select_related("person")
    return set(Counter(row.person for row in rows).items())


@pytest.mark.slow(seconds=1)
def test_a_returned_exception_is_not_mailed_after_a_new_decision(
    customer: CustomerWithOwners, approver: Person, mail_server: MailServer
) -> None:
    with factories.in_tenant(customer.tenant):
        rows = [failing(customer, number) for number in range(2)]
        for row in rows:
            approve(exception=request(customer, row), by=approver)
        Finding.objects.update(observed_sha256="c" * 64)
        apply_transitions(tenant=customer.tenant)
        first, second = FindingException.objects.order_by("number")
        approve(exception=first, by=approver)
    send_mails(customer)
    with factories.in_tenant(customer.tenant):
        states = {
            notice.key.split(":")[1]: notice.state
            for notice in Notice.objects.filter(kind="exception_returned", person=customer.owner)
        }
    assert states == {str(first.pk): "kept", str(second.pk): "sent"}


def answer(
    customer: CustomerWithOwners, number: int, days: float, *, now: datetime, **fields: object
) -> Finding:
    row = customer.manual(number, **fields)
    attest(
        finding=row,
        by=customer.engineer,
        met=True,
        statement="Looked.",
        valid_until=now + days * DAY,
        now=now,
    )
    return row


def test_a_replaced_or_withdrawn_attestation_is_not_mailed_as_expiring(
    customer: CustomerWithOwners, approver: Person, mail_server: MailServer
) -> None:
    now = timezone.now()
    with factories.in_tenant(customer.tenant):
        stands, anew, withdrawn = (answer(customer, number, 100, now=now) for number in (10, 11, 12))
        apply_transitions(tenant=customer.tenant, now=now + 90 * DAY)
        assert Notice.objects.filter(kind="attestation_due").count() == 3
        attest(
            finding=anew, by=customer.engineer, met=True, statement="Looked again.",
            valid_until=now + 200 * DAY, now=now + 91 * DAY,
        )  # fmt: skip
        answered = Finding.objects.select_related("treatment__attestation").get(pk=withdrawn.pk)
        withdraw_attestation(attestation=answered.treatment.attestation, by=customer.engineer)
    send_mails(customer)
    with factories.in_tenant(customer.tenant):
        rows = Notice.objects.filter(kind="attestation_due").values_list("finding_id", "state", "error")
        states = {finding: (state, error) for finding, state, error in rows}
    assert states == {stands.pk: SENT, anew.pk: NOT_MAILED, withdrawn.pk: NOT_MAILED}


def test_an_attestation_is_not_mailed_as_expired_if_the_value_changed_back(
    customer: CustomerWithOwners, approver: Person, mail_server: MailServer
) -> None:
    now = timezone.now()
    with factories.in_tenant(customer.tenant):
        back, stands = (answer(customer, number, 300, now=now, control=BOUND) for number in (20, 21))
        Finding.objects.filter(pk__in=[back.pk, stands.pk]).update(observed_sha256="b" * 64)
        apply_transitions(tenant=customer.tenant, now=now)
        Finding.objects.filter(pk=back.pk).update(observed_sha256="a" * 64)
    send_mails(customer)
    with factories.in_tenant(customer.tenant):
        rows = Notice.objects.filter(kind="attestation_lapsed").values_list("finding_id", "state")
        assert dict(rows) == {back.pk: "kept", stands.pk: "sent"}


def test_a_notice_without_an_exception_id_is_mailed_unchanged(
    customer: CustomerWithOwners, approver: Person, mail_server: MailServer
) -> None:
    for key in ("1", "exception:no id:requested", "test:exception"):
        publish_event(customer.tenant, approver, kind="exception_requested", key=key)
    assert set(send_mails(customer).values()) == {SENT}


@pytest.mark.slow(seconds=1)
def test_the_number_of_queries_does_not_grow_with_notices(
    customer: CustomerWithOwners, approver: Person
) -> None:
    counts = []
    with factories.in_tenant(customer.tenant):
        for numbers in ([0], range(1, 9)):
            for number in numbers:
                request(customer, failing(customer, number))
            notices = list(
                Notice.objects.filter(kind="exception_requested", person=approver).select_related("person")
            )
            with CaptureQueriesContext(connection) as queries:
                assert len(still_valid(notices, customer.tenant)) == len(notices)
            counts.append((len(notices), len(queries)))
    assert counts == [(1, 2), (9, 2)]
