"""The event feed: order, cursors, late transactions, retention."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.notify.actions.prune import prune
from portal.notify.errors import CursorExpired
from portal.notify.feed import Cursor, FeedPage, read_feed
from portal.notify.models import PublishedEvent
from portal.notify.publish import Event, publish
from portal.notify.signing import event_id
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import organization_scope, tenant_scope
from tests import factories
from tests.concurrency import run_concurrently, run_in_the_middle
from tests.for_each import for_each
from tests.portal.notify.outbox import publish_event

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def read(tenant: Tenant, after: str | None = None, limit: int = 100) -> FeedPage:
    """Read the feed in a transaction of its own, as a request does."""
    with tenant_scope(tenant.pk):
        return read_feed(tenant_ids=[tenant.pk], after=after, limit=limit)


def keys(page: FeedPage) -> list[str]:
    return [(event.payload or {})["key"] for event in page.events]


def test_events_come_once_and_in_order(tenant: Tenant) -> None:
    for number in range(5):
        publish_event(tenant, key=str(number))
    first = read(tenant, limit=2)
    second = read(tenant, first.cursor, limit=2)
    third = read(tenant, second.cursor, limit=2)
    assert [keys(page) for page in (first, second, third)] == [["0", "1"], ["2", "3"], ["4"]]
    assert [page.more for page in (first, second, third)] == [True, True, False]
    assert keys(read(tenant, third.cursor)) == []
    publish_event(tenant, key="5")
    publish_event(tenant, key="0")  # An event that is published again is not a new one.
    assert keys(read(tenant, third.cursor)) == ["5"]
    assert keys(read(tenant, read(tenant, third.cursor).cursor)) == []
    assert first.events[0].pk == event_id(tenant.pk, "exception_decided", "0")


def test_latest_begins_with_later_events(tenant: Tenant) -> None:
    publish_event(tenant, key="1")
    start = read(tenant, "latest")
    assert (keys(start), start.more) == ([], False)
    publish_event(tenant, key="2")
    assert keys(read(tenant, start.cursor)) == ["2"]


def test_events_about_the_organization_are_not_in_the_feed(tenant: Tenant) -> None:
    publish_event(tenant, key="1", people_only=True)
    assert keys(read(tenant)) == []


def test_events_of_other_tenants_are_not_in_the_feed(tenant: Tenant) -> None:
    foreign = factories.tenant()
    publish_event(foreign, key="foreign")
    publish_event(tenant, key="own")
    assert keys(read(tenant)) == ["own"]
    with tenant_scope(tenant.pk):
        assert (
            read_feed(tenant_ids=[foreign.pk, tenant.pk], after=None, limit=9).events[0].tenant_id
            == tenant.pk
        )
    assert keys(read(foreign)) == ["foreign"]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_not_skipped() -> None:
    """One transaction publishes an event first, but commits it only after another event was published and read."""
    tenant = factories.tenant()
    seen: list[FeedPage] = []

    def publishes_first(let_other_run: object) -> None:
        with tenant_scope(tenant.pk):
            _publish(tenant, "early")
            assert callable(let_other_run)
            let_other_run()

    def publishes_and_reads() -> None:
        publish_event(tenant, key="late")
        seen.append(read(tenant))

    run_in_the_middle(publishes_first, publishes_and_reads)
    assert keys(seen[0]) == ["late"]
    assert keys(read(tenant, seen[0].cursor)) == ["early"]


@pytest.mark.django_db(transaction=True)
def test_only_one_reader_at_a_time_gives_positions() -> None:
    """Reading the feed gives new events their positions. Until a reader has finished, other readers wait, so they miss
    no event.
    """
    tenant, other = factories.tenant(), factories.tenant()
    publish_event(tenant, key="1")
    seen: list[FeedPage] = []

    def reads_first(let_other_run: object) -> None:
        with tenant_scope(tenant.pk):
            assert keys(read_feed(tenant_ids=[tenant.pk], after=None, limit=9)) == ["1"]
            assert callable(let_other_run)
            let_other_run()

    def publishes_and_reads() -> None:
        publish_event(other, key="2")
        publish_event(tenant, key="3")
        seen.append(read(tenant))

    run_in_the_middle(reads_first, publishes_and_reads)
    assert keys(seen[0]) == ["1", "3"]


@pytest.mark.slow(seconds=1)
@pytest.mark.django_db(transaction=True)
def test_many_publishers_and_readers_lose_nothing() -> None:
    tenant = factories.tenant()

    def publisher(number: int) -> list[str]:
        for part in range(6):
            publish_event(tenant, key=f"{number}:{part}")
        return []

    def reader() -> list[str]:
        found: list[str] = []
        page = read(tenant, limit=3)
        for _ in range(40):
            found += keys(page)
            page = read(tenant, page.cursor, limit=3)
        return found + keys(page) + keys(read(tenant, page.cursor))

    calls = [*(lambda number=number: publisher(number) for number in range(3)), reader, reader]
    *_, one, other = run_concurrently(*calls)
    rest = keys(read(tenant))
    assert len(rest) == len(set(rest)) == 18
    assert one == rest[: len(one)]
    assert other == rest[: len(other)]


def _publish(tenant: Tenant, key: str) -> None:
    event = Event(kind="exception_decided", key=key, title="Exception", path=f"/t/{tenant.slug}/exceptions/")
    publish(tenant=tenant, event=event)


@for_each(
    "text",
    ["", "x", "MTox", "1:2:3", "\x00", "é", "A" * 5000, str(Cursor(1, datetime(2026, 1, 1, tzinfo=UTC)))[:-4] + "!!",],
)  # fmt: skip
def test_other_texts_are_no_cursors(text: str) -> None:
    with pytest.raises(InvalidInput, match="cursor is invalid"):
        Cursor.parse(text)


def test_cursor_is_read_as_written() -> None:
    cursor = Cursor(12345678901, datetime(2026, 11, 28, 5, 6, 7, 890123, tzinfo=UTC))
    assert Cursor.parse(str(cursor)) == cursor


def move(tenant: Tenant, days: float, *only: str) -> None:
    """Move the times of all events, or only of the events with these keys, into the past."""
    with factories.in_tenant(tenant):
        rows = PublishedEvent.objects.filter(payload__key__in=only) if only else PublishedEvent.objects.all()
        for row in rows:
            row.positioned_at = row.positioned_at and row.positioned_at - days * DAY
            row.created_at -= days * DAY
            row.save(update_fields=["positioned_at", "created_at"])


def test_old_events_are_deleted_and_old_cursors_refused(tenant: Tenant) -> None:
    for key in ("old", "older", "standing"):
        publish_event(tenant, key=key, standing=key == "standing")
    start = read(tenant, limit=1)
    assert keys(start) == ["old"]
    move(tenant, 30.1)
    publish_event(tenant, key="new")
    assert keys(read(tenant)) == ["new"]  # Without a cursor, the feed begins with events of the last 30 days.
    assert prune(tenant_id=tenant.pk).events == 0
    cursor = Cursor.parse(start.cursor)
    assert keys(read(tenant, str(Cursor(cursor.position, cursor.at - 30.1 * DAY)))) == [
        "older",
        "standing",
        "new",
    ]
    with pytest.raises(CursorExpired, match="31 days old"):
        read(tenant, str(Cursor(cursor.position, cursor.at - 31.1 * DAY)))
    move(tenant, 2, "old", "older", "standing")
    assert prune(tenant_id=tenant.pk).events == 3
    assert prune(tenant_id=tenant.pk).events == 0
    # A standing event is published again as long as its cause exists, but must not appear in the feed a second time.
    publish_event(tenant, key="standing", standing=True)
    assert keys(read(tenant)) == ["new"]
    with factories.in_tenant(tenant):
        assert sorted(PublishedEvent.objects.values_list("payload__key", flat=True), key=str) == [None, "new"]


def test_a_cursor_stays_valid_while_it_is_used(tenant: Tenant) -> None:
    """Each reading of the feed returns a newer cursor, even if there are no new events."""
    publish_event(tenant, key="1")
    cursor = read(tenant).cursor
    renewed = read(tenant, cursor).cursor
    assert Cursor.parse(renewed).at > Cursor.parse(cursor).at
    assert Cursor.parse(renewed).position == Cursor.parse(cursor).position
    with time_machine.travel(timezone.now() + 32 * DAY, tick=False), pytest.raises(CursorExpired):
        read(tenant, cursor)


def test_events_that_nobody_reads_are_deleted_too(tenant: Tenant) -> None:
    publish_event(tenant, key="1")
    assert prune(tenant_id=tenant.pk).events == 0
    move(tenant, 32.1)
    assert prune(tenant_id=tenant.pk).events == 1


def test_a_cursor_from_before_a_restored_backup_is_refused(tenant: Tenant) -> None:
    publish_event(tenant, key="1")
    position = Cursor.parse(read(tenant).cursor).position
    ahead = str(Cursor(position + 100, Cursor.parse(read(tenant).cursor).at))
    # `ahead` stands for a cursor from before the backup was restored. It is accepted until the next event is published.
    renewed = read(tenant, ahead).cursor
    publish_event(tenant, key="2")
    for cursor in (ahead, renewed):
        with pytest.raises(CursorExpired, match="backup was restored"):
            read(tenant, cursor)


def test_positions_need_one_lock_for_all_tenants(tenant: Tenant) -> None:
    """A program can read the events of several customers in one order. This is why one lock covers the positions of all
    customers.
    """
    other = factories.tenant(tenant.organization)
    for number in range(4):
        publish_event([tenant, other][number % 2], key=str(number))

    def both(ids: Collection[UUID], after: str | None) -> FeedPage:
        with organization_scope(tenant.organization_id):
            return read_feed(tenant_ids=ids, after=after, limit=3)

    first = both([tenant.pk, other.pk], None)
    assert keys(first) == ["0", "1", "2"]
    assert keys(both([tenant.pk, other.pk], first.cursor)) == ["3"]
    assert keys(both([other.pk], None)) == ["1", "3"]


def test_the_feed_is_read_with_a_fixed_number_of_queries(tenant: Tenant) -> None:
    counts = []
    for number in (1, 30):
        for part in range(number):
            publish_event(tenant, key=f"{number}:{part}")
        with tenant_scope(tenant.pk), CaptureQueriesContext(connection) as queries:
            read_feed(tenant_ids=[tenant.pk], after=None, limit=50)
        counts.append(len(queries))
    assert counts == [5, 5]
