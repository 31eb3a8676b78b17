"""The changes that an ended assessment found cannot be rewritten, not even with raw SQL of the application's role."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from assessments.models import Assessment, FindingChange
from tests import factories
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners

STATE = Assessment.State


@pytest.fixture
def customer(db: None) -> CustomerWithOwners:
    return customer_with_owners()


def change_in(customer: CustomerWithOwners, state: str, number: int = 1) -> FindingChange:
    """Return a change of an assessment in this state. Requires the tenant's scope."""
    now = timezone.now()
    assessment = Assessment.objects.create(
        tenant=customer.tenant,
        number=number,
        catalogue_hash="0" * 64,
        product_version="1",
        state=state,
        ended_at=None if state == STATE.RUNNING else now,
    )
    return FindingChange.objects.create(
        tenant=customer.tenant,
        finding=customer.failing(number=number, failing_since=now - timedelta(days=3)),
        assessment=assessment,
        at=now,
        before_outcome="pass",
        after_outcome="fail",
        reason="r",
    )


RESTART = """
UPDATE assessments_assessment SET state = 'running', ended_at = NULL
WHERE id = (SELECT assessment_id FROM assessments_findingchange WHERE id = %s)
"""
ATTACKS: dict[str, tuple[str, str]] = {
    "another verdict": (
        "UPDATE assessments_findingchange SET after_outcome = 'pass' WHERE id = %s",
        "remain as they are",
    ),
    "no change": ("DELETE FROM assessments_findingchange WHERE id = %s", "remain as they are"),
    "the assessment runs again": (RESTART, "does not start again"),
}


@pytest.mark.parametrize("state", [STATE.FINISHED, STATE.CANCELLED])
@pytest.mark.parametrize("attack", ATTACKS)
def test_changes_of_an_ended_assessment_remain(customer: CustomerWithOwners, attack: str, state: str) -> None:
    statement, said = ATTACKS[attack]
    with factories.in_tenant(customer.tenant):
        row = change_in(customer, state)
        with (
            pytest.raises(ProgrammingError, match=said),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [row.pk])
        row.refresh_from_db()
        assert row.after_outcome == "fail"


def test_changes_of_an_active_assessment_are_replaced_but_not_moved(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        ended, row = change_in(customer, STATE.FINISHED), change_in(customer, STATE.RUNNING, 2)
        rows: Any = FindingChange.objects.filter(pk=row.pk)
        assert rows.update(after_outcome="unknown") == 1
        with pytest.raises(ProgrammingError, match="remain as they are"), transaction.atomic():
            rows.update(assessment=ended.assessment)
        assert rows.delete()[0] == 1
