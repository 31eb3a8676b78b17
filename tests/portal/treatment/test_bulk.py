"""Bulk insertion: defaults, existing rows, and values that the database refuses."""

from __future__ import annotations

import pytest
from django.db import DataError, ProgrammingError, transaction

from portal.treatment import bulk
from portal.treatment.bulk import Constant, bulk_insert
from portal.treatment.models import Treatment, TreatmentEvent
from portal.treatment.timeline import Line, write_bulk_events
from tests import factories
from tests.portal.treatment.findings import NOW
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners

KIND = TreatmentEvent.Kind.OWNER


@pytest.fixture
def customer(db: None) -> CustomerWithOwners:
    return customer_with_owners()


def test_defaults_are_set_and_existing_rows_updated(
    customer: CustomerWithOwners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "ROWS", 2)
    with factories.in_tenant(customer.tenant):
        rows = [customer.failing(number=number) for number in range(5)]
        Treatment.objects.create(tenant=customer.tenant, finding=rows[0], plan="kept")
        bulk_insert(
            Treatment,
            {
                "tenant": Constant(customer.tenant),
                "finding": [row.pk for row in rows],
                "owner": [customer.owner.pk] * 5,
                "owner_source": Constant("hand"),
                "owned_at": Constant(NOW),
                "plan": Constant("new"),
            },
            unique="finding",
            update=["owner", "owner_source", "owned_at"],
        )
        held = Treatment.objects.order_by("finding__subject_key")
        assert [row.plan for row in held] == ["kept", "new", "new", "new", "new"]
        assert {row.owner for row in held} == {customer.owner}
        assert {(row.excepted_sha256, row.acknowledged_at) for row in held} == {("", None)}
        assert len({row.pk for row in held}) == 5


def test_json_and_null_values_are_stored(customer: CustomerWithOwners) -> None:
    undo = {"owner": None, "quote": 'a"b\\c{}', "text": "ü"}
    with factories.in_tenant(customer.tenant):
        rows = [customer.failing(number=number) for number in range(2)]
        lines = [Line(rows[0].pk, "{a,b}", 'x"y', "NULL", undo), Line(rows[1].pk)]
        write_bulk_events(tenant=customer.tenant, by=customer.owner, at=NOW, kind=KIND, lines=lines)
        first, second = TreatmentEvent.objects.order_by("finding__subject_key")
        assert (first.before, first.after, first.note, first.undo) == ("{a,b}", 'x"y', "NULL", undo)
        assert (second.before, second.note, second.undo) == ("", "", None)
        assert first.by == customer.owner


def test_texts_that_are_too_long_are_refused(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        with pytest.raises(DataError), transaction.atomic():
            bulk_insert(
                Treatment,
                {
                    "tenant": Constant(customer.tenant),
                    "finding": [row.pk],
                    "owner": Constant(customer.owner),
                    "owner_source": ["much too long for it"],
                    "owned_at": Constant(NOW),
                },
            )
        assert not Treatment.objects.exists()


@pytest.mark.parametrize("columns", [{}, {"finding": [1], "plan": ["a", "b"]}], ids=["none", "uneven"])
def test_columns_of_different_lengths_are_refused(
    customer: CustomerWithOwners, columns: dict[str, list[object]]
) -> None:
    with factories.in_tenant(customer.tenant), pytest.raises(ValueError, match="the same length"):
        bulk_insert(Treatment, {"tenant": Constant(customer.tenant), **columns})


def test_row_level_security_applies(customer: CustomerWithOwners) -> None:
    """A scope of one tenant cannot write rows of another."""
    other = customer_with_owners()
    with factories.in_tenant(other.tenant):
        theirs = other.failing()
    with (
        factories.in_tenant(customer.tenant),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        bulk_insert(Treatment, {"tenant": Constant(other.tenant), "finding": [theirs.pk]})
    with factories.in_tenant(other.tenant):
        assert not Treatment.objects.exists()
