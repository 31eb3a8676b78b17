"""The changes of a test to its copy of a database do not reach the next test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from portal.embedded import Postgres
from portal.embedded.postgres import ADMIN
from portal.owner_db import allow_owner
from portal.settings.database import EMBEDDED_POSTGRES
from tenants.models import Membership, Person
from tests import factories
from tests.databases import databases, drop_database, owner_sql
from tests.portal.web.world import World
from tests.restored_copy import SEQUENCES, TABLES, RestoredCopy

pytestmark = pytest.mark.skipif(not EMBEDDED_POSTGRES, reason="only the embedded server has a superuser")
NAME, SOURCE = "test_surety_restored", "test_surety_restored_source"


def connect(name: str) -> psycopg.Connection[Any]:
    parameters = {**Postgres(settings.EMBEDDED_HOME).connection(ADMIN), "dbname": name}
    return psycopg.connect(**parameters, autocommit=True)


def contents(name: str) -> dict[str, Any]:
    """Return the sorted rows of all tables, and the values of sequences."""
    with connect(name) as admin:
        found: dict[str, Any] = {"sequences": sorted(admin.execute(SEQUENCES).fetchall())}
        for (table,) in admin.execute(TABLES).fetchall():
            rows = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))
            found[table] = sorted(row for (row,) in admin.execute(rows).fetchall())
        return found


@pytest.mark.slow(seconds=1)
def test_inserted_changed_and_deleted_rows_are_undone(committed_world: World) -> None:
    name, source = databases.names["copy"], databases.names["world"]
    before = contents(source)
    assert contents(name) == before
    for _ in range(2):  # The second time, change tables whose rows have already been restored.
        factories.person("somebody@restored.example")
        Person.objects.filter(pk=committed_world.people["auditor"].pk).update(name="Somebody else")
        with factories.in_tenant(committed_world.home):
            assert Membership.objects.filter(person=committed_world.people["owner"]).delete()[0] > 0
        assert contents(name) != before
        databases.use_copy("world")
        assert contents(name) == before


@pytest.fixture
def small(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[[str, str], None]]:
    """Make a small database, and a restored copy of it; return a function that runs a statement in either."""
    with connect("postgres") as admin:
        for name in (NAME, SOURCE):
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.execute(f"CREATE DATABASE {SOURCE}")
        with connect(SOURCE) as source:
            source.execute("CREATE TABLE one (id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, word text)")
            source.execute("CREATE TABLE two (id int REFERENCES one)")
            source.execute("INSERT INTO one (word) VALUES ('a'), ('b')")
            source.execute("INSERT INTO two VALUES (1)")
        admin.execute(f"CREATE DATABASE {NAME} TEMPLATE {SOURCE}")
        yield lambda name, statement: connect(name).execute(statement).connection.close()
        for name in (NAME, SOURCE):
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.mark.parametrize(
    "statements",
    [
        ["INSERT INTO one (word) VALUES ('c')"],
        ["UPDATE one SET word = 'c'"],
        ["DELETE FROM two", "DELETE FROM one WHERE word = 'a'"],
        ["DELETE FROM two", "DELETE FROM one", "INSERT INTO one (word) VALUES ('a'), ('b')"],
        ["UPDATE one SET word = 'c'", "UPDATE one SET word = 'a' WHERE id = 1"],
    ],
)
def test_rows_and_sequences_are_restored(small: Callable[[str, str], None], statements: list[str]) -> None:
    copy, before = RestoredCopy(NAME, SOURCE), contents(SOURCE)
    for _ in range(2):
        for statement in statements:
            small(NAME, statement)
        assert contents(NAME) != before
        assert copy.restore() is True
        assert contents(NAME) == before


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE three (id int)",
        "DROP TABLE two",
        "ALTER TABLE one ADD COLUMN more int",
        "ALTER TABLE one ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY p ON one USING (true)",
        "ALTER TABLE two DROP CONSTRAINT two_id_fkey",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "TRUNCATE one, two",
    ],
)
def test_a_changed_schema_needs_a_new_copy(small: Callable[[str, str], None], statement: str) -> None:
    copy = RestoredCopy(NAME, SOURCE)
    assert copy.restore() is True
    small(NAME, statement)
    assert copy.restore() is False


def test_sessions_that_would_wait_or_write_later_are_ended(small: Callable[[str, str], None]) -> None:
    copy, before = RestoredCopy(NAME, SOURCE), contents(SOURCE)
    with connect(NAME) as left:
        left.autocommit = False
        left.execute("UPDATE one SET word = 'c'")
        assert copy.restore() is True
        with pytest.raises(psycopg.OperationalError):
            left.execute("SELECT 1")
    assert contents(NAME) == before


def test_a_database_is_dropped_once_a_session_of_the_superuser_has_ended(
    django_db_setup: None, django_db_blocker: Any
) -> None:
    name = f"{NAME}_dropped"
    with connect("postgres") as admin, django_db_blocker.unblock(), allow_owner():
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        owner_sql("CREATE DATABASE {}", name)
        session = connect(name)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner_sql("DROP DATABASE {} WITH (FORCE)", name)
        ends = threading.Timer(0.3, session.close)
        ends.start()
        drop_database(name)
        ends.join()
        assert not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchall()
