"""What is looked at once more before it is mailed: findings that were resolved, given away or covered meanwhile."""

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
from portal.treatment.actions.owner_notices import notify_overdue, notify_reopened
from portal.treatment.actions.owners import assign
from portal.treatment.models import FindingException
from tenants.models import Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.notify.mail_server import MailServer, text_and_html
from tests.portal.notify.outbox import make_mail_due, publish_event
from tests.portal.treatment.people import Place, make_place

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def place() -> Place:
    return make_place()


@pytest.fixture
def approver(place: Place) -> Person:
    return factories.member(Role.APPROVER, place.tenant)


def failing(place: Place, count: int, **given: object) -> list[Finding]:
    values = {"failing_since": timezone.now() - 10 * DAY, **given}
    return [place.failing(number, subject_name=f"account-{number:02}", **values) for number in range(count)]


def give(place: Place, rows: list[Finding], owner: Person | None) -> None:
    found = Finding.objects.filter(pk__in=[row.pk for row in rows])
    assign(tenant=place.tenant, findings=found, owner=owner, by=place.engineer)


def resolve(*rows: Finding) -> None:
    """What an assessment writes when they pass."""
    found = Finding.objects.filter(pk__in=[row.pk for row in rows])
    found.update(outcome="pass", state="resolved", failing_since=None, changed_at=timezone.now())


def go(*rows: Finding) -> None:
    """What an assessment writes when their subjects are no longer there."""
    found = Finding.objects.filter(pk__in=[row.pk for row in rows])
    found.update(state="gone", gone_at=timezone.now(), changed_at=timezone.now())


def cover(place: Place, approver: Person, *rows: Finding) -> None:
    exception = request_exception(
        tenant=place.tenant,
        by=place.engineer,
        scope=FindingException.Scope.LIST,
        reason="Until the migration.",
        findings=Finding.objects.filter(pk__in=[row.pk for row in rows]),
        ends_at=timezone.now() + 30 * DAY,
    )
    approve(exception=exception, by=approver)
    Notice.objects.exclude(kind__in=["assigned", "reopened", "overdue"]).delete()


def begin_again(place: Place, rows: list[Finding]) -> None:
    """An assessment in which they fail again, and its news."""
    now = timezone.now()
    run = Assessment.objects.create(
        tenant=place.tenant, number=1, state="finished", ended_at=now, catalogue_hash="c" * 64,
        product_version="1",
    )  # fmt: skip
    for row in rows:
        Finding.objects.filter(pk=row.pk).update(failing_since=now)
        FindingChange.objects.create(
            tenant=place.tenant, finding=row, assessment=run, at=now, before_outcome="pass",
            after_outcome="fail", reason="r",
        )  # fmt: skip
    notify_reopened(tenant=place.tenant, assessment=run)


def mailed(place: Place, mail_server: MailServer) -> tuple[str, str]:
    """Subject and text of the one mail that leaves when the digest is due."""
    make_mail_due(place.tenant)
    assert send_due(tenant_id=place.tenant.pk) == (1, 0)
    plain, html = text_and_html(mail_server.received[-1])
    for line in plain.splitlines():
        assert "account-" not in line or line.strip().lstrip("- ") in html
    return str(mail_server.received[-1]["Subject"]).removeprefix(f"{place.tenant.name}: "), plain


def notice_of_kind(tenant: Tenant, kind: str) -> Notice:
    with factories.in_tenant(tenant):
        return Notice.objects.get(kind=kind)


def test_what_no_longer_holds_is_not_mailed(place: Place, mail_server: MailServer) -> None:
    with factories.in_tenant(place.tenant):
        rows = failing(place, 14)
        give(place, rows, place.owner)
        assert len(notice_of_kind(place.tenant, "assigned").findings) == 14
        resolve(rows[0], rows[5])
        go(rows[1])
        give(place, rows[2:3], place.other)
        give(place, rows[3:4], None)
        Notice.objects.exclude(person=place.owner).delete()
    subject, text = mailed(place, mail_server)
    assert subject == "9 findings are yours now"
    assert [number for number in range(14) if f"account-{number:02}:" in text] == [4, *range(6, 14)]
    assert "more" not in text.split("--")[0]
    notice = notice_of_kind(place.tenant, "assigned")
    # The list in the portal says what was told then.
    assert (notice.state, notice.title, notice.findings) == ("sent", "14 findings are yours now", [])
    assert "and 4 more" in notice.body


def test_many_are_counted_and_the_first_named(place: Place, mail_server: MailServer) -> None:
    with factories.in_tenant(place.tenant):
        rows = failing(place, 30)
        give(place, rows, place.owner)
        resolve(*rows[:5])
    subject, text = mailed(place, mail_server)
    assert subject == "25 findings are yours now"
    assert "account-05" in text
    assert "and 15 more" in text
    assert "account-04" not in text


