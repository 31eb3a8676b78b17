"""Publish own controls of an organization."""

from __future__ import annotations

from typing import Any

from assessments.actions.own_controls import publish, save_draft
from assessments.models import OwnControl
from assessments.own.definition import prefix_of
from portal.configuration.own_controls import EXAMPLE, read_control
from tenants.models import Organization
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories

CASES: list[dict[str, Any]] = [
    {"document": {"tags": {"owner": "Data"}}, "verdict": "pass"},
    {"document": {"location": "westeurope"}, "verdict": "fail"},
]


def definition(**changed: Any) -> dict[str, Any]:
    """Return a valid definition for the organization `northlight`: storage accounts have the tag `owner`."""
    return {
        "control": "own-northlight-owner",
        "title": "Storage accounts name their owner",
        "problem": "Storage account without an owner",
        "severity": "low",
        "why": "Nobody decides about the data.",
        "subjects": "storage_accounts",
        "pass_when": {"tag": "owner", "exists": True},
        "fix": "Set the tag.",
        "cases": CASES,
        **changed,
    }


def example(organization: Organization) -> str:
    """Return the example text that the form for own controls shows to the organization."""
    return EXAMPLE.replace("{prefix}", prefix_of(organization.slug))


def publish_control(organization: Organization, text: str = "", by: Any = None) -> OwnControl:
    """Publish a control of an author who is not the publisher. Without `text`, publish the form's example."""
    author = factories.person()
    publisher = by or factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    text = text or example(organization)
    with organization_scope(organization):
        row = save_draft(
            organization=organization, by=author, text=text, data=read_control(text, organization)
        )
        return publish(control=row, by=publisher, number=row.version + 1)
