"""Protect append-only tables: the application's role may insert and read rows, but neither update nor delete them.

The model declares `append_only = True`, and its migration calls `revoke_changes("<table>")`. System check tenants.E013
compares the declaration with the database. For some of these tables, such as the journals, triggers also refuse updates
and deletes by other roles. The argument `except_columns` of `revoke_changes` names columns that get their value after
the row is inserted. A trigger checks each update of these columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, migrations


def revoke_changes(*tables: str, except_columns: Sequence[str] = ()) -> migrations.RunPython:
    """Return a migration operation that revokes UPDATE and DELETE on the tables from the application's role.

    The role may still update the columns `except_columns`.
    """

    def revoke(apps: Any, schema_editor: Any) -> None:
        _change(schema_editor, "REVOKE UPDATE, DELETE ON {} FROM {}", tables)
        if except_columns:
            columns = ", ".join(schema_editor.quote_name(column) for column in except_columns)
            _change(schema_editor, f"GRANT UPDATE ({columns}) ON {{}} TO {{}}", tables)

    def grant(apps: Any, schema_editor: Any) -> None:
        _change(schema_editor, "GRANT UPDATE, DELETE ON {} TO {}", tables)

    return migrations.RunPython(revoke, grant)


def _change(schema_editor: Any, statement: str, tables: tuple[str, ...]) -> None:
    role = connections[DEFAULT_DB_ALIAS].settings_dict["USER"]
    owner = schema_editor.connection.settings_dict["USER"]
    if not role or role == owner:
        # The privileges of a table's owner cannot be revoked. This is no gap, because set-up refuses to run the
        # application as the owner.
        return
    for table in tables:
        schema_editor.execute(
            statement.format(schema_editor.quote_name(table), schema_editor.quote_name(role))
        )
