"""Mails about findings that were resolved, reassigned or excepted between the event and the mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Finding, FindingChange
from portal.notify.delivery import send_due
from portal.notify.models import Notice
from portal.notify.notice_validity import OUTDATED, still_valid
from portal.treatment.actions.exceptions import approve, request_exception
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.owners.notices import notify_overdue, notify_reopened
from portal.treatment.models import FindingException
from tenants.models import Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.notify.mail_server import MailServer, text_and_html
from tests.portal.notify.outbox import make_mail_due, publish_event
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def customer() -> CustomerWithOwners:
    return customer_with_owners()


@pytest.fixture
def approver(customer: CustomerWithOwners) -> Person:
    return factories.member(Role.APPROVER, customer.tenant)


def make_failing(customer: CustomerWithOwners, count: int, **fields: object) -> list[Finding]:
    values = {"failing_since": timezone.now() - 10 * DAY, **fields}
    return [
        customer.failing(number, subject_name=f"account-{number:02}", **values) for number in range(count)
    ]


def assign_to(customer: CustomerWithOwners, rows: list[Finding], owner: Person | None) -> None:
    found = Finding.objects.filter(pk__in=[row.pk for row in rows])
    assign(tenant=customer.tenant, findings=found, owner=owner, by=customer.engineer)


def resolve(*rows: Finding) -> None:
    """Write the rows that an assessment writes when the findings pass."""
    found = Finding.objects.filter(pk__in=[row.pk for row in rows])
    found.update(outcome="pass", state="resolved", failing_since=None, changed_at=timezone.now())


def delete_resources(*rows: Finding) -> None:
    """Write the rows that an assessment writes when the resources were deleted."""
    found = Finding.objects.filter(pk__in=[row.pk for row in rows])
    found.update(state="gone", gone_at=timezone.now(), changed_at=timezone.now())


def approve_exception(customer: CustomerWithOwners, approver: Person, *rows: Finding) -> None:
    exception = request_exception(
        tenant=customer.tenant,
        by=customer.engineer,
        scope=FindingException.Scope.LIST,
        reason="Until the migration.",
        findings=Finding.objects.filter(pk__in=[row.pk for row in rows]),
        ends_at=timezone.now() + 30 * DAY,
    )
    approve(exception=exception, by=approver)
    Notice.objects.exclude(kind__in=["assigned", "reopened", "overdue"]).delete()


def fail_again(customer: CustomerWithOwners, rows: list[Finding]) -> None:
    """Record an assessment in which the findings fail again, and notify their owners."""
    now = timezone.now()
    run = Assessment.objects.create(
        tenant=customer.tenant, number=1, state="finished", ended_at=now, catalogue_hash="c" * 64,
        product_version="1",
    )  # fmt: skip
    for row in rows:
        Finding.objects.filter(pk=row.pk).update(failing_since=now)
        FindingChange.objects.create(
            tenant=customer.tenant, finding=row, assessment=run, at=now, before_outcome="pass",
            after_outcome="fail", reason="r",
        )  # fmt: skip
    notify_reopened(tenant=customer.tenant, assessment=run)


def send_digest(customer: CustomerWithOwners, mail_server: MailServer) -> tuple[str, str]:
    """Send the due digest, which is one mail; return its subject and text."""
    make_mail_due(customer.tenant)
    assert send_due(tenant_id=customer.tenant.pk) == (1, 0)
    plain, html = text_and_html(mail_server.received[-1])
    for line in plain.splitlines():
        assert "account-" not in line or line.strip().lstrip("- ") in html
    return str(mail_server.received[-1]["Subject"]).removeprefix(f"{customer.tenant.name}: "), plain


def notice_of_kind(tenant: Tenant, kind: str) -> Notice:
    with factories.in_tenant(tenant):
        return Notice.objects.get(kind=kind)


def test_a_mail_lists_only_findings_that_are_still_assigned_and_open(
    customer: CustomerWithOwners, mail_server: MailServer
) -> None:
    with factories.in_tenant(customer.tenant):
        rows = make_failing(customer, 14)
        assign_to(customer, rows, customer.owner)
        assert len(notice_of_kind(customer.tenant, "assigned").findings) == 14
        resolve(rows[0], rows[5])
        delete_resources(rows[1])
        assign_to(customer, rows[2:3], customer.other)
        assign_to(customer, rows[3:4], None)
        Notice.objects.exclude(person=customer.owner).delete()
    subject, text = send_digest(customer, mail_server)
    assert subject == "9 findings were assigned to you"
    assert [number for number in range(14) if f"account-{number:02}:" in text] == [4, *range(6, 14)]
    assert "more" not in text.split("--")[0]
    notice = notice_of_kind(customer.tenant, "assigned")
    # In the portal's list, the notice keeps its original text.
    assert (notice.state, notice.title, notice.findings) == ("sent", "14 findings were assigned to you", [])
    assert "and 4 more" in notice.body


def test_a_mail_counts_many_findings_and_names_the_first(
    customer: CustomerWithOwners, mail_server: MailServer
) -> None:
    with factories.in_tenant(customer.tenant):
        rows = make_failing(customer, 30)
        assign_to(customer, rows, customer.owner)
        resolve(*rows[:5])
    subject, text = send_digest(customer, mail_server)
    assert subject == "25 findings were assigned to you"
    assert "account-05" in text
    assert "and 15 more" in text
    assert "account-04" not in text


def test_a_single_remaining_finding_is_named_and_can_be_acknowledged(
    customer: CustomerWithOwners, mail_server: MailServer
) -> None:
    with factories.in_tenant(customer.tenant):
        rows = make_failing(customer, 3)
        assign_to(customer, rows, customer.owner)
        resolve(*rows[:2])
    subject, text = send_digest(customer, mail_server)
    assert subject == "Assigned to you: “Storage account accepts unencrypted connections” on account-02"
    for page in ("finding", "finding-acknowledge"):
        assert reverse(page, args=[customer.tenant.slug, rows[2].pk]) in text


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("end", [resolve, delete_resources], ids=["resolved", "gone"])
def test_no_mail_if_no_finding_remains(
    customer: CustomerWithOwners, mail_server: MailServer, end: Callable[..., None], count: int
) -> None:
    with factories.in_tenant(customer.tenant):
        rows = make_failing(customer, count)
        assign_to(customer, rows, customer.owner)
        end(*rows)
    make_mail_due(customer.tenant)
    assert send_due(tenant_id=customer.tenant.pk) == (0, 0)
    notice = notice_of_kind(customer.tenant, "assigned")
    assert (mail_server.received, notice.state, notice.error, notice.findings) == ([], "kept", OUTDATED, [])


def test_a_digest_counts_only_the_notices_it_contains(
    customer: CustomerWithOwners, mail_server: MailServer
) -> None:
    with factories.in_tenant(customer.tenant):
        rows = make_failing(customer, 4)
        assign_to(customer, rows[:2], customer.owner)
        assign_to(customer, rows[2:], customer.owner)
    publish_event(customer.tenant, customer.owner, kind="commented", title="Somebody commented")
    with factories.in_tenant(customer.tenant):
        resolve(*rows[:2])
    subject, text = send_digest(customer, mail_server)
    assert subject == "2 notifications"
    assert "account-02" in text
    assert "account-00" not in text


def test_a_finding_assigned_twice_is_listed_once(
    customer: CustomerWithOwners, mail_server: MailServer
) -> None:
    with factories.in_tenant(customer.tenant):
        rows = make_failing(customer, 3)
        assign_to(customer, rows, customer.owner)
        assign_to(customer, rows[:1], customer.other)
        assign_to(customer, rows[:1], customer.owner)
        Notice.objects.exclude(person=customer.owner).delete()
    subject, text = send_digest(customer, mail_server)
    assert subject == "2 notifications"
    assert "2 findings were assigned to you" in text
    assert "Assigned to you: “Storage account accepts unencrypted connections” on account-00" in text


def test_assigning_a_passing_finding_is_mailed(customer: CustomerWithOwners, mail_server: MailServer) -> None:
    """The finding passed when it was assigned, and has not changed since then, so the notice is still valid."""
    with factories.in_tenant(customer.tenant):
        row = make_failing(customer, 1)[0]
        resolve(row)
        assign_to(customer, [row], customer.owner)
    subject, _ = send_digest(customer, mail_server)
    assert subject.startswith("Assigned to you: “Secure transfer")


def test_an_overdue_mail_omits_excepted_and_newly_failing_findings(
    customer: CustomerWithOwners, approver: Person, mail_server: MailServer
) -> None:
    with factories.in_tenant(customer.tenant):
        rows = make_failing(customer, 4, failing_since=timezone.now() - 40 * DAY)
        assign_to(customer, rows, customer.owner)
        Notice.objects.all().delete()
        assert notify_overdue(tenant=customer.tenant, now=timezone.now()) == 1
        approve_exception(customer, approver, *rows[:2])
        # The finding began to fail again just now, so it is not due yet.
        Finding.objects.filter(pk=rows[2].pk).update(failing_since=timezone.now())
    subject, text = send_digest(customer, mail_server)
    assert subject == "Overdue: “Storage account accepts unencrypted connections” on account-03"
    assert "Due since" in text


def test_no_overdue_mail_after_the_policy_allows_more_time(
    customer: CustomerWithOwners, mail_server: MailServer
) -> None:
    with factories.in_tenant(customer.tenant):
        assign_to(
            customer, make_failing(customer, 2, failing_since=timezone.now() - 40 * DAY), customer.owner
        )
        Notice.objects.all().delete()
        notify_overdue(tenant=customer.tenant, now=timezone.now())
    with organization_scope(customer.tenant.organization):
        customer.tenant.due_days = {"high": 90}
        customer.tenant.save()
    make_mail_due(customer.tenant)
    assert send_due(tenant_id=customer.tenant.pk) == (0, 0)
    assert notice_of_kind(customer.tenant, "overdue").error == OUTDATED


def test_a_mail_about_reopened_findings_omits_resolved_and_excepted_ones(
    customer: CustomerWithOwners, approver: Person, mail_server: MailServer
) -> None:
    with factories.in_tenant(customer.tenant):
        rows = make_failing(customer, 4, failing_since=timezone.now() - 3 * DAY)
        assign_to(customer, rows, customer.owner)
        Notice.objects.all().delete()
        fail_again(customer, rows)
        resolve(rows[0])
        approve_exception(customer, approver, rows[1])
    subject, text = send_digest(customer, mail_server)
    assert subject == "2 findings you own fail again"
    assert "account-02" in text
    assert "account-01" not in text


def test_a_notice_without_finding_ids_is_mailed_unchanged(
    customer: CustomerWithOwners, mail_server: MailServer
) -> None:
    publish_event(
        customer.tenant, customer.owner, kind="assigned", title="5 findings were assigned to you", path="/my/"
    )
    assert send_digest(customer, mail_server)[0] == "5 findings were assigned to you"


@pytest.mark.slow(seconds=1)
def test_the_number_of_queries_does_not_grow_with_notices(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        rows = make_failing(customer, 40, failing_since=timezone.now() - 40 * DAY)
        assign_to(customer, rows[:2], customer.owner)
        counts = []
        for first in (2, 40):
            for number in range(2, first, 2):
                assign_to(customer, rows[number : number + 2], customer.owner)
            notices = list(Notice.objects.filter(kind="assigned").select_related("tenant"))
            with CaptureQueriesContext(connection) as queries:
                assert len(still_valid(notices, customer.tenant)) == len(notices) == first // 2
            counts.append(len(queries))
    assert counts == [2, 2]
