"""Functions that run raw SQL as the application's role, and the names of the tables of customers."""

import json
from typing import Any

from django.db import ProgrammingError, connection, transaction

from tenants.isolation.checks import first_party_models
from tenants.models.base import TenantOwned

TENANT_TABLES = sorted(m._meta.db_table for m in first_party_models() if issubclass(m, TenantOwned))


def sql(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def touched(statement: str, *parameters: Any) -> int:
    """Return how many rows the statement changed, or 0 if the database refused it because the table is append-only."""
    try:
        with transaction.atomic():
            return int(sql(statement, *parameters)[0][0])
    except ProgrammingError:
        return 0


def insert(table: str, row: dict[str, Any]) -> None:
    """Insert the row without its generated columns. If the statement contained these columns, PostgreSQL would refuse
    the row before it applies row-level security.
    """
    found = sql(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'",
        table,
    )
    columns = ", ".join(f'"{name}"' for (name,) in found)
    sql(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_record(NULL::{table}, %s)",
        json.dumps(row),
    )
