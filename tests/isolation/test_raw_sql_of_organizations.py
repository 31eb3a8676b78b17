"""Raw SQL of the application's role reaches no row of another organization, in any table of organizations.

test_raw_sql tests the same for the tables of customers.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from tenants.ids import uuid7
from tenants.scope import current_or_none, organization_scope, person_scope, tenant_scope
from tests.isolation.fingerprints import fingerprints, tables_of_organizations
from tests.isolation.foreign_kinds import complete
from tests.isolation.raw_sql import insert, sql, touched
from tests.portal.web.world import World

# Tables that contain only ids. They have no policy, because the policies of other tables read them. Instead, triggers
# refuse changes.
KEYS = {"tenants_tenantkey", "tenants_organizationkey"}
# A trigger of these tables refuses some rows before the policy does, for example because only administrators may invite
# people. So the error need not be about row-level security.
GUARDED = {
    "audit_anchor",
    "distribution_organizationreportschedule",
    "leaving_erasure",
    "tenants_invitation",
    "tenants_membership",
}

SCOPES: dict[str, Callable[[World], AbstractContextManager[Any]]] = {
    "none": lambda world: transaction.atomic(),
    "customer": lambda world: tenant_scope(world.home.pk),
    "organization": lambda world: organization_scope(world.organization),
    "owner": lambda world: person_scope(world.people["owner"]),
    "engineer": lambda world: person_scope(world.people["organization_engineer"]),
    "administrator": lambda world: person_scope(world.people["organization_administrator"]),
}


def rows_of(world: World, table: str) -> list[dict[str, Any]]:
    """Return all rows of the other organization in the table, as {column: value}."""
    owner = world.foreign.organization_id
    with organization_scope(owner):
        found = sql(f"SELECT row_to_json(t) FROM {table} t WHERE organization_id = %s", owner)
    assert found, f"give {table} a row in tests/isolation/foreign_kinds.py"
    return [row for (row,) in found]


def new_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of the row with another id. As triggers require, its author is the person of the scope."""
    scope = current_or_none()
    person = str(scope.person.pk) if scope and scope.person else None
    by: dict[str, Any] = {
        name: person for name in ("invited_by_id", "granted_by_id", "requested_by_id") if name in row
    }
    return {**row, "id": str(uuid7()), **by}


@pytest.mark.parametrize("scope", SCOPES)
def test_no_statement_reaches_another_organization(world: World, scope: str) -> None:
    complete(world)
    foreign = world.foreign.organization_id
    rows = {table: rows_of(world, table) for table in tables_of_organizations()}
    before = fingerprints(world.foreign)
    refused = set()
    with SCOPES[scope](world):
        for table in rows.keys() - KEYS:
            assert sql(f"SELECT count(*) FROM {table} WHERE organization_id = %s", foreign) == [(0,)], table
            for statement in (
                f"UPDATE {table} SET organization_id = organization_id WHERE organization_id = %s",
                f"DELETE FROM {table} WHERE organization_id = %s",
            ):
                assert touched(statement, foreign) == 0, table
            for row in rows[table]:
                with pytest.raises(DatabaseError) as error, transaction.atomic():
                    insert(table, new_row(row))
                if "row-level security" in str(error.value):
                    refused.add(table)
        for table in KEYS:
            for statement in (
                f"UPDATE {table} SET organization_id = organization_id",
                f"DELETE FROM {table}",
            ):
                with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
                    sql(f"{statement} WHERE organization_id = %s", foreign)
    assert refused >= rows.keys() - KEYS - GUARDED
    assert len(refused) >= 19
    assert fingerprints(world.foreign) == before


def test_no_row_moves_to_another_organization(world: World) -> None:
    before = fingerprints(world.foreign)
    tried = 0
    with organization_scope(world.organization):
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables_of_organizations():
            own = sql(f"SELECT count(*) FROM {table} WHERE organization_id = %s", world.organization.pk)
            if own == [(0,)]:
                continue
            tried += 1
            move = f"UPDATE {table} SET organization_id = %s WHERE organization_id = %s"
            with pytest.raises(DatabaseError), transaction.atomic():
                sql(move, world.foreign.organization_id, world.organization.pk)
    assert tried >= 20
    assert fingerprints(world.foreign) == before
