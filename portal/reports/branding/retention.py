"""Delete unused versions of brandings, because each version has its own copy of the logo."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from portal.reports.branding.selectors import newest_version
from portal.reports.models import ReportBranding
from tenants.models import Organization


def delete_old_versions(organization: Organization, label: str) -> int:
    """Delete the versions of a label's branding that no report uses, except the two newest versions. Return the number
    of deleted versions.

    The second newest version is kept too, because somebody may be requesting a report with it at this moment. Needs a
    scope (`tenants.scope`) with all customers of the organization.
    """
    rows = ReportBranding.objects.filter(organization=organization, label=label)
    return delete_unreferenced(rows.filter(version__lt=newest_version(organization, label) - 1))


def delete_unreferenced(rows: QuerySet[ReportBranding]) -> int:
    """Delete the brandings among `rows` to which no row of another table refers. Return how many were deleted."""
    for relation in ReportBranding._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete:
            field: Any = relation.field  # type: ignore[union-attr]
            referring = field.model._base_manager.filter(**{field.name: OuterRef("pk")})
            rows = rows.exclude(Exists(referring))
    return rows.delete()[0]
