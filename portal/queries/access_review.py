"""The rows of the access review and of its exports. Each row states the role that a person has in an organization or a
customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from tenants.models import Membership
from tenants.roles import Role

UNSEEN_DAYS: Final = 90
HEADER: Final = (
    "Person",
    "Email address",
    "Role",
    "Customer",
    "Since (UTC)",
    "Until (UTC)",
    "Review period (UTC)",
    "Last seen (UTC)",
    "Granted by",
    "Confirmation",
    "Confirmed by",
    "Account",
    "Remarks",
)


@dataclass(frozen=True, slots=True)
class AccessRow:
    """A membership with remarks for the reviewer."""

    membership: Membership
    remarks: tuple[str, ...]


def access_rows(memberships: Iterable[Membership], now: datetime | None = None) -> list[AccessRow]:
    """Return one row for each membership, in the order of the memberships."""
    at = now or timezone.now()
    return [AccessRow(membership, tuple(_remarks(membership, at))) for membership in memberships]


def _remarks(row: Membership, now: datetime) -> Iterator[str]:
    seen = row.person.last_seen_at
    if not row.person.is_active:
        yield "Account disabled"
    elif seen is None:
        yield "Never seen"
    elif seen < now - timedelta(days=UNSEEN_DAYS):
        yield f"Not seen for {(now - seen).days} days"
    if row.confirmation == Membership.Confirmation.WAITING:
        yield "Waiting for a second administrator"
    if row.confirmation == Membership.Confirmation.EARLIER:
        yield Membership.Confirmation.EARLIER.label
    if row.valid_from > now:
        yield "Not started yet"
    if (
        row.role == Role.AUDITOR
        and row.valid_until
        and row.valid_until - row.valid_from > timedelta(days=366)
    ):
        yield "Auditor for more than a year"


def table(rows: Iterable[AccessRow]) -> Iterator[tuple[Any, ...]]:
    """Yield the header, then one row per membership, for `portal.files.spreadsheets`."""
    yield HEADER
    for row in rows:
        held = row.membership
        yield (
            held.person.name,
            held.person.email,
            held.get_role_display(),
            held.tenant.name if held.tenant else "All customers",
            held.valid_from,
            held.valid_until,
            str(held.review_period or ""),
            held.person.last_seen_at,
            held.granted_by or "The operator",
            held.get_confirmation_display() if held.confirmation != "not_needed" else "",
            held.confirmed_by,
            "on" if held.person.is_active else "off",
            "; ".join(row.remarks),
        )
