"""Pages of an organization need the same number of queries for few and for many people, invitations and entries."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tenants.actions import grant_membership, invite
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.portal.web.world import SignIn, World

NAMES = (
    "organization-people",
    "access-review",
    "access-review-csv",
    "organization-journal",
    "organization-report-branding",
    "organization-schedule",
    "customers-import",
)


def counts(client: Client, world: World) -> dict[str, int]:
    found = {}
    for name in NAMES:
        with CaptureQueriesContext(connection) as queries:
            response = client.get(reverse(name, args=[world.organization.slug]))
            b"".join(response) if response.streaming else response.content
        assert response.status_code == 200
        found[name] = len(queries)
    return found


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("role", ["organization_administrator"])
def test_number_of_queries_does_not_grow(world: World, sign_in: SignIn, role: str) -> None:
    by = world.people[role]
    client = sign_in(by)
    client.get("/")  # Not counted: the first request of a session also stores when the person was seen.
    few = counts(client, world)
    for number in range(8):
        tenant = factories.tenant(world.organization, f"Customer {number}")
        factories.member(Role.TENANT_ADMINISTRATOR, tenant)
        factories.member(Role.AUDITOR, tenant)
        with person_scope(by):
            given = {"by": by, "organization": world.organization, "tenant": tenant}
            invite(**given, email=f"invited{number}@example.com", role=Role.OWNER)
            grant_membership(**given, person=factories.person(), role=Role.APPROVER)
    assert counts(client, world) == few