def test_one_that_is_left_is_named_and_can_be_acknowledged(place: Place, mail_server: MailServer) -> None:
    with factories.in_tenant(place.tenant):
        rows = failing(place, 3)
        give(place, rows, place.owner)
        resolve(*rows[:2])
    subject, text = mailed(place, mail_server)
    assert subject == "“Secure transfer is required” on account-02 is yours now"
    for page in ("finding", "finding-acknowledge"):
        assert reverse(page, args=[place.tenant.slug, rows[2].pk]) in text


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("end", [resolve, go], ids=["resolved", "gone"])
def test_where_nothing_is_left_there_is_no_mail(
    place: Place, mail_server: MailServer, end: Callable[..., None], count: int
) -> None:
    with factories.in_tenant(place.tenant):
        rows = failing(place, count)
        give(place, rows, place.owner)
        end(*rows)
    make_mail_due(place.tenant)
    assert send_due(tenant_id=place.tenant.pk) == (0, 0)
    notice = notice_of_kind(place.tenant, "assigned")
    assert (mail_server.received, notice.state, notice.error, notice.findings) == ([], "kept", OUTDATED, [])


def test_a_line_that_is_left_out_is_not_counted(place: Place, mail_server: MailServer) -> None:
    with factories.in_tenant(place.tenant):
        rows = failing(place, 4)
        give(place, rows[:2], place.owner)
        give(place, rows[2:], place.owner)
    publish_event(place.tenant, place.owner, kind="commented", title="Somebody commented")
    with factories.in_tenant(place.tenant):
        resolve(*rows[:2])
    subject, text = mailed(place, mail_server)
    assert subject == "2 notifications"
    assert "account-02" in text
    assert "account-00" not in text


def test_the_same_finding_given_twice_is_told_once(place: Place, mail_server: MailServer) -> None:
    with factories.in_tenant(place.tenant):
        rows = failing(place, 3)
        give(place, rows, place.owner)
        give(place, rows[:1], place.other)
        give(place, rows[:1], place.owner)
        Notice.objects.exclude(person=place.owner).delete()
    subject, text = mailed(place, mail_server)
    assert subject == "2 notifications"
    assert "2 findings are yours now" in text
    assert "account-00 is yours now" in text


def test_what_was_given_while_it_passed_is_still_said(place: Place, mail_server: MailServer) -> None:
    """Nothing has changed about it since."""
    with factories.in_tenant(place.tenant):
        row = failing(place, 1)[0]
        resolve(row)
        give(place, [row], place.owner)
    subject, _ = mailed(place, mail_server)
    assert subject.endswith("account-00 is yours now")


def test_what_is_overdue_by_the_policy_and_not_covered(
    place: Place, approver: Person, mail_server: MailServer
) -> None:
    with factories.in_tenant(place.tenant):
        rows = failing(place, 4, failing_since=timezone.now() - 40 * DAY)
        give(place, rows, place.owner)
        Notice.objects.all().delete()
        assert notify_overdue(tenant=place.tenant, now=timezone.now()) == 1
        cover(place, approver, *rows[:2])
        # Failed again since: another failure, which is not due yet.
        Finding.objects.filter(pk=rows[2].pk).update(failing_since=timezone.now())
    subject, text = mailed(place, mail_server)
    assert subject == "“Secure transfer is required” on account-03 is overdue"
    assert "due since" in text


def test_a_policy_that_gives_more_time(place: Place, mail_server: MailServer) -> None:
    with factories.in_tenant(place.tenant):
        give(place, failing(place, 2, failing_since=timezone.now() - 40 * DAY), place.owner)
        Notice.objects.all().delete()
        notify_overdue(tenant=place.tenant, now=timezone.now())
    with organization_scope(place.tenant.organization):
        place.tenant.due_days = {"high": 90}
        place.tenant.save()
    make_mail_due(place.tenant)
    assert send_due(tenant_id=place.tenant.pk) == (0, 0)
    assert notice_of_kind(place.tenant, "overdue").error == OUTDATED


def test_what_fails_again_is_looked_at_however_soon_it_is_mailed(
    place: Place, approver: Person, mail_server: MailServer
) -> None:
    with factories.in_tenant(place.tenant):
        rows = failing(place, 4, failing_since=timezone.now() - 3 * DAY)
        give(place, rows, place.owner)
        Notice.objects.all().delete()
        begin_again(place, rows)
        resolve(rows[0])
        cover(place, approver, rows[1])
    subject, text = mailed(place, mail_server)
    assert subject == "2 findings that you own fail again"
    assert "account-02" in text
    assert "account-01" not in text


def test_a_notice_of_an_older_version_is_mailed_as_it_is(place: Place, mail_server: MailServer) -> None:
    publish_event(place.tenant, place.owner, kind="assigned", title="5 findings are yours now", path="/my/")
    assert mailed(place, mail_server)[0] == "5 findings are yours now"


def test_as_many_queries_for_many_as_for_one(place: Place) -> None:
    with factories.in_tenant(place.tenant):
        rows = failing(place, 40, failing_since=timezone.now() - 40 * DAY)
        give(place, rows[:2], place.owner)
        counts = []
        for first in (2, 40):
            for number in range(2, first, 2):
                give(place, rows[number : number + 2], place.owner)
            notices = list(Notice.objects.filter(kind="assigned").select_related("tenant"))
            with CaptureQueriesContext(connection) as queries:
                assert len(still_valid(notices, place.tenant)) == len(notices) == first // 2
            counts.append(len(queries))
    assert counts == [2, 2]
