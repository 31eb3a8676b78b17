"""Digests of a tenant's rows, and references in these rows to other tenants' rows, for tests that attack through
pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from uuid import UUID

from tenants.models import Tenant
from tenants.scope import current_or_none, organization_scope
from tests.isolation.test_row_level_security import TENANT_TABLES, sql


@cache
def tables_of_organizations() -> tuple[str, ...]:
    """Return every table with rows of an organization, except the tables of tenants. The list follows from the models,
    so a new table cannot be forgotten.
    """
    found = sql(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'organization_id'"
    )
    return tuple(sorted({str(table) for (table,) in found} - set(TENANT_TABLES)))


def fingerprints(tenant: Tenant) -> dict[str, str]:
    """Return table -> digest of all rows of the tenant and its organization. Call it without an open scope."""
    assert current_or_none() is None
    parts = [_part(table) for table in TENANT_TABLES]
    whole = [part.replace("tenant_id", "organization_id") for part in map(_part, tables_of_organizations())]
    arguments = [tenant.pk] * len(parts) + [tenant.organization_id] * len(whole)
    with organization_scope(tenant.organization_id):
        return dict(sql(" UNION ALL ".join(parts + whole), *arguments))


def _part(table: str) -> str:
    return (
        f"SELECT '{table}', md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), ''))"
        f" FROM {table} t WHERE tenant_id = %s"
    )


@cache
def _uuid_columns() -> list[tuple[str, str]]:
    found = sql(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type = 'uuid' AND column_name NOT IN ('id', 'tenant_id')"
    )
    return sorted((table, column) for table, column in found if table in TENANT_TABLES)


def references_to(tenant: Tenant, ids: Iterable[UUID]) -> list[tuple[str, str]]:
    """Return the columns in which rows of the tenant contain one of these ids of other tenants."""
    parts = [
        f"SELECT '{table}', '{column}' FROM {table} WHERE tenant_id = %s AND {column} = ANY(%s)"
        for table, column in _uuid_columns()
    ]
    wanted = list(ids)
    arguments = [value for _ in parts for value in (tenant.pk, wanted)]
    with organization_scope(tenant.organization_id):
        return sorted(set(sql(" UNION ALL ".join(parts), *arguments)))
