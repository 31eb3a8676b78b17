"""Review one or many changes: record that they were expected, unexpected or rolled back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from portal.changes.actions.notices import notify_assigned
from portal.changes.errors import NotCaught, OwnChange
from portal.changes.models import ResourceChange, ReviewEvent
from portal.changes.rules import are_only
from portal.changes.timeline import write_events
from portal.treatment.actions.owners.assign import require_eligible
from tenants import journal
from tenants.errors import Conflict, invalid
from tenants.models import Person, Tenant
from tenants.people.service_accounts import author_addresses
from tenants.values.visible_text import is_blank

State = ResourceChange.State
MAX_REASON: Final = 2000
MAX_TICKET: Final = 120
MAX_REVIEWED: Final = 1000
"""Maximum number of changes in one review."""
MAX_DUE: Final = timedelta(days=366)
_COLUMNS: Final = ("state", "owner", "due_at", "reviewed_by", "reviewed_at", "reason", "ticket")


@transaction.atomic
def accept(
    *, tenant: Tenant, changes: Sequence[ResourceChange], by: Person, reason: str, ticket: str = ""
) -> int:
    """Record that these changes were expected, with the reason. Return the number of changes.

    Raises InvalidInput if the reason is missing, and NotCaught for a change that needs no review. Raises OwnChange if
    only `by` can have made a change. If `by` is a service account, the people who control the account count as `by`
    too. If a later reading of the activity log shows that nobody else can have made the change, the review is reopened
    (`portal.changes.actions.reopen`).
    """
    text, number = (
        clean_text("reason", reason, MAX_REASON, required=True),
        clean_text("ticket", ticket, MAX_TICKET),
    )
    rows = _of_others(_locked(tenant, changes), by)
    return _review(
        tenant,
        rows,
        by,
        State.EXPECTED,
        "change.expected",
        reason=text,
        ticket=number,
        owner=None,
        due_at=None,
    )


@transaction.atomic
def reject(
    *,
    tenant: Tenant,
    changes: Sequence[ResourceChange],
    by: Person,
    reason: str,
    owner: Person,
    due_at: datetime,
    ticket: str = "",
) -> int:
    """Record that these changes were unexpected, and return the number of changes. `owner` should deal with the
    changes by `due_at`.

    The owner is notified. Raises InvalidInput if the reason is missing, if the owner may not work for the customer, or
    if the due date is not within the next year. Raises NotCaught for a change that needs no review.
    """
    text, number = (
        clean_text("reason", reason, MAX_REASON, required=True),
        clean_text("ticket", ticket, MAX_TICKET),
    )
    require_eligible(tenant, owner)
    now = timezone.now()
    if not now < due_at <= now + MAX_DUE:
        raise invalid("due_at", "Enter a date in the future that is at most twelve months from now.")
    rows = _locked(tenant, changes)
    count = _review(
        tenant,
        rows,
        by,
        State.UNEXPECTED,
        "change.unexpected",
        reason=text,
        ticket=number,
        owner=owner,
        due_at=due_at,
    )
    lines = (text, f"Due on {due_at:%Y-%m-%d}")
    notify_assigned(tenant=tenant, owner=owner, changes=rows, lines=lines, by=by, now=now)
    return count


@transaction.atomic
def mark_rolled_back(
    *, tenant: Tenant, changes: Sequence[ResourceChange], by: Person, reason: str = "", ticket: str = ""
) -> int:
    """Record that somebody has undone these changes. Return the number of changes. If `ticket` is empty, the stored
    tickets of the changes remain.

    Raises NotCaught for a change that needs no review, and OwnChange in the same cases as `accept`.
    """
    text, number = clean_text("reason", reason, MAX_REASON), clean_text("ticket", ticket, MAX_TICKET)
    rows = _of_others(_locked(tenant, changes), by)
    given = {"ticket": number} if number else {}
    return _review(tenant, rows, by, State.ROLLED_BACK, "change.rolled_back", reason=text, **given)


def _of_others(rows: list[ResourceChange], by: Person) -> list[ResourceChange]:
    addresses = author_addresses(by)
    for row in rows:
        if are_only(row.actors, addresses):
            raise OwnChange(f"{own_change(by, row.name)} Ask somebody else to review this change.")
    return rows


def own_change(by: Person, name: str) -> str:
    """Return a sentence that says why `by` cannot review or approve a change of the resource `name`."""
    if by.is_service:
        return f"Only people who control this service account can have changed {name}."
    return f"You changed {name} yourself."


def _locked(tenant: Tenant, changes: Sequence[ResourceChange]) -> list[ResourceChange]:
    if not changes:
        raise invalid("changes", "Select at least one change.")
    if len(changes) > MAX_REVIEWED:
        raise invalid("changes", f"Select at most {MAX_REVIEWED} changes at a time.")
    rows = ResourceChange.objects.filter(tenant=tenant, pk__in=[change.pk for change in changes])
    found = list(rows.order_by("pk").select_for_update())
    if len(found) < len({change.pk for change in changes}):
        raise Conflict(
            "One of these changes was deleted under the retention policy. Open the list of changes again."
        )
    not_caught = next((row for row in found if row.state == State.NOT_CAUGHT), None)
    if not_caught is not None:
        raise NotCaught(f"No watch rule caught the change of {not_caught.name}, so it needs no review.")
    return found


def _review(
    tenant: Tenant,
    rows: Sequence[ResourceChange],
    by: Person,
    state: ResourceChange.State,
    action: str,
    **values: Any,
) -> int:
    now = timezone.now()
    before = sorted({str(row.state) for row in rows})
    for row in rows:
        row.state, row.reviewed_by, row.reviewed_at = state, by, now
        for name, value in values.items():
            setattr(row, name, value)
    ResourceChange.objects.bulk_update(rows, _COLUMNS, batch_size=500)
    owner, due_at = values.get("owner"), values.get("due_at")
    parts = [values["reason"]]
    if values.get("ticket"):
        parts.append(f"Ticket {values['ticket']}")
    if owner is not None and due_at is not None:
        parts.append(f"Owner {owner.name or owner.email}, due on {due_at:%Y-%m-%d}")
    text = "\n".join(filter(None, parts))
    write_events(rows, ReviewEvent.Kind(str(state)), by=by, at=now, text=text)
    journal.record(
        tenant=tenant,
        actor=by,
        action=action,
        target=rows[0] if len(rows) == 1 else f"{len(rows)} changes",
        details={
            "count": len(rows),
            "changes": [str(row.pk) for row in rows[:100]],
            "before": before,
            "reason": values["reason"],
            "ticket": values.get("ticket", ""),
            **({"owner": owner.email, "due": due_at.isoformat()} if owner and due_at else {}),
        },
    )
    return len(rows)


def clean_text(field: str, text: str, limit: int, *, required: bool = False) -> str:
    """Return a text that a person entered, without characters that cannot be stored. Raises InvalidInput if the text is
    too long, or if it is required and missing.
    """
    cleaned = text.replace("\x00", "\ufffd").replace("\r\n", "\n").strip()
    if required and is_blank(cleaned):
        raise invalid(field, "Enter a reason.", code="empty")
    if len(cleaned) > limit:
        raise invalid(
            field,
            f"Use at most {limit} characters. This text has {len(cleaned)} characters.",
            code="too_long",
        )
    return cleaned
