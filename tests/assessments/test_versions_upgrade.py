"""Migrate a database with resource versions of an earlier release. These versions stay as they are, and later
versions are stored as changes to them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connections

from assessments.evaluate import digest
from assessments.models import Resource, ResourceVersion
from portal.owner_db import allow_owner
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests import factories
from tests.databases import create_copy, drop_database, point_at
from tests.stored_versions import assessments_of, configurations, history_of, resource_of

pytestmark = pytest.mark.slow(seconds=30)
OLD = [{"id": "/subscriptions/x/st1", "pad": "x" * 500, "revision": number} for number in range(2)]


@pytest.fixture
def copy(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Let the connections `default` and `owner` use a copy of the empty database."""
    home = connections["default"].settings_dict["NAME"]
    name = f"{home}_versions"
    with django_db_blocker.unblock(), allow_owner():
        for alias in ("default", "owner"):
            connections[alias].close()
        create_copy(name, home)
        try:
            for alias in ("default", "owner"):
                point_at(alias, name)
            yield name
        finally:
            for alias in ("default", "owner"):
                point_at(alias, home)
            drop_database(name)


def migrate(app: str, name: str) -> None:
    call_command("migrate", app, name, database="owner", interactive=False, verbosity=0)


def insert(tenant: Tenant, resource: Resource) -> None:
    """Insert versions as the earlier release did."""
    with connections["default"].cursor() as cursor:
        for assessment, body in zip(assessments_of(tenant, len(OLD)), OLD, strict=True):
            cursor.execute(
                "INSERT INTO assessments_resourceversion"
                " (id, tenant_id, resource_id, assessment_id, at, sha256, content)"
                " VALUES (%s, %s, %s, %s, now(), %s, %s)",
                [uuid4(), tenant.pk, resource.pk, assessment.pk, digest(body), json.dumps(body)],
            )


def test_versions_of_an_earlier_release_are_key_frames(copy: str) -> None:
    tenant = factories.tenant()
    migrate("retention", "0008")
    migrate("assessments", "0038")
    with tenant_scope(tenant.pk):
        resource = resource_of(tenant)
        insert(tenant, resource)
    migrate("retention", "0009")
    with tenant_scope(tenant.pk):
        first, second = ResourceVersion.objects.order_by("step", "stored__revision")
        assert [(row.step, row.chain, row.document) for row in (first, second)] == [
            (0, None, body) for body in OLD
        ]
        (new,) = history_of(tenant, [{**OLD[1], "revision": 2}], resource=resource)
        assert (new.step, new.is_whole) == (1, False)
        assert configurations(tenant, [first.pk, second.pk, new.pk]) == [*OLD, {**OLD[1], "revision": 2}]
