"""Row-level security policies read the scope once per statement. The tests show with raw SQL that this is safe.

If the scope is unset, empty or of another tenant, no rows are visible and no rows can be written. A prepared
statement reads the scope at each execution. Two statements of one transaction each use the scope at their own start.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from assessments.models import Finding, FindingText
from tenants.ids import uuid7
from tenants.models import Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.for_each import for_each
from tests.isolation.raw_sql import TENANT_TABLES, sql
from tests.portal.treatment.findings import FAILING, make

pytestmark = pytest.mark.django_db

# Values of the setting `surety.tenants` that name no existing tenant. The setting is "" after the end of a transaction.
NOBODY = {
    "unset": None,
    "left behind": "",
    "empty": "{}",
    "nobody's": "{00000000-0000-0000-0000-000000000000}",
}


def set_tenants(value: str | None) -> None:
    if value is not None:
        sql("SELECT set_config('surety.tenants', %s, true)", value)


@contextmanager
def only(*tenants: Tenant) -> Iterator[None]:
    """Set PostgreSQL's setting `surety.tenants` to these tenants, without opening a scope of `tenants.scope`."""
    set_tenants("{" + ",".join(str(tenant.pk) for tenant in tenants) + "}")
    try:
        yield
    finally:
        set_tenants("")


@pytest.fixture
def two() -> tuple[Tenant, Tenant]:
    """Two tenants of two organizations, each with a finding."""
    found = factories.tenant(), factories.tenant()
    for tenant in found:
        with factories.in_tenant(tenant):
            make(tenant, {**FAILING, "reason": f"Of {tenant.slug}."})
    return found


def insert_text(tenant_id: UUID) -> None:
    sql(
        "INSERT INTO assessments_findingtext (id, tenant_id, kind, key, text)"
        " VALUES (%s, %s, 'subject', %s, 'x')",
        uuid7(),
        tenant_id,
        uuid7(),
    )


@pytest.mark.parametrize("scope", list(NOBODY))
@pytest.mark.parametrize("table", ["assessments_finding", "assessments_findingtext"])
def test_without_a_tenant_nothing_is_visible_or_writable(
    two: tuple[Tenant, Tenant], scope: str, table: str
) -> None:
    if NOBODY[scope] is None:
        sql("RESET surety.tenants")
    set_tenants(NOBODY[scope])
    assert sql(f"SELECT count(*) FROM {table}") == [(0,)]
    assert sql(f"UPDATE {table} SET tenant_id = tenant_id") == [(0,)]
    assert sql(f"DELETE FROM {table}") == [(0,)]
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        insert_text(two[0].pk)


def test_scope_of_another_tenant_shows_nothing(two: tuple[Tenant, Tenant]) -> None:
    mine, foreign = two
    with only(mine):
        insert_text(mine.pk)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            insert_text(foreign.pk)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            sql(
                "INSERT INTO assessments_findingtext (id, tenant_id, kind, key, text)"
                " SELECT gen_random_uuid(), t.id, kind, key, text FROM assessments_findingtext,"
                " unnest(%s::uuid[]) AS t(id) ON CONFLICT DO NOTHING",
                [mine.pk, foreign.pk],
            )


@for_each("table", TENANT_TABLES)
def test_every_policy_refuses_moving_a_row_to_another_tenant(two: tuple[Tenant, Tenant], table: str) -> None:
    """The policy checks written rows (WITH CHECK) with the same expression as read rows (USING). In a table with rows
    of the tenant, the test tries to move them.
    """
    mine, foreign = two
    (checks,) = sql(
        "SELECT pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy"
        " WHERE polrelid = %s::regclass AND polcmd = '*'",
        table,
    )
    assert checks[0] == checks[1]
    assert "current_setting('surety.tenants'" in checks[1]
    with only(mine):
        (rows,) = sql(f"SELECT count(*) FROM {table}")[0]
        if rows:
            with pytest.raises(DatabaseError), transaction.atomic():
                sql(f"UPDATE {table} SET tenant_id = %s", foreign.pk)


def test_finding_cannot_move_to_another_tenant(two: tuple[Tenant, Tenant]) -> None:
    mine, foreign = two
    for table in ("assessments_finding", "assessments_findingtext"):
        with only(mine), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            sql(f"UPDATE {table} SET tenant_id = %s", foreign.pk)


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan", "auto"])
def test_prepared_statement_reads_the_scope_at_each_execution(two: tuple[Tenant, Tenant], mode: str) -> None:
    sql(f"SET LOCAL plan_cache_mode = {mode}")
    sql("PREPARE seen AS SELECT tenant_id FROM assessments_finding")
    sql("PREPARE other (uuid) AS UPDATE assessments_finding SET reason = reason WHERE tenant_id = $1")
    try:
        # After five executions of a statement, PostgreSQL may switch to a generic plan. So execute it more often.
        for _ in range(4):
            for tenant, foreign in (two, two[::-1]):
                with only(tenant):
                    assert sql("EXECUTE seen") == [(tenant.pk,)]
                    assert sql(f"EXECUTE other ('{foreign.pk}')") == [(0,)]
                    assert sql(f"EXECUTE other ('{tenant.pk}')") == [(1,)]
            assert sql("EXECUTE seen") == []
        with only(*two):
            assert {pk for (pk,) in sql("EXECUTE seen")} == {two[0].pk, two[1].pk}
    finally:
        sql("DEALLOCATE seen")
        sql("DEALLOCATE other")


