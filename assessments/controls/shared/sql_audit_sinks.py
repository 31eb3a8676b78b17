"""Read the auditing policies of SQL servers and databases."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.estate.collections.sql import (
    SQL_AUDIT_SETTINGS,
    SQL_DATABASE_AUDITING,
    SQL_DATABASES,
    SQL_SERVER_AUDITING,
)
from assessments.estate.sql.audit import Audit, read_audit
from assessments.estate.view import View

AUDIT_COLLECTIONS = (SQL_SERVER_AUDITING, SQL_DATABASE_AUDITING, SQL_AUDIT_SETTINGS)


def diagnostics_scope(server: View) -> str:
    """Return the id of the server's master database, whose diagnostic settings export the server's audit records."""
    return f"{server.id.rstrip('/')}/databases/master"


def server_audit(ctx: Context, server: View) -> Audit:
    """Read a server's auditing. Raise CollectionUnavailable or Unreadable if needed data could not be read."""
    policy = ctx.single(SQL_SERVER_AUDITING, server.id)
    if policy is None:
        raise server.unreadable("extendedAuditingSettings/default", "absent")
    return read_audit(policy, lambda: ctx.documents_at(SQL_AUDIT_SETTINGS, diagnostics_scope(server)))


def database_audit(ctx: Context, database: View) -> Audit:
    """Read the database-level auditing of a database. Raise CollectionUnavailable or Unreadable if needed data could
    not be read.
    """
    policy = ctx.single(SQL_DATABASE_AUDITING, database.id)
    if policy is None:
        raise database.unreadable("extendedAuditingSettings/default", "absent")
    return read_audit(policy, lambda: ctx.documents_at(SQL_AUDIT_SETTINGS, database.id))


def databases(ctx: Context, server: View) -> list[View]:
    """Return a server's user databases. The database `master` and system databases are left out."""
    found = []
    for database in ctx.documents_at(SQL_DATABASES, server.id):
        kind = database.raw("kind")
        system = isinstance(kind, str) and "system" in kind.casefold()
        if database.name.casefold() != "master" and not system:
            found.append(database)
    return found
