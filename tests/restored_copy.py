"""Undo the changes of a test to its copy of a database with data.

Copying a database costs most of a second of processor time, because it has more than a thousand files. Dropping the
previous copy removes as many files. A test changes only a few tables, so it is faster to restore the rows of these
tables.
"""

from __future__ import annotations

import time
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from portal.embedded import Postgres
from portal.embedded.postgres import ADMIN

SESSIONS_END_SECONDS = 10.0
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
# A change of the schema writes rows to these system catalogs of PostgreSQL.
CATALOGUES = ("pg_class", "pg_attribute", "pg_constraint", "pg_policy", "pg_proc", "pg_trigger", "pg_type")
SEQUENCES = "SELECT sequencename, last_value, start_value FROM pg_sequences WHERE schemaname = 'public'"
OTHER_SESSIONS = (
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)


class RestoredCopy:
    """The copy `name` of the database `source`. The source must never change. The constructor expects a new copy."""

    def __init__(self, name: str, source: str) -> None:
        self._name, self.source = name, source
        with self._admin(name) as admin:
            self._note(admin)

    def restore(self) -> bool:
        """End all sessions and undo all changes. Return False if the schema has changed, which cannot be undone."""
        with self._admin(self._name) as admin, self._admin(self.source) as source:
            self._end_sessions(admin)
            found = self._contents(admin)
            changed = [table for table, content in found.items() if content != self._known.get(table)]
            if set(found) != set(self._known) or set(changed) & set(CATALOGUES):
                return False
            with admin.transaction():
                # With this setting, PostgreSQL runs no triggers and checks no foreign keys.
                admin.execute("SET LOCAL session_replication_role = replica")
                for table in changed:
                    self._replace_rows(admin, source, table)
                for name, value, start in source.execute(SEQUENCES).fetchall():
                    admin.execute(
                        "SELECT setval(%s::regclass, %s, %s)",
                        [f'public."{name}"', start if value is None else value, value is not None],
                    )
            self._note(admin)
        return True

    def _admin(self, database: str) -> psycopg.Connection[Any]:
        parameters = {**Postgres(settings.EMBEDDED_HOME).connection(ADMIN), "dbname": database}
        return psycopg.connect(**parameters, autocommit=True)

    def _note(self, admin: psycopg.Connection[Any]) -> None:
        """Remember the contents. Rows of later transactions count as new."""
        (self._first_new,) = admin.execute(
            "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        ).fetchone()  # type: ignore[misc]
        self._known = self._contents(admin)

    def _contents(self, admin: psycopg.Connection[Any]) -> dict[str, tuple[int, bool]]:
        """Return {table: (number of rows, whether a row is new)}. A changed row is a new row to PostgreSQL."""
        tables = [name for (name,) in admin.execute(TABLES).fetchall()]
        one = "SELECT {name}, count(*), coalesce(bool_or(xmin::text::bigint >= {first}), false) FROM {table}"
        parts = [
            sql.SQL(one).format(
                name=sql.Literal(table),
                first=sql.Literal(self._first_new),
                table=sql.Identifier(schema, table),
            )
            for schema, names in (("public", tables), ("pg_catalog", CATALOGUES))
            for table in names
        ]
        rows = admin.execute(sql.SQL(" UNION ALL ").join(parts)).fetchall()
        return {table: (count, is_new) for table, count, is_new in rows}

    def _replace_rows(
        self, admin: psycopg.Connection[Any], source: psycopg.Connection[Any], table: str
    ) -> None:
        name = sql.Identifier("public", table)
        admin.execute(sql.SQL("DELETE FROM {}").format(name))
        with (
            source.cursor().copy(sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(name)) as rows,
            admin.cursor().copy(sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(name)) as target,
        ):
            for block in rows:
                target.write(block)

    def _end_sessions(self, admin: psycopg.Connection[Any]) -> None:
        deadline = time.monotonic() + SESSIONS_END_SECONDS
        while admin.execute(f"SELECT pg_terminate_backend(pid) {OTHER_SESSIONS}").fetchall():
            if time.monotonic() > deadline:
                raise RuntimeError(f"Sessions in the database {self._name} did not end.")
            time.sleep(0.01)
