"""Privileges of the application's database role. The role may read and write rows of the owner's tables.

The role cannot alter tables, and owns no tables.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

# Default privileges apply to the tables of later migrations.
_GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {app}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}",
)


def grant_application_role(owner: BaseDatabaseWrapper, role: str) -> None:
    """Grant `role` its privileges on all existing and future tables, unless an earlier set-up has granted them.

    The privileges must not be granted again, because migrations revoke some of them, for example on append-only tables.
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
