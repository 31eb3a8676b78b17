"""A baseline for the tests of its pages."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from portal.treatment.models import Baseline
from tenants.scope import organization_scope
from tests.portal.web.world import World


@pytest.fixture
def baseline(engineer: Client, world: World) -> Baseline:
    slug = world.organization.slug
    form = {"name": "Gold customers", "label": "gold", "exception_cap_days": "45"}
    assert engineer.post(reverse("baseline-add", args=[slug]), form).status_code == 302
    with organization_scope(world.organization):
        return Baseline.objects.get(name="Gold customers")
