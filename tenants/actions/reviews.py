"""Review access: an administrator confirms that the list of people with access is correct."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from tenants import journal, scope, selectors
from tenants.actors import Actor, System
from tenants.errors import Conflict, PermissionDenied
from tenants.models import Membership, Organization, OrganizationJournalEntry
from tenants.roles import Capability

REVIEWED = "access.reviewed"
MAX_NOTE = 1000


@dataclass(frozen=True, slots=True)
class Review:
    """The last recorded review of the people who have access to an organization, from the organization's journal."""

    at: datetime
    by: str
    digest: str


def access_digest(memberships: Iterable[Membership]) -> str:
    """Return the SHA-256 in hex of the access list. The hash changes whenever somebody's access changes."""
    lines = sorted(
        [
            str(row.pk),
            str(row.person_id),
            str(row.tenant_id or ""),
            row.role,
            row.valid_until.isoformat() if row.valid_until else "",
            row.confirmation,
            # Append nothing if the membership has no review period. So digests that were recorded before Surety had
            # review periods are still correct.
            *([str(row.review_period)] if row.review_period else []),
        ]
        for row in memberships
    )
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


@transaction.atomic
def review_access(*, by: Actor, organization: Organization, seen: str, note: str = "") -> None:
    """Record in the organization's journal that somebody has reviewed who has access, with the digest of the list.

    `seen` is the digest of the list that the person read. Raise Conflict if access has changed since then.
    """
    opened = scope.current()
    if not isinstance(by, System) and not opened.may_in_organization(Capability.MEMBERS, organization.pk):
        raise PermissionDenied(
            "Your role does not include the right to review access. Ask an administrator.",
            code="not_administrator",
        )
    rows = list(selectors.organization_memberships(organization))
    if access_digest(rows) != seen:
        raise Conflict(
            "Access has changed since you opened the page. Read the list again, then confirm the review.",
            code="changed_meanwhile",
        )
    details: dict[str, Any] = {
        "memberships": len(rows),
        "people": len({row.person_id for row in rows}),
        "sha256": seen,
        **({"note": note.strip()[:MAX_NOTE]} if note.strip() else {}),
    }
    journal.record(
        organization=organization, actor=by, action="access.reviewed", target=organization, details=details
    )


def last_review(organization: Organization) -> Review | None:
    """Return the last review, or None if access was never reviewed."""
    found = OrganizationJournalEntry.objects.filter(organization=organization, action=REVIEWED)
    entry = found.order_by("-sequence").first()
    return Review(entry.at, entry.actor, str(entry.details.get("sha256", ""))) if entry else None
