"""The policies ask for the scope once a statement: what that must not change, in raw SQL as the role.

A scope that is unset, empty or another's shows nothing and takes nothing; a plan that is kept (prepared, generic)
asks anew each time it runs; two statements of one transaction have each the scope of its own moment.
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
from tests.isolation.test_row_level_security import TENANT_TABLES, sql
from tests.portal.treatment.test_states import FAILING, make

pytestmark = pytest.mark.django_db

# What the setting can hold that names nobody: never set on this connection, left behind as '', an empty array.
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
    """Their scope by the setting alone, without the product's own code."""
    set_tenants("{" + ",".join(str(tenant.pk) for tenant in tenants) + "}")
    try:
        yield
    finally:
        set_tenants("")


@pytest.fixture
def two() -> tuple[Tenant, Tenant]:
    """Two tenants of two organizations with a finding each."""
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
def test_nobody_sees_and_writes_nothing(two: tuple[Tenant, Tenant], scope: str, table: str) -> None:
    if NOBODY[scope] is None:
        sql("RESET surety.tenants")
    set_tenants(NOBODY[scope])
    assert sql(f"SELECT count(*) FROM {table}") == [(0,)]
    assert sql(f"UPDATE {table} SET tenant_id = tenant_id") == [(0,)]
    assert sql(f"DELETE FROM {table}") == [(0,)]
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        insert_text(two[0].pk)


def test_a_foreign_scope_takes_nothing(two: tuple[Tenant, Tenant]) -> None:
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


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_no_row_moves_to_a_foreign_tenant(two: tuple[Tenant, Tenant], table: str) -> None:
    """Every table's WITH CHECK, whether it has a row here or not: the policy is asked for what it says."""
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


def test_a_finding_does_not_move(two: tuple[Tenant, Tenant]) -> None:
    mine, foreign = two
    for table in ("assessments_finding", "assessments_findingtext"):
        with only(mine), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            sql(f"UPDATE {table} SET tenant_id = %s", foreign.pk)


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan", "auto"])
def test_a_prepared_plan_asks_each_time(two: tuple[Tenant, Tenant], mode: str) -> None:
    sql(f"SET LOCAL plan_cache_mode = {mode}")
    sql("PREPARE seen AS SELECT tenant_id FROM assessments_finding")
    sql("PREPARE other (uuid) AS UPDATE assessments_finding SET reason = reason WHERE tenant_id = $1")
    try:
        # More often than the five times after which PostgreSQL may keep one plan.
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


def test_the_drivers_own_prepared_statements_ask_each_time(two: tuple[Tenant, Tenant]) -> None:
    for _ in range(8):
        for tenant in two:
            with only(tenant), connection.cursor() as cursor:
                query = "SELECT tenant_id FROM assessments_finding WHERE tenant_id <> %s"
                other: Any = cursor.cursor.execute(query, [uuid7()], prepare=True)
                assert other.fetchall() == [(tenant.pk,)]


def test_the_scope_of_a_statement_is_that_of_its_moment(two: tuple[Tenant, Tenant]) -> None:
    first, second = two
    with only(first):
        assert sql("SELECT tenant_id FROM assessments_finding") == [(first.pk,)]
        with only(second):
            assert sql("SELECT tenant_id FROM assessments_finding") == [(second.pk,)]
        assert sql("SELECT count(*) FROM assessments_finding") == [(0,)]
    with factories.in_tenant(first):
        assert list(Finding.objects.values_list("tenant_id", flat=True)) == [first.pk]


def test_a_rolled_back_scope_is_gone(two: tuple[Tenant, Tenant]) -> None:
    first, second = two
    with only(first):
        with transaction.atomic():
            set_tenants("{" + str(second.pk) + "}")
            assert sql("SELECT tenant_id FROM assessments_finding") == [(second.pk,)]
            transaction.set_rollback(True)
        assert sql("SELECT tenant_id FROM assessments_finding") == [(first.pk,)]


def test_texts_of_two_tenants_in_one_statement(two: tuple[Tenant, Tenant]) -> None:
    """The trigger runs as who writes: with both in scope each tenant gets its own text, even of the same words."""
    with only(*two):
        assert sql("UPDATE assessments_finding SET reason = 'The same.'") == [(2,)]
        rows = sql("SELECT tenant_id, key FROM assessments_findingtext WHERE text LIKE %s", "%the same.")
        assert {pk for pk, _ in rows} == {two[0].pk, two[1].pk}
        assert len(rows) == 2
        assert len({key for _, key in rows}) == 1
    for tenant in two:
        with factories.in_tenant(tenant):
            assert FindingText.objects.filter(text__endswith="the same.").count() == 1


def test_raw_inserts_and_upserts_write_texts_as_well(two: tuple[Tenant, Tenant]) -> None:
    tenant = two[0]
    # The application's role cannot COPY into a table with policies at all.
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


def test_an_organizations_scope_holds_its_own_tenants_alone(two: tuple[Tenant, Tenant]) -> None:
    with organization_scope(two[0].organization_id):
        assert sql("SELECT tenant_id FROM assessments_finding") == [(two[0].pk,)]


def test_a_condition_that_fails_on_a_foreign_row_does_not_reach_it(two: tuple[Tenant, Tenant]) -> None:
    """Else an error message would show what it stumbled over: the policy comes before what is not leakproof."""
    mine, _ = two
    with only(*two):
        sql(
            "UPDATE assessments_finding SET reason = CASE tenant_id WHEN %s THEN '1' ELSE 'secret' END",
            mine.pk,
        )
        with pytest.raises(DatabaseError, match="secret"), transaction.atomic():
            sql("SELECT count(*) FROM assessments_finding WHERE reason::int > 0")
    with only(mine):
        # What no finding says any more.
        sql("DELETE FROM assessments_findingtext WHERE text NOT LIKE %s", "%\n1")
        for mode in ("on", "off"):
            sql(f"SET LOCAL enable_seqscan = {mode}")
            assert sql("SELECT count(*) FROM assessments_finding WHERE reason::int > 0") == [(1,)]
            query = "SELECT text FROM assessments_findingtext WHERE split_part(text, chr(10), 2)::int > 0"
            assert sql(query) == [("storage-secure-transfer\n1",)]
