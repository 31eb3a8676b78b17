"""Digests of a tenant's rows, and the references from these rows to rows of other tenants. Tests send attacks to pages,
and find with these functions what an attack has changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from tenants.models import Tenant
from tenants.scope import current_or_none, organization_scope
from tests.isolation.raw_sql import TENANT_TABLES, sql


@cache
def tables_of_organizations() -> tuple[str, ...]:
    """Return all tables with the column `organization_id`, except the tables of tenants. PostgreSQL lists the tables,
    so a new table cannot be forgotten.
    """
    found = sql(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'organization_id'"
    )
    return tuple(sorted({str(table) for (table,) in found} - set(TENANT_TABLES)))


def fingerprints(tenant: Tenant) -> dict[str, str]:
    """Return {table: digest of all rows of the tenant and its organization}. Call this without an open scope."""
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
def _columns(kind: str) -> list[tuple[str, str, str]]:
    """Return all columns of this type in tables of customers and organizations, as (table, column, column with the id
    of the customer or organization).
    """
    owners = dict.fromkeys(tables_of_organizations(), "organization_id") | dict.fromkeys(
        TENANT_TABLES, "tenant_id"
    )
    found = sql(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND data_type = %s AND column_name NOT IN ('id', 'tenant_id', 'organization_id')",
        kind,
    )
    return sorted((table, column, owners[table]) for table, column in found if table in owners)


def references_to(tenant: Tenant, ids: Iterable[UUID], *, in_json: bool = False) -> list[tuple[str, str]]:
    """Return each (table, column) in which a row of the tenant or its organization contains one of `ids`.

    With `in_json`, search JSON columns too, except those of journals, which repeat what people have typed.
    """
    wanted = list(ids)
    searched = [(_columns("uuid"), "one.held = ANY(%s)", wanted)]
    if in_json:
        pattern: Any = "|".join(map(str, wanted))
        columns = [found for found in _columns("jsonb") if not found[0].endswith("journalentry")]
        searched.append((columns, "one.held::text ~ %s", pattern))
    parts, arguments = [], []
    for columns, condition, value in searched:
        # Read each table once for all its columns, because PostgreSQL takes long to plan many small queries.
        for (table, owner), found in groupby(columns, key=itemgetter(0, 2)):
            values = ", ".join(f"('{column}', \"{column}\")" for _, column, _ in found)
            parts.append(
                f"SELECT '{table}', one.label FROM {table}, LATERAL (VALUES {values}) one (label, held)"
                f" WHERE {table}.{owner} = %s AND {condition}"
            )
            arguments += [tenant.pk if owner == "tenant_id" else tenant.organization_id, value]
    with organization_scope(tenant.organization_id):
        return sorted(set(sql(" UNION ALL ".join(parts), *arguments)))
