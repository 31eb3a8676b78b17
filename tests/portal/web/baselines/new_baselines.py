"""Create a baseline on its page."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from portal.treatment.models import Baseline
from tenants.scope import organization_scope
from tests.portal.web.world import World


def baseline_of(world: World, engineer: Client) -> list[str]:
    """Create a baseline for all customers; return the URL arguments of its pages."""
    slug = world.organization.slug
    engineer.post(reverse("baseline-add", args=[slug]), {"name": "All", "schedule": "Mon-Fri 02:00"})
    with organization_scope(world.organization):
        return [slug, str(Baseline.objects.get(label="").pk)]
