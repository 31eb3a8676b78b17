"""Migrations on a database with rows: approvers keep their role, and organizations get rows in `OrganizationKey`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from portal.owner_db import allow_owner
from portal.owner_db.grants import grant_application_role
from tests.databases import drop_database, owner_sql, point_at

BEFORE = "0006_plain_messages"
ORGANIZATION, TENANT, PERSON = (str(uuid.uuid4()) for _ in range(3))
ROWS = (
    (
        "INSERT INTO tenants_organization (id, name, slug, created_at) VALUES (%s, 'O', 'o', now())",
        [ORGANIZATION],
    ),
    (
        (
            "INSERT INTO tenants_tenant (id, organization_id, name, slug, timezone, labels, exception_cap_days,"
            " due_days, created_at) VALUES (%s, %s, 'T', 't', 'UTC', '[]', 1, '{}', now())"
        ),
        [TENANT, ORGANIZATION],
    ),
    (
        (
            "INSERT INTO tenants_person (id, password, email, name, is_active, created_at)"
            " VALUES (%s, 'x', 'a@example.com', 'A', true, now())"
        ),
        [PERSON],
    ),
    *(
        (
            (
                "INSERT INTO tenants_membership (id, person_id, organization_id, tenant_id, role, valid_from,"
                " created_at)"
                " VALUES (gen_random_uuid(), %s, %s, %s, %s, now(), now())"
            ),
            [PERSON, ORGANIZATION, TENANT, role],
        )
        for role in ("approver", "owner")
    ),
)


@pytest.fixture
def earlier(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Make a database of a version in which approvers needed no second administrator, with an approver and an owner."""
    home = connections["owner"].settings_dict["NAME"]
    name = f"{home}_upgrade"
    with django_db_blocker.unblock(), allow_owner():
        drop_database(name)
        owner_sql("CREATE DATABASE {}", name)
        try:
            point_at("owner", name)
            grant_application_role(connections["owner"], connections["default"].settings_dict["USER"])
            call_command("migrate", "tenants", BEFORE, database="owner", interactive=False, verbosity=0)
            for statement, values in ROWS:
                in_scope(statement, values)
            connections["owner"].close()
            yield
        finally:
            point_at("owner", home)
            drop_database(name)


def in_scope(statement: str, values: list[str]) -> list[Any]:
    """Run a statement as the owner, in the scope of the organization and its tenant."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT set_config('surety.tenants', %s, false), set_config('surety.organizations', %s, false)",
            [f"{{{TENANT}}}", f"{{{ORGANIZATION}}}"],
        )
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.slow(seconds=3)
def test_existing_approvers_stay_and_organizations_get_keys(earlier: None) -> None:
    call_command("migrate", "tenants", database="owner", interactive=False, verbosity=0)
    found = in_scope(
        "SELECT role, confirmation, confirmed_at IS NOT NULL FROM tenants_membership ORDER BY 1", []
    )
    assert found == [("approver", "earlier", True), ("owner", "not_needed", False)]
    keys = in_scope("SELECT organization_id::text FROM tenants_organizationkey", [])
    assert keys == [(ORGANIZATION,)]
    forced = in_scope(
        "SELECT relname FROM pg_class WHERE relforcerowsecurity"
        " AND relname IN ('tenants_membership', 'tenants_organization') ORDER BY 1",
        [],
    )
    assert forced == [("tenants_membership",), ("tenants_organization",)]
