"""Find the next step towards a verdict for an unknown finding.

The finding's page shows this step, for example the missing permission with the command that grants it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from assessments.estate.gaps import Reason
from assessments.models import Finding, Unit
from assessments.permissions.unknown_remedies import needed_for
from portal.web.shared import permission_cards
from portal.web.shared.visible import may
from tenants.models import Tenant
from tenants.roles import Capability


@dataclass(frozen=True, slots=True)
class Known:
    """The step that leads to a verdict for an unknown finding.

    `sentence` describes the step. `script` has the commands that grant a missing permission, or is empty. `where` is
    the URL of the page on which the person can take the step, and `link` is the text of the link. If there is no such
    page, the link leads to the page that shows the connection to Azure. If the person may not see the connection,
    `where` and `link` are empty.
    """

    sentence: str
    script: str
    where: str
    link: str


def known(tenant: Tenant, finding: Finding, unit: Unit | None, places: dict[str, str]) -> Known | None:
    """Return the next step towards a verdict. Return None if no step is known, if the finding is gone, or if its
    verdict is not “unknown”.

    `unit` is the part of an assessment (one subscription or directory) that evaluated the finding last.
    """
    if finding.outcome != Finding.Outcome.UNKNOWN or finding.gone_at is not None:
        return None
    gaps, coverage = (unit.gaps, unit.coverage) if unit is not None else ([], {})
    place = places.get(finding.unit, "")
    needed = needed_for(finding.control, finding.unknown_because, gaps, place, coverage)
    if needed is None:
        return None
    script = ""
    if needed.permissions and unit is not None:
        script = permission_cards.of_finding(finding, unit, places).everything
    return Known(needed.sentence, script, *_next_page(tenant, finding, unit))


def _next_page(tenant: Tenant, finding: Finding, unit: Unit | None) -> tuple[str, str]:
    """Return the fields `where` and `link` of `Known`."""
    principal = unit.service_principal_id if unit is not None else None
    if may(Capability.ADMINISTER, tenant) and principal is not None:
        if finding.unknown_because == Reason.UNAUTHENTICATED:
            return reverse("service-principal", args=[tenant.slug, principal]), "Replace credential"
        return reverse("preflight", args=[tenant.slug, principal]), "Check permissions"
    if may(Capability.VIEW_ALL, tenant):
        return reverse("tenant-settings", args=[tenant.slug]), "Show connection"
    return "", ""
