"""End sessions on behalf of their owner or of an administrator, and after a change of credentials."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Session
from portal.accounts.sessions import idle_limit
from tenants.actors import Actor
from tenants.errors import NotFound
from tenants.ids import parse_uuid
from tenants.journal.accounts import record_for
from tenants.models import Person


@transaction.atomic
def end_session(*, person: Person, by: Actor, session_id: object) -> None:
    """End one session of the person. Raise NotFound if the session belongs to somebody else or has ended."""
    identifier = parse_uuid(session_id)
    row = Session.objects.filter(pk=identifier, person=person).first() if identifier else None
    if row is None:
        raise NotFound("This session has already ended. Reload the page.")
    row.delete()
    record_for(person, actor=by, action="account.sessions_ended", details={"sessions": 1})


@transaction.atomic
def end_sessions(*, person: Person, by: Actor, keep: UUID | None = None) -> int:
    """End all sessions of the person, except the session with the id `keep`. Return how many of the ended sessions
    were still valid until now.
    """
    now = timezone.now()
    # Also delete sessions that have already ended because they were idle. Otherwise, they would become valid again if
    # the idle limit were raised.
    rows = Session.objects.filter(person=person, expires_at__gt=now)
    rows = rows.exclude(pk=keep) if keep else rows
    ended = rows.filter(last_seen_at__gt=now - idle_limit()).count()
    rows.delete()
    if ended:
        record_for(person, actor=by, action="account.sessions_ended", details={"sessions": ended})
    return ended
