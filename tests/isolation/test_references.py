"""The database refuses references between tenants, for each foreign key of every model.

The tests run as the owner of the tables, in a transaction that is rolled back. They first drop NOT NULL and CHECK
constraints, so that a row needs only its id, its tenant and the key under test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock
from uuid import uuid4

import psycopg
import pytest
from django.db import connections
from django.db.models import ForeignKey, Model
from psycopg import sql

from tenants.isolation.checks import foreign_keys_between_tenant_rows
from tenants.models import Tenant, TenantKey

pytestmark = pytest.mark.django_db

KEYS = {str(field): field for field in foreign_keys_between_tenant_rows()}
MINE, FOREIGN = uuid4(), uuid4()


@pytest.fixture
def owner() -> Iterator[psycopg.Cursor[Any]]:
    """Yield a cursor of the tables' owner, with both tenants in scope. All changes are rolled back."""
    with psycopg.connect(**connections["owner"].get_connection_params()) as connection:
        cursor = psycopg.Cursor(connection)
        scope = f"{{{MINE},{FOREIGN}}}"
        cursor.execute("SELECT set_config('surety.tenants', %s, true)", [scope])
        yield cursor
        connection.rollback()


def accept_incomplete_rows(cursor: psycopg.Cursor[Any], table: str) -> None:
    """Drop the table's NOT NULL and CHECK constraints, and disable its triggers."""
    changes = cursor.execute(
        "SELECT 'ALTER COLUMN ' || quote_ident(attname) || ' DROP NOT NULL' FROM pg_attribute"
        " WHERE attrelid = %(table)s::regclass AND attnum > 0 AND attnotnull"
        " AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = attrelid AND indisprimary AND attnum = ANY (indkey))"
        " UNION ALL SELECT 'DROP CONSTRAINT ' || quote_ident(conname) FROM pg_constraint"
        " WHERE conrelid = %(table)s::regclass AND contype = 'c'",
        {"table": table},
    ).fetchall()
    for change in [*(change for (change,) in changes), "DISABLE TRIGGER USER"]:
        cursor.execute(sql.SQL("ALTER TABLE {} {}").format(sql.Identifier(table), sql.SQL(change)))


def insert(cursor: psycopg.Cursor[Any], model: type[Model], **values: object) -> None:
    cursor.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(model._meta.db_table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join([sql.Placeholder()] * len(values)),
        ),
        list(values.values()),
    )


def refer(cursor: psycopg.Cursor[Any], field: ForeignKey[Any, Any]) -> None:
    """Insert a row of FOREIGN, and a row of MINE that refers to it."""
    target = uuid4()
    insert(cursor, field.related_model, id=target, tenant_id=FOREIGN)
    insert(cursor, field.model, id=uuid4(), tenant_id=MINE, **{field.column: target})


def constraint_name(field: ForeignKey[Any, Any]) -> str:
    return f"{field.model._meta.app_label}_{field.model._meta.model_name}_{field.column}_tenant"


@pytest.mark.parametrize("key", KEYS)
def test_reference_to_a_row_of_another_tenant_is_refused(owner: psycopg.Cursor[Any], key: str) -> None:
    field = KEYS[key]
    for model in (field.model, field.related_model):
        accept_incomplete_rows(owner, model._meta.db_table)
    refer(owner, field)
    check_now = sql.SQL("SET CONSTRAINTS {} IMMEDIATE").format(sql.Identifier(constraint_name(field)))
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match=constraint_name(field)):
        owner.execute(check_now)


@pytest.mark.parametrize("key", KEYS)
def test_reference_within_the_tenant_is_accepted(owner: psycopg.Cursor[Any], key: str) -> None:
    field, target = KEYS[key], uuid4()
    for model in (field.model, field.related_model):
        accept_incomplete_rows(owner, model._meta.db_table)
    insert(owner, field.related_model, id=target, tenant_id=MINE)
    insert(owner, field.model, id=uuid4(), tenant_id=MINE, **{field.column: target})
    owner.execute(sql.SQL("SET CONSTRAINTS {} IMMEDIATE").format(sql.Identifier(constraint_name(field))))


def test_adding_a_reference_checks_existing_rows(owner: psycopg.Cursor[Any]) -> None:
    """Adding a foreign key fails because of an existing wrong row, even if row-level security hides it."""
    field = KEYS["assessments.Unit.manifest"]
    name = constraint_name(field)
    for model in (field.model, field.related_model, Tenant, TenantKey):
        accept_incomplete_rows(owner, model._meta.db_table)
        drop_foreign_keys(owner, model._meta.db_table)
    for tenant in (MINE, FOREIGN):
        insert(owner, TenantKey, tenant_id=tenant)
    refer(owner, field)
    owner.execute("SELECT set_config('surety.tenants', '', true)")
    (constraint,) = (one for one in field.model._meta.constraints if one.name == name)
    editor = Mock(quote_name=lambda text: f'"{text}"', deferred_sql=[])
    constraint.create_sql(field.model, editor)
    (statement,) = editor.deferred_sql
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match=name):
        owner.execute(str(statement).encode())


def drop_foreign_keys(cursor: psycopg.Cursor[Any], table: str) -> None:
    names = cursor.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint"
        " WHERE %s::regclass IN (conrelid, confrelid) AND contype = 'f'",
        [table],
    ).fetchall()
    for referring, name in names:
        cursor.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(
                sql.Identifier(referring), sql.Identifier(name)
            )
        )


def test_every_tenant_owned_model_with_relations_is_covered() -> None:
    assert len(KEYS) >= 30
    assert {"assessments.Unit.service_principal", "assessments.Unit.subscription"} <= set(KEYS)
    assert {"assessments.Unit.manifest", "treatment.ExceptionItem.finding"} <= set(KEYS)
