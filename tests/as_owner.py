"""Changes that only the owner of the database tables can make, because the owner can disable triggers. Tests check that
Surety detects such changes.
"""

from __future__ import annotations

import psycopg
from django.db import connections

from tenants.models import Tenant


def change_as_owner(table: str, tenant: Tenant, statement: str) -> None:
    """Run a statement that changes rows of a customer or its organization, in a connection of the owner.

    Use this function only in tests with `django_db(transaction=True)`, because the owner sees only committed rows.
    """
    with psycopg.connect(**connections["owner"].get_connection_params(), autocommit=True) as owner:
        owner.execute("SELECT set_config('surety.tenants', %s, false)", [f"{{{tenant.pk}}}"])
        owner.execute(
            "SELECT set_config('surety.organizations', %s, false)", [f"{{{tenant.organization_id}}}"]
        )
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        try:
            assert owner.execute(statement.encode()).rowcount > 0
        finally:
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())
