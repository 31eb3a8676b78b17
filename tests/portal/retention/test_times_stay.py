"""The application's role cannot make data look older than it is. Otherwise, retention would delete data too early."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from assessments.models import Assessment, EvidenceItem, ResourceVersion, Unit
from portal.reports.models import Report
from tests import factories
from tests.portal.retention.customers import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Customer:
    """A customer with evidence, versions of a resource, assessments and reports, all younger than 400 days."""
    c = Customer()
    first, second, third = (c.assessment(number, 40 - number, ["a"]) for number in (1, 2, 3))
    c.document("uncited", 39)
    c.resource("storage", [38, 37], first)
    c.report(1, 36, first), c.report(2, 35, second)
    assert third.ended_at is not None
    return c


ATTACKS = {
    "evidence": (
        "evidence",
        "UPDATE assessments_evidenceitem SET collected_at = now() - interval '3000 days'",
    ),
    "evidence replaced": (
        "evidence",
        """INSERT INTO assessments_evidenceitem SELECT * FROM assessments_evidenceitem
           ON CONFLICT (tenant_id, sha256) DO UPDATE SET collected_at = now() - interval '3000 days'""",
    ),
    "versions": ("versions", "UPDATE assessments_resourceversion SET at = at - interval '3000 days'"),
    "assessments": (
        "assessments",
        "UPDATE assessments_assessment SET ended_at = ended_at - interval '3000 days'",
    ),
    "assessments without an end": ("assessments", "UPDATE assessments_assessment SET ended_at = NULL"),
    "units": ("evidence", "UPDATE assessments_unit SET ended_at = ended_at - interval '3000 days'"),
    "units without an end": ("evidence", "UPDATE assessments_unit SET ended_at = NULL"),
    "reports": ("reports", "UPDATE reports_report SET created_at = created_at - interval '3000 days'"),
}


@pytest.mark.parametrize("attack", sorted(ATTACKS))
def test_sql_cannot_make_data_older(customer: Customer, attack: str) -> None:
    kind, statement = ATTACKS[attack]
    refused = pytest.raises(DatabaseError, match=r"become older|permission denied")
    with factories.in_tenant(customer.tenant), connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(statement)
    assert customer.rows(kind, 400) == {}


def test_running_assessment_cannot_end_before_its_request(customer: Customer) -> None:
    with factories.in_tenant(customer.tenant):
        running = Assessment.objects.create(
            tenant=customer.tenant, number=9, catalogue_hash="c" * 64, product_version="1"
        )
        rows: Any = Assessment.objects.filter(pk=running.pk)
        with pytest.raises(DatabaseError, match="become older"), transaction.atomic():
            rows.update(created_at=customer.at(3000))
        rows.update(state="finished", ended_at=customer.at(3000))
        assert rows.get().ended_at == running.created_at
        rows.update(ended_at=running.created_at + timedelta(hours=1))
        assert rows.get().ended_at == running.created_at + timedelta(hours=1)


def test_what_is_old_is_still_deleted(customer: Customer) -> None:
    assert len(customer.rows("evidence", 30)) == 4
    with factories.in_tenant(customer.tenant):
        assert EvidenceItem.objects.count() == 4
        assert (ResourceVersion.objects.count(), Report.objects.count(), Unit.objects.count()) == (2, 2, 3)
    old = customer.document("old", 401)
    assert customer.rows("evidence", 400) == {old.pk: ""}
    assert customer.delete("evidence", 400) == 1
    with factories.in_tenant(customer.tenant):
        assert EvidenceItem.objects.count() == 4
        assert not EvidenceItem.objects.filter(pk=old.pk).exists()
