"""Delete the data of ended sessions at once, and their rows after the period that the person's organizations set."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from portal.accounts.models import Session
from portal.accounts.sessions import idle_limit
from portal.retention.kinds import KINDS
from portal.retention.selectors import organization_days
from tenants.models import Membership, OrganizationKey
from tenants.scope import organization_scope

SESSIONS = "sessions"


def close_ended_sessions(*, now: datetime | None = None) -> int:
    """Delete the keys and data of ended sessions. Return the number of these sessions. Address, browser and times
    remain.

    Otherwise, a longer idle time in the settings would make idle sessions valid again.
    """
    rows = Session.objects.filter(_ended(now or timezone.now()), data__isnull=False)
    return rows.update(data=None, key_hash=Concat(Value("ended:"), Cast("id", CharField())))


def delete_ended_sessions(*, now: datetime | None = None) -> int:
    """Delete old sessions, and return how many. Needs no scope.

    If a person belongs to several organizations, the longest period counts. Sessions without a person are deleted when
    they end, and sessions of people without an organization after the default period.
    """
    now = now or timezone.now()
    periods: dict[UUID, int | None] = {}
    for organization_id in OrganizationKey.objects.values_list("pk", flat=True):
        with organization_scope(organization_id):
            days = organization_days(organization_id, [SESSIONS])[SESSIONS]
            members = Membership.objects.filter(organization=organization_id)
            for person_id in members.order_by().values_list("person", flat=True).distinct():
                periods[person_id] = longer(periods.get(person_id, 0), days)
    people: dict[int | None, list[UUID]] = defaultdict(list)
    for person_id, period in periods.items():
        people[period].append(person_id)
    deleted = _delete(Q(person=None), now)
    others = ~Q(person__in=list(periods)) & Q(person__isnull=False)
    deleted += _delete(others, now - timedelta(days=KINDS[SESSIONS].default))
    for period, ids in people.items():
        if period is not None:
            deleted += _delete(Q(person__in=ids), now - timedelta(days=period))
    return deleted


def longer(first: int | None, second: int | None) -> int | None:
    """Return the longer period; None is without limit."""
    return None if first is None or second is None else max(first, second)


def _delete(whose: Q, before: datetime) -> int:
    rows: Any = Session.objects.filter(whose & _ended(before))
    return int(rows.delete()[0])


def _ended(before: datetime) -> Q:
    """Return the condition of sessions that ended before this time."""
    return Q(expires_at__lte=before) | Q(last_seen_at__lte=before - idle_limit())
