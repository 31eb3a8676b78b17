"""The databases of a test process: one that is empty between tests, and copies with data that is slow to make.

Data such as `World` is made and committed once per process, in a database of its own. A test that needs the data uses
that database and is rolled back, so no test sees the changes of another test. Transactional tests use the empty
database, or a copy of the data (`use_copy`). A test's changes to the copy are undone before the next test that uses a
copy.
"""

from __future__ import annotations

import fcntl
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.test import TransactionTestCase
from psycopg import sql

from portal.embedded import Postgres
from portal.embedded.postgres import ADMIN
from portal.settings.database import EMBEDDED_POSTGRES
from tests.restored_copy import SESSIONS_END_SECONDS, RestoredCopy

EMPTY = ""
COPY = "copy"
# {session fixture: the data that it makes}. If a test uses several of these fixtures, it gets the database of the
# fixture that is listed first. For example, the database of a report also has the data of the world.
DATA_OF = {"stored_portfolio": "portfolio", "stored_report": "report", "stored_world": "world"}
UNCHANGED = frozenset({"django_content_type", "auth_permission"})
TRANSACTIONAL = frozenset({"transactional_db", "live_server", "django_db_reset_sequences"})
# This query returns the tables that have had rows, with their sizes in bytes.
SIZES = (
    "SELECT relname, pg_relation_size(oid) AS size FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relname = ANY(%s) AND pg_relation_size(oid) > 0"
)
# If all tables together are larger, they are emptied with TRUNCATE instead of DELETE. Deleted rows still take space, so
# with DELETE alone, tables would grow without end.
MAX_DELETED_BYTES = 32 * 2**20


def owner_sql(statement: str, *names: str) -> list[tuple[Any, ...]]:
    """Run a statement as the owner of the tables, with `names` as its identifiers. Return its rows.

    The function opens a separate connection, because Django refuses the owner's connection during a test.
    """
    parameters = connections["owner"].get_connection_params()
    with psycopg.connect(**{**parameters, "autocommit": True}) as own, own.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
        return cursor.fetchall() if cursor.description else []


def point_at(alias: str, database: str) -> None:
    """Point the connection to another database."""
    connections[alias].close()
    connections[alias].settings_dict["NAME"] = database


def drop_database(name: str) -> None:
    """Drop the database and end its sessions.

    The owner may not end sessions of the superuser, such as those of `RestoredCopy` and of autovacuum. They end by
    themselves, which takes a moment on a busy machine.
    """
    deadline = time.monotonic() + SESSIONS_END_SECONDS
    while True:
        try:
            owner_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            return
        except psycopg.errors.InsufficientPrivilege:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def create_copy(name: str, template: str) -> None:
    """Replace the database `name` by a copy of the database `template`."""
    # Disconnect, because PostgreSQL copies only databases to which nobody is connected.
    databases.disconnect_admin()
    drop_database(name)
    owner_sql("CREATE DATABASE {} TEMPLATE {}", name, template)
    # The tests' data need not survive a crash.
    owner_sql("ALTER DATABASE {} SET synchronous_commit = off", name)


