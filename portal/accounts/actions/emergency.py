"""Create and use emergency access, a link that signs one administrator in once, without single sign-on and second
factor.

The other administrators are alerted.
"""

from __future__ import annotations

import secrets as random
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from portal.accounts.models import EmergencyAccess, Session
from portal.accounts.sessions import hash_key
from tenants.actors import Actor
from tenants.errors import Conflict, NotFound, invalid
from tenants.journal.accounts import record_for
from tenants.models import Membership, Person
from tenants.people.link_tokens import hash_token
from tenants.roles import Role
from tenants.scope import journal_scope, organizations_of
from tenants.values.visible_text import is_blank

log = structlog.get_logger(__name__)

MAX_MINUTES = 60
SESSION_LENGTH = timedelta(minutes=30)


def administrators(person: Person) -> list[Person]:
    """Return the administrators of every organization that the person belongs to. These administrators get the alarms
    about the person's emergency access.
    """
    found: dict[str, Person] = {}
    for organization_id in sorted(organizations_of(person)):
        with journal_scope(organization_id):
            rows = Membership.objects.filter(
                Membership.valid_at(timezone.now()),
                organization_id=organization_id,
                role=Role.ORGANIZATION_ADMINISTRATOR,
                person__is_active=True,
            )
            found |= {row.person.email: row.person for row in rows.select_related("person")}
    return [found[email] for email in sorted(found)]


@transaction.atomic
def create_access(
    *, by: Actor, person: Person, reason: str, minutes: int = 15
) -> tuple[EmergencyAccess, str]:
    """Create an emergency access and return it with the token of its link. The token is not stored.

    Earlier links of the person stop working. Raise Conflict unless the person is an administrator of an organization.
    Other people need no emergency access: administrators can restore their access.
    """
    reason = reason.strip()
    if len(reason) < 10 or is_blank(reason):
        raise invalid("reason", "Give the reason in a sentence. All administrators receive this sentence.")
    if not 1 <= minutes <= MAX_MINUTES:
        raise invalid("minutes", f"Choose between 1 and {MAX_MINUTES} minutes.")
    if person not in administrators(person):
        raise Conflict(
            f"{person.email} is not an active administrator of an organization. Enter the email"
            " address of an active administrator.",
            code="not_administrator",
        )
    now = timezone.now()
    EmergencyAccess.objects.filter(person=person, used_at=None, expires_at__gt=now).update(expires_at=now)
    token = random.token_urlsafe(32)
    access = EmergencyAccess.objects.create(
        person=person,
        reason=reason[:500],
        token_hash=hash_token(token),
        created_at=now,
        expires_at=now + timedelta(minutes=minutes),
    )
    details = {"reason": access.reason, "expires_at": access.expires_at}
    record_for(person, actor=by, action="account.emergency_access_created", details=details)
    log.error("emergency_access_created", person=str(person.pk), reason=access.reason)
    return access, token


def find_access(token: str, now: datetime | None = None) -> EmergencyAccess:
    """Return the unused access of a link. Raise NotFound, always with the same message, for a wrong, used or expired
    link.

    The link of a person who is no longer an administrator counts as expired.
    """
    rows = EmergencyAccess.objects.filter(
        token_hash=hash_token(token),
        used_at=None,
        expires_at__gt=now or timezone.now(),
        person__is_active=True,
    )
    found = rows.select_related("person").first()
    if found is None or found.person not in administrators(found.person):
        raise NotFound("This link has expired or was already used. Create another one on the server.")
    return found


@transaction.atomic
def use_access(*, token: str, details: dict[str, str]) -> EmergencyAccess:
    """Use the link, which works once. `details` describe the client for the journal."""
    access = find_access(token)
    changed = EmergencyAccess.objects.filter(pk=access.pk, used_at=None).update(used_at=timezone.now())
    if not changed:
        raise NotFound("Somebody else used this link at the same moment. Create another one on the server.")
    record_for(
        access.person,
        actor=access.person,
        action="account.emergency_access_used",
        details={"reason": access.reason, **details},
    )
    log.error("emergency_access_used", person=str(access.person_id), reason=access.reason)
    return access


def limit_session(session_key: str) -> None:
    """Limit a session that was started with an emergency link: it ends after `SESSION_LENGTH`."""
    rows = Session.objects.filter(key_hash=hash_key(session_key))
    rows.update(expires_at=timezone.now() + SESSION_LENGTH)
