"""A finding about a user of a directory, and the recorded names of this user and of a group."""

from __future__ import annotations

from datetime import UTC, datetime

from assessments.models import Finding, ObjectName
from tests.portal.web.world import World

GUID = "aaaaaaaa-0000-0000-0000-000000000001"
GROUP = "aaaaaaaa-0000-0000-0000-000000000002"
NAMES = {
    GUID: ("user", "Annegret Bergmann", "annegret.bergmann@contoso.example"),
    GROUP: ("group", "Tier Zero Operators", ""),
}


def record_names(world: World) -> Finding:
    """Record the names, and make the user the subject of the home tenant's finding. Call this in the tenant's scope."""
    own = world.of(world.home)
    for guid, (kind, shown, principal) in NAMES.items():
        ObjectName.objects.create(
            status="known",
            tenant=world.home,
            directory=own["directory"],
            guid=guid,
            kind=kind,
            display_name=shown,
            principal_name=principal,
            read_at=datetime(2026, 11, 26, tzinfo=UTC),
        )
    finding: Finding = own["finding"]
    finding.refresh_from_db()
    finding.subject = f"directory:90000000-0000-0000-0000-000000000009/users/{GUID}"
    finding.subject_name = GUID
    finding.observed = {"lacking": [GUID], "group": GROUP}
    finding.reason = f"Could not read the members of group {GROUP}"
    finding.save(update_fields=["subject", "subject_name", "observed", "reason"])
    return finding
