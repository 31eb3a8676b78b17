"""Findings about delegations of Azure Lighthouse, for tests of reports and pages."""

from __future__ import annotations

import hashlib
from uuid import uuid4

from assessments.models import Finding
from portal.queries.delegated_roles import CONTROL
from tests.portal.web.world import World

PROVIDER, OTHER = "83abe5cd-bcc3-441a-bd86-e6a75360cecc", "a0000000-0000-0000-0000-00000000000a"
READER, UNNAMED = "acdd72a7-3385-48ef-bd42-f606fba81ae7", "91c1777a-f3dc-4fae-b103-61d183457e46"
RIGHTS = [
    {"principal": "p1", "role": READER},
    {"principal": "p2", "role": READER},
    {"principal": "p2", "role": UNNAMED, "eligible": True},
]


def add_delegation(world: World, place: str, directory: str) -> None:
    """Store a verdict on a delegation of the subscription `place`, as the assessment of a real delegation does."""
    finding = Finding.objects.get(pk=world.of(world.home)["finding"].pk)
    finding.pk, finding._state.adding = uuid4(), True
    finding.control, finding.section, finding.unit = CONTROL, "identity", place
    finding.subject = f"{place}/providers/Microsoft.ManagedServices/registrationAssignments/{finding.pk}"
    finding.subject_key = hashlib.sha256(finding.subject.casefold().encode()).hexdigest()
    finding.observed = {"managedByTenantId": directory, "authorizations": RIGHTS}
    finding.save()
