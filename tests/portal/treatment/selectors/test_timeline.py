"""The timeline of a finding: every item once, newest first, in pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from assessments.models import Finding
from portal.treatment.models import Comment, TreatmentEvent
from portal.treatment.selectors.timeline import Cursor, timeline
from portal.treatment.timeline import build_event, write_events
from tests import factories
from tests.portal.treatment.actions.owners.ended_assessments import assess_change
from tests.portal.treatment.findings import NOW
from tests.portal.treatment.owner_cases import customer_with_owners

PK = UUID("0193f0c0-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (f"2026-11-25T12:00:00+00:00~{PK}", True),
        (f"2026-11-25T12:00:00~{PK}", False),
        (f"0001-01-01T00:00:00+14:00~{PK}", False),
        ("2026-11-25T12:00:00+00:00~no-id", False),
        ("", False),
        ("~", False),
        ("rubbish", False),
    ],
)
def test_cursors_are_parsed_and_printed(text: str, read: bool) -> None:
    mark = Cursor.parse(text)
    assert (mark is not None) == read
    if mark is not None:
        assert mark == Cursor(datetime(2026, 11, 25, 12, tzinfo=UTC), PK)
        assert Cursor.parse(str(mark)) == mark


@pytest.mark.slow(seconds=1)
def test_pages_contain_every_item_once(db: None) -> None:
    customer = customer_with_owners()
    with factories.in_tenant(customer.tenant):
        row, other = customer.failing(number=1), customer.failing(number=2)
        assess_change(customer, row, "pass", NOW)
        for number in range(7):
            # Several items have the same time, so that some pages end between items of the same time.
            at = NOW + timedelta(minutes=number // 3)
            kind = TreatmentEvent.Kind.ACKNOWLEDGED
            write_events(
                [build_event(tenant=customer.tenant, finding_id=row.pk, by=customer.owner, at=at, kind=kind)]
            )
            Comment.objects.create(
                tenant=customer.tenant, finding=row, author=customer.owner, at=at, body="x"
            )
        Comment.objects.create(
            tenant=customer.tenant, finding=other, author=customer.owner, at=NOW, body="other"
        )
        everything = timeline(row, limit=100)
        assert len(everything.items) == 15
        assert everything.older is None
        assert [(item.at, item.pk) for item in everything.items] == sorted(
            ((item.at, item.pk) for item in everything.items), reverse=True
        )
        for most in (1, 2, 4, 15):
            assert list(pages(row, most)) == [item.pk for item in everything.items]


def pages(row: Finding, most: int) -> list[UUID]:
    found: list[UUID] = []
    before: Cursor | None = None
    while True:
        page = timeline(row, before=before, limit=most)
        assert len(page.items) <= most
        found += [item.pk for item in page.items]
        if page.older is None:
            return found
        before = page.older
