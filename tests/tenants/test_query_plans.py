"""`hashed_joins` prevents nested loops, which are slow on large tables without statistics."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from assessments.actions.units.finding_texts import delete_unused_texts
from portal.treatment.actions.figures.snapshots import take_snapshot
from tenants.models import Tenant
from tenants.query_plans import hashed_joins
from tenants.scope import tenant_scope
from tests import factories

# A join of two tables. PostgreSQL estimates that each of them has one row.
JOIN = """
EXPLAIN SELECT FROM (SELECT n FROM generate_series(1, 3) n LIMIT 1) a
JOIN (SELECT n FROM generate_series(1, 3) n LIMIT 1) b ON a.n = b.n
"""


def plan() -> str:
    with connection.cursor() as cursor:
        cursor.execute(JOIN)
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.django_db
def test_small_tables_are_joined_without_loops_until_the_context_is_closed() -> None:
    assert "Nested Loop" in plan()
    with hashed_joins():
        inside = plan()
    assert "Hash Join" in inside
    assert "Nested Loop" in plan()


@pytest.mark.django_db
def test_an_error_restores_the_plans() -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), hashed_joins(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert "Nested Loop" in plan()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("work", "statement"),
    [
        (lambda tenant: take_snapshot(tenant=tenant), "WITH given"),
        (lambda tenant: delete_unused_texts(tenant.pk), 'DELETE FROM "assessments_findingtext"'),
    ],
    ids=["numbers of filters", "unused texts"],
)
def test_statements_about_all_findings_are_planned_without_loops(
    work: Callable[[Tenant], object], statement: str
) -> None:
    tenant = factories.tenant()
    with tenant_scope(tenant.pk), CaptureQueriesContext(connection) as queries:
        work(tenant)
    sent = [query["sql"].strip() for query in queries.captured_queries]
    changes = [
        number for number, sql in enumerate(sent) if sql.startswith("SELECT set_config('enable_nestloop'")
    ]
    start, end = changes
    between = sent[start:end]
    assert any(sql.startswith(statement) for sql in between)
    assert not any(sql.startswith(statement) for sql in (*sent[:start], *sent[end:]))
