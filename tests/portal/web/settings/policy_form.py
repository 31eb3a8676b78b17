"""Helpers for tests that submit the policy page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from assessments.models import Finding
from portal.web.settings.policy_form import columns_of
from portal.web.shared.stale_forms import write_start
from tenants.models import JournalEntry, Tenant
from tests import factories
from tests.portal.web.world import World


def url(world: World) -> str:
    return reverse("policy", args=[world.home.slug])


def held(world: World) -> Tenant:
    with factories.in_tenant(world.home):
        return Tenant.objects.get(pk=world.home.pk)


def form(world: World, **given: str) -> dict[str, str]:
    """Return what a browser submits from the unchanged page, with the given fields replaced."""
    tenant = held(world)
    return {
        "start": write_start(columns_of(tenant)),
        "name": tenant.name,
        "timezone": tenant.timezone,
        "labels": ", ".join(tenant.labels),
        "exception_cap_days": str(tenant.exception_cap_days),
        **{f"due_{key}": str(tenant.due_days[key]) for key in Finding.Severity.values},
        **given,
    }


def changed(world: World) -> list[dict[str, Any]]:
    with factories.in_tenant(world.home):
        rows = JournalEntry.objects.filter(tenant=world.home, action="tenant.changed").order_by("sequence")
        return [row.details for row in rows]