def test_driver_prepared_statement_reads_the_scope_at_each_execution(two: tuple[Tenant, Tenant]) -> None:
    for _ in range(8):
        for tenant in two:
            with only(tenant), connection.cursor() as cursor:
                query = "SELECT tenant_id FROM assessments_finding WHERE tenant_id <> %s"
                other: Any = cursor.cursor.execute(query, [uuid7()], prepare=True)
                assert other.fetchall() == [(tenant.pk,)]


def test_each_statement_uses_the_scope_at_its_start(two: tuple[Tenant, Tenant]) -> None:
    first, second = two
    with only(first):
        assert sql("SELECT tenant_id FROM assessments_finding") == [(first.pk,)]
        with only(second):
            assert sql("SELECT tenant_id FROM assessments_finding") == [(second.pk,)]
        assert sql("SELECT count(*) FROM assessments_finding") == [(0,)]
    with factories.in_tenant(first):
        assert list(Finding.objects.values_list("tenant_id", flat=True)) == [first.pk]


def test_rollback_ends_the_scope(two: tuple[Tenant, Tenant]) -> None:
    first, second = two
    with only(first):
        with transaction.atomic():
            set_tenants("{" + str(second.pk) + "}")
            assert sql("SELECT tenant_id FROM assessments_finding") == [(second.pk,)]
            transaction.set_rollback(True)
        assert sql("SELECT tenant_id FROM assessments_finding") == [(first.pk,)]


def test_one_statement_writes_texts_of_two_tenants(two: tuple[Tenant, Tenant]) -> None:
    """A trigger stores the search texts of findings. Two tenants whose findings have the same text get one row each."""
    with only(*two):
        assert sql("UPDATE assessments_finding SET reason = 'The same.'") == [(2,)]
        rows = sql("SELECT tenant_id, key FROM assessments_findingtext WHERE text LIKE %s", "%the same.")
        assert {pk for pk, _ in rows} == {two[0].pk, two[1].pk}
        assert len(rows) == 2
        assert len({key for _, key in rows}) == 1
    for tenant in two:
        with factories.in_tenant(tenant):
            assert FindingText.objects.filter(text__endswith="the same.").count() == 1


def test_raw_inserts_and_upserts_write_texts(two: tuple[Tenant, Tenant]) -> None:
    tenant = two[0]
    columns = "tenant_id, id, control, section, severity, severity_rank, subject, subject_key, subject_name"
    columns += (
        ", subject_type, unit, resource_group, outcome, state, reason, expected, observed, observed_sha256"
    )
    columns += ", remarks, unknown_because, evidence, first_seen_at, changed_at"
    copied = columns.replace(", id,", ", gen_random_uuid(),").replace(" subject,", " '/Copied',")
    copied = copied.replace("subject_key", "'9'")
    copied = copied.replace("changed_at", "changed_at, failing_since")
    columns += ", failing_since"
    with only(tenant):
        # PostgreSQL refuses COPY FROM if the row-level security of the table applies to the role.
        with pytest.raises(DatabaseError, match="COPY FROM not supported"), transaction.atomic():
            sql("COPY assessments_finding FROM STDIN")
        sql(f"INSERT INTO assessments_finding ({columns}) SELECT {copied} FROM assessments_finding")
        assert sql("SELECT count(*) FROM assessments_findingtext WHERE text = '/copied'") == [(1,)]
        sql(
            f"INSERT INTO assessments_finding ({columns}) SELECT {columns} FROM assessments_finding"
            " WHERE subject = '/Copied' ON CONFLICT (tenant_id, control, subject_key)"
            " DO UPDATE SET reason = 'Said by upsert.'"
        )
        assert sql(
            "SELECT count(*) FROM assessments_findingtext WHERE text = %s",
            "storage-secure-transfer\nsaid by upsert.",
        ) == [(1,)]


def test_organization_scope_contains_only_its_own_tenants(two: tuple[Tenant, Tenant]) -> None:
    with organization_scope(two[0].organization_id):
        assert sql("SELECT tenant_id FROM assessments_finding") == [(two[0].pk,)]


def test_failing_condition_is_not_evaluated_on_rows_of_other_tenants(two: tuple[Tenant, Tenant]) -> None:
    """If a condition raises an error for a row, the message can contain a value of the row. So PostgreSQL must apply
    the policy before the condition.
    """
    mine, _ = two
    with only(*two):
        sql(
            "UPDATE assessments_finding SET reason = CASE tenant_id WHEN %s THEN '1' ELSE 'secret' END",
            mine.pk,
        )
        with pytest.raises(DatabaseError, match="secret"), transaction.atomic():
            sql("SELECT count(*) FROM assessments_finding WHERE reason::int > 0")
    with only(mine):
        # Delete the texts of former reasons, because the query below cannot convert them to numbers.
        sql("DELETE FROM assessments_findingtext WHERE text NOT LIKE %s", "%\n1")
        for mode in ("on", "off"):
            sql(f"SET LOCAL enable_seqscan = {mode}")
            assert sql("SELECT count(*) FROM assessments_finding WHERE reason::int > 0") == [(1,)]
            query = "SELECT text FROM assessments_findingtext WHERE split_part(text, chr(10), 2)::int > 0"
            assert sql(query) == [("storage-secure-transfer\n1",)]
