"""A function that saves a branding, and a branding with texts of the maximum lengths."""

from __future__ import annotations

from typing import Final

from portal.reports.branding.actions import Look, save_branding
from portal.reports.models import ReportBranding
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.world import World

LONG: Final = {
    "name": "N" * 80,
    "contact": "contact " * 25,
    "cover_text": "text " * 100,
    "accent": "#8a1538",
}


def save(world: World, label: str = "", expected: int | None = None, **look: object) -> ReportBranding:
    with organization_scope(world.organization):
        return save_branding(
            organization=world.organization,
            by=factories.BY,
            look=Look(**look),  # type: ignore[typeddict-item]
            label=label,
            expected_version=expected,
        )
