"""Raw SQL of the application's role, which bypasses managers, views and tasks, cannot reach rows of another tenant.

For every table, the database refuses a copy of another tenant's row, both with the other tenant's id and with the own
tenant's id. No statement reads, changes or deletes another tenant's row.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from tenants.ids import uuid7
from tenants.scope import organization_scope, person_scope, tenant_scope
from tests.isolation.fingerprints import fingerprints
from tests.isolation.foreign_kinds import complete
from tests.isolation.raw_sql import TENANT_TABLES, insert, sql, touched
from tests.portal.web.world import World

# Only a trigger writes rows of this table. The application's role may not write any, not even of its own tenant.
WRITTEN_BY_TRIGGER = "reports_deletedreport"
WRITTEN_TABLES = [table for table in TENANT_TABLES if table != WRITTEN_BY_TRIGGER]


@pytest.fixture(autouse=True)
def rows_in_every_table(world: World) -> None:
    complete(world)


def rows_of(world: World, table: str) -> list[dict[str, Any]]:
    """Return a list with one row of the other tenant, as {column: value}."""
    with organization_scope(world.foreign.organization_id):
        found = sql(f"SELECT row_to_json(t) FROM {table} t WHERE tenant_id = %s LIMIT 1", world.foreign.pk)
    assert found, f"give {table} a row in tests/isolation/foreign_kinds.py"
    return [row for (row,) in found]


# The error of row-level security. In the table of the journal, a trigger fails earlier: it sees no entries of the other
# tenant, so it counts 0.
REFUSED = "row-level security|the journal has 0 entries"


@pytest.mark.parametrize("table", WRITTEN_TABLES)
def test_a_row_of_another_tenant_cannot_be_written(world: World, table: str) -> None:
    for row in rows_of(world, table):
        before = fingerprints(world.foreign)
        copy = {**row, "id": str(uuid7())} if "id" in row else row
        with (
            tenant_scope(world.home.pk),
            pytest.raises(DatabaseError, match=REFUSED),
            transaction.atomic(),
        ):
            insert(table, copy)
        with tenant_scope(world.home.pk):
            assert sql(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", world.foreign.pk) == [(0,)]
        assert fingerprints(world.foreign) == before


def test_records_of_deleted_reports_cannot_be_written(world: World) -> None:
    for privilege in ("INSERT", "UPDATE", "DELETE"):
        assert sql("SELECT has_table_privilege(%s, %s)", WRITTEN_BY_TRIGGER, privilege) == [(False,)], (
            privilege
        )


def keys_to_tenant_rows() -> list[tuple[str, str]]:
    """Return (table, column) of every foreign key that also compares the tenant."""
    found = sql(
        "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c"
        " JOIN LATERAL unnest(c.conkey) k(n) ON true"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n"
        " WHERE c.contype = 'f' AND cardinality(c.conkey) = 2 AND a.attname <> 'tenant_id'"
    )
    return [(table, column) for table, column in found if table in TENANT_TABLES]


def test_a_row_cannot_refer_to_a_row_of_another_tenant(world: World) -> None:
    """If a copied row of the other tenant gets the own tenant's id, it still refers to other rows of the other tenant.
    Composite foreign keys refuse such a row.
    """
    tried = 0
    for table, column in sorted(set(keys_to_tenant_rows())):
        for row in rows_of(world, table):
            if row.get(column) is None or column == "organization_id":
                continue
            tried += 1
            copy = {**row, "tenant_id": str(world.home.pk)} | ({"id": str(uuid7())} if "id" in row else {})
            with tenant_scope(world.home.pk):
                sql("SET CONSTRAINTS ALL IMMEDIATE")
                with pytest.raises(DatabaseError), transaction.atomic():
                    insert(table, copy)
    assert tried >= 15


@pytest.mark.parametrize("role", ["owner", "auditor", "tenant_administrator", "organization_administrator"])
def test_no_statement_of_a_person_reaches_another_tenant(world: World, role: str) -> None:
    before = fingerprints(world.foreign)
    with person_scope(world.people[role]):
        for table in TENANT_TABLES:
            foreign = world.foreign.pk
            assert sql(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", foreign) == [(0,)], table
            for statement in (
                f"UPDATE {table} SET tenant_id = tenant_id WHERE tenant_id = %s",
                f"DELETE FROM {table} WHERE tenant_id = %s",
            ):
                assert touched(statement, foreign) == 0, table
    assert fingerprints(world.foreign) == before


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "ALTER ROLE CURRENT_USER BYPASSRLS",
        "ALTER ROLE CURRENT_USER SET session_replication_role = replica",
        "SET session_replication_role = replica",
        # This statement would set the scope of each later connection.
        "ALTER ROLE CURRENT_USER SET surety.tenants = '{018f9d6e-0000-7000-8000-000000000001}'",
        "ALTER TABLE tenants_tenant DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE tenants_journalentry DISABLE TRIGGER ALL",
        "GRANT pg_read_all_data TO CURRENT_USER",
        "CREATE SCHEMA other",
        "CREATE FUNCTION public.current_setting(text, boolean) RETURNS text LANGUAGE sql AS 'SELECT 1'",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
def test_the_role_cannot_free_itself_from_the_policies(world: World, statement: str) -> None:
    """PostgreSQL lets every role change some settings of its own connections, but refuses each of these statements."""
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
        sql(statement)


def test_without_row_security_protected_tables_cannot_be_read_at_all(world: World) -> None:
    with transaction.atomic():
        sql("SET LOCAL row_security = off")
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            sql("SELECT count(*) FROM tenants_journalentry")
