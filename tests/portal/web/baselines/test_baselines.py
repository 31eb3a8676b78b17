"""The pages of baselines."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from portal.treatment.models import Baseline
from tenants.models import Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import World


@pytest.fixture
def baseline(engineer: Client, world: World) -> Baseline:
    slug = world.organization.slug
    form = {"name": "Gold customers", "label": "gold", "exception_cap_days": "45"}
    assert engineer.post(reverse("baseline-add", args=[slug]), form).status_code == 302
    with organization_scope(world.organization):
        return Baseline.objects.get(name="Gold customers")


def test_a_new_baseline_changes_its_customers(engineer: Client, world: World, baseline: Baseline) -> None:
    with factories.in_tenant(world.home):
        assert Tenant.objects.get(pk=world.home.pk).exception_cap_days == 45
    assert "No customer deviates" in page(engineer, "baselines", world.organization.slug)


def test_a_deviating_customer_is_listed_and_brought_back(
    engineer: Client, world: World, baseline: Baseline
) -> None:
    slug = world.organization.slug
    with organization_scope(world.organization):
        Tenant.objects.filter(pk=world.home.pk).update(exception_cap_days=20)
    html = page(engineer, "baselines", slug)
    assert "20 days" in html
    assert "45 days" in html
    data = {"setting": [f"{world.home.pk} exception_cap_days", f"{world.foreign.pk} exception_cap_days"]}
    answer = engineer.post(reverse("baselines-apply", args=[slug]), data, follow=True)
    assert "1 setting changed to the baseline." in answer.content.decode()
    with factories.in_tenant(world.foreign):
        assert Tenant.objects.get(pk=world.foreign.pk).exception_cap_days == 180


def test_parameters_are_set_and_left_to_customers_again(
    engineer: Client, world: World, baseline: Baseline
) -> None:
    slug, control = world.organization.slug, "storage-key-rotation"
    url = reverse("baseline-parameter", args=[slug, baseline.pk, control])
    engineer.post(url, {"max_age": "45"})
    assert '<span class="mono">max_age</span> = 45' in page(engineer, "baseline", slug, baseline.pk)
    engineer.post(url, {"remove": "1"})
    assert "max_age" not in page(engineer, "baseline", slug, baseline.pk)


def test_errors_stand_at_their_field(engineer: Client, world: World, baseline: Baseline) -> None:
    url = reverse("baseline-add", args=[world.organization.slug])
    html = engineer.post(url, {"name": "Again", "label": "Gold"}).content.decode()
    assert "Another baseline already applies to these customers." in html
