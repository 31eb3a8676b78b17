"""What the application's role may do: use the owner's tables, never change or own them."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

# Repeating them is harmless. Default privileges reach the tables migrations make later.
_GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {app}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}",
)


def grant_application_role(owner: BaseDatabaseWrapper, role: str) -> None:
    """Give `role` its privileges, for the tables that are there and those to come.

    Run once, before the first migration: a migration that takes a privilege away again (an append-only
    table) must not find it handed back by the next set-up, so tables that exist are granted only then.
    """
    with owner.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_default_acl a JOIN pg_namespace n ON n.oid = a.defaclnamespace, "
            "aclexplode(a.defaclacl) e WHERE n.nspname = 'public' AND e.grantee = %s::regrole "
            "AND a.defaclrole = current_user::regrole)",
            [role],
        )
        if cursor.fetchone()[0]:
            return
        for statement in _GRANTS:
            cursor.execute(sql.SQL(statement).format(app=sql.Identifier(role)))
