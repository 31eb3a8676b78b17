"""Comparing customers with baselines reads only the settings for which a baseline has a value."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.treatment.models import Baseline
from portal.treatment.selectors.baselines import OwnValues
from tenants.models import Tenant
from tenants.scope import organization_scope
from tests import factories

CONTROL = "storage-key-rotation"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "tables"),
    [
        ({"due_days": {"high": 30}, "exception_cap_days": 90}, []),
        ({"schedule": "daily 02:00 within 120"}, ["assessments_schedule"]),
        ({"parameters": {CONTROL: {}}}, ["assessments_controlsetting"]),
    ],
    ids=["columns of the customer", "schedule", "parameters"],
)
def test_only_settings_of_baselines_are_read(values: dict[str, Any], tables: list[str]) -> None:
    organization = factories.organization()
    factories.tenant(organization, "One")
    with organization_scope(organization):
        baseline = Baseline.objects.create(
            organization=organization,
            name="All",
            changed_by=factories.person(),
            changed_at=timezone.now(),
            **values,
        )
        ordered = list(Baseline.objects.filter(pk=baseline.pk).prefetch_related("channels"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            OwnValues.load(list(Tenant.objects.filter(organization=organization)), ordered)
    customers, *read = [query["sql"] for query in queries]
    assert '"tenants_tenant"' in customers
    assert [table for sql, table in zip(read, tables, strict=True) if f'"{table}"' in sql] == tables
