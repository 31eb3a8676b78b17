"""Starting assessments of selected customers."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tests import factories
from tests.portal.web.world import World


def test_starting_selected_customers_reports_those_that_cannot_start(engineer: Client, world: World) -> None:
    bare = factories.tenant(world.organization, "Bare Customer")
    answer = engineer.post(
        reverse("portfolio-start"), {"tenant": [world.home.slug, bare.slug]}, follow=True
    ).content.decode()
    assert "Bare Customer has no service principal yet. Add one under Settings" in answer
    assert "Assessments started: Alder &amp; Finch Clinics." in answer
    nothing = engineer.post(reverse("portfolio-start"), follow=True).content.decode()
    assert "Select at least one customer" in nothing