def sync_files(enabled: bool) -> None:
    """Set whether the embedded server waits until its files are on the disk.

    During tests the server does not wait, because tests create and drop databases, and each of these commands writes
    all files. Only a crash of the machine can then damage the server's data. When the server starts, waiting is enabled
    again.
    """
    server = Postgres(settings.EMBEDDED_HOME)
    if not EMBEDDED_POSTGRES or server.pid() is None:
        return
    with psycopg.connect(**{**server.connection(ADMIN), "dbname": "postgres"}, autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER SYSTEM SET fsync = {}").format(sql.Literal("on" if enabled else "off")))
        admin.execute("SELECT pg_reload_conf()")


def wanted_by(item: pytest.Item) -> str:
    """Return the data that the test requests: a value of `DATA_OF`, or `EMPTY`."""
    fixtures: list[str] = getattr(item, "fixturenames", [])
    marker = item.get_closest_marker("django_db")
    if (marker and marker.kwargs.get("transaction")) or TRANSACTIONAL.intersection(fixtures):
        return EMPTY
    return next((data for fixture, data in DATA_OF.items() if fixture in fixtures), EMPTY)


class Databases:
    """The databases of this process. Remembers which of them the connections use."""

    def __init__(self) -> None:
        self.template = ""
        self.names: dict[str, str] = {}
        self._wanted = self._used = EMPTY
        self._lock = Path()
        self._tables: list[str] = []
        self._admin: psycopg.Connection[Any] | None = None
        self._copy: RestoredCopy | None = None

    def start(self, name: str, template: str, lock: Path) -> None:
        """Use `name` as the empty database. `self.make` will copy `template`. Copying locks the file `lock`."""
        self.names, self.template, self._used, self._lock = {EMPTY: name}, template, EMPTY, lock
        self._point(name)

    def choose(self, item: pytest.Item) -> None:
        """Use the database of the data that the test requests."""
        self._wanted = wanted_by(item)
        self._use(self._wanted)

    def make[T](self, data: str, fill: Callable[[], T], based_on: str = EMPTY) -> bytes:
        """Create a database for `data`: a copy of the database of `based_on` or, for EMPTY, of the template.

        Commit what `fill` makes in it. Return the pickled result of `fill`.
        """
        name = f"{self.names[EMPTY]}_{data}"
        self._use(EMPTY)
        with self._lock.open("w", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            create_copy(name, self.names[based_on] if based_on else self.template)
        self.names[data] = name
        self._use(data)
        with transaction.atomic():
            made = fill()
            # Discard the callbacks that would run after the commit. In a test that makes this data itself, no callback
            # runs, because the test is rolled back.
            connection.run_on_commit.clear()
        self._use(self._wanted)
        return pickle.dumps(made)

    def use_copy(self, data: str) -> None:
        """Use a copy of a database with data until the next test.

        The current test may commit changes to the copy. They are undone before the next test that uses a copy.
        """
        name = f"{self.names[EMPTY]}_{COPY}"
        # Leave the database with data, because PostgreSQL copies only databases to which nobody is connected.
        self._use(EMPTY)
        before = self._copy
        if before is None or before.source != self.names[data] or not before.restore():
            with self._lock.open("w", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                create_copy(name, self.names[data])
            # Only the superuser of the embedded server can restore rows.
            self._copy = RestoredCopy(name, self.names[data]) if EMBEDDED_POSTGRES else None
        self.names[COPY] = name
        self._use(COPY)

    def empty(self, alias: str = "default") -> None:
        """Empty all tables if any has been written to. Content types and permissions, which never change, remain.

        TRUNCATE makes new files for hundreds of tables and indexes, even if they are empty. If a table is truncated,
        all tables with foreign keys to it must be truncated too. So the superuser of the embedded server deletes the
        rows of the few tables that are not empty, while triggers and foreign keys are disabled. This takes a tenth of
        the time. On another server, which has no such user, all tables are truncated.
        """
        own = connections[alias]
        if not self._tables:
            names = own.introspection.django_table_names(only_existing=True, include_views=False)
            self._tables = sorted(set(names) - UNCHANGED)
        with own.cursor() as cursor:
            # Row-level security hides rows, but not the size of a table, which is zero until the table has had a row.
            cursor.execute(f"SELECT coalesce(sum(size), 0) FROM ({SIZES}) sizes", [self._tables])
            (size,) = cursor.fetchone()
            if not size:
                return
            if EMBEDDED_POSTGRES and size <= MAX_DELETED_BYTES:
                self._delete_rows()
            else:
                tables = sql.SQL(", ").join(map(sql.Identifier, self._tables))
                cursor.execute(sql.SQL("TRUNCATE {}").format(tables).as_string(cursor.connection))

    def _delete_rows(self) -> None:
        if self._admin is None or self._admin.closed:
            parameters = {
                **Postgres(settings.EMBEDDED_HOME).connection(ADMIN),
                "dbname": self.names[self._used],
            }
            self._admin = psycopg.connect(**parameters, autocommit=True)
            self._admin.execute("SET session_replication_role = replica")
        with self._admin.transaction():
            # Like TRUNCATE, wait for transactions that still write.
            names = sql.SQL(", ").join(map(sql.Identifier, self._tables))
            self._admin.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(names))
            for table, _ in self._admin.execute(SIZES, [self._tables]).fetchall():
                self._admin.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))

    def disconnect_admin(self) -> None:
        """Close the administrator's connection, through which `empty` deletes rows. It is opened again when needed."""
        if self._admin is not None:
            self._admin.close()
            self._admin = None

    def use_empty(self) -> None:
        """Use the empty database until the next test."""
        self._use(EMPTY)

    def drop(self) -> None:
        """Close all connections and drop all databases."""
        self.disconnect_admin()
        for alias in connections:
            connections[alias].close()
        for name in self.names.values():
            drop_database(name)

    def _use(self, data: str) -> None:
        # If the data does not exist yet, its fixture makes it and then calls this function again.
        if data in self.names and data != self._used:
            self._used = data
            self._point(self.names[data])

    def _point(self, name: str) -> None:
        self.disconnect_admin()
        for alias in ("owner", "default"):
            point_at(alias, name)


databases = Databases()


def _empty_after_test(self: Any) -> None:
    for alias in self._databases_names(include_mirrors=False):
        databases.empty(alias)


def install() -> None:
    """Let transactional tests empty the database with `Databases.empty`, which is faster than Django's flush."""
    TransactionTestCase._fixture_teardown = _empty_after_test  # type: ignore[attr-defined]


def database_url(alias: str = "default") -> str:
    """Return the URL of a connection's database, for programs that a test starts."""
    given = connections[alias].settings_dict
    user, password = quote(given["USER"]), quote(given["PASSWORD"])
    host, port = quote(str(given["HOST"]), safe=""), given["PORT"] or 5432
    return f"postgresql://{user}:{password}@{host}:{port}/{given['NAME']}"
