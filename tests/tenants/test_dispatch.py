"""Functions that run once for each tenant."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import OperationalError
from structlog.testing import capture_logs

from tenants.dispatch import for_each_tenant
from tenants.models import Tenant
from tests import factories

pytestmark = pytest.mark.django_db


def test_an_error_of_one_tenant_does_not_stop_the_others() -> None:
    tenants = sorted((factories.tenant() for _ in range(3)), key=lambda tenant: tenant.pk)
    done: set[UUID] = set()

    def work(tenant: Tenant) -> None:
        if tenant.pk == tenants[0].pk:
            raise ValueError("always")
        done.add(tenant.pk)

    with capture_logs() as logs, pytest.raises(ValueError, match="always"):
        for_each_tenant(work)
    assert done >= {tenant.pk for tenant in tenants[1:]}
    assert [entry["tenant"] for entry in logs] == [str(tenants[0].pk)]


def test_an_error_of_the_database_ends_the_work_at_once() -> None:
    """No further tenant is tried, because the task runs again as soon as the database answers."""
    called = []
    for _ in range(2):
        factories.tenant()

    def work(tenant: Tenant) -> None:
        called.append(tenant)
        raise OperationalError

    with pytest.raises(OperationalError):
        for_each_tenant(work)
    assert len(called) == 1
