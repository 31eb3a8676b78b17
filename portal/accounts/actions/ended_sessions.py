"""Delete the data of a session as soon as the session ends. Delete the row of the session after the retention period
of the person's organizations.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from portal.accounts.models import Session
from portal.accounts.sessions import idle_limit
from portal.retention.kinds import KINDS
from portal.retention.selectors import organization_days
from tenants import journal
from tenants.actors import Actor, System
from tenants.models import Membership, Organization, OrganizationKey
from tenants.scope import organization_scope

SESSIONS: Final = "sessions"
WORKER: Final = System("retention")


@dataclass(slots=True)
class _Plan:
    """The retention periods of sessions.

    `days` is {id of a person: retention period of the person's sessions in days, or None for no limit}. `people` is {id
    of an organization: ids of its people}.
    """

    days: dict[UUID, int | None] = field(default_factory=dict)
    people: dict[UUID, set[UUID]] = field(default_factory=dict)

    @classmethod
    def load(cls, changed: dict[UUID, int | None] | None = None) -> _Plan:
        """Read the retention period for sessions of each organization. For a preview, `changed` replaces the periods of
        some organizations.
        """
        plan = cls()
        for organization_id in OrganizationKey.objects.order_by("pk").values_list("pk", flat=True):
            with organization_scope(organization_id):
                days = organization_days(organization_id, [SESSIONS])[SESSIONS]
                if changed is not None and organization_id in changed:
                    days = changed[organization_id]
                members = Membership.objects.filter(organization=organization_id)
                people = set(members.order_by().values_list("person", flat=True))
            plan.people[organization_id] = people
            for person_id in people:
                plan.days[person_id] = longer(plan.days.get(person_id, 0), days)
        return plan

    def old(self, now: datetime) -> Q:
        """Return the condition for sessions whose retention period is over at the time `now`. The rows of these
        sessions are deleted.
        """
        people: dict[int | None, list[UUID]] = defaultdict(list)
        for person_id, days in self.days.items():
            people[days].append(person_id)
        unknown = ~Q(person__in=list(self.days)) & Q(person__isnull=False)
        found = Q(person=None) & _ended(now)
        found |= unknown & _ended(now - timedelta(days=KINDS[SESSIONS].default))
        for days, ids in people.items():
            if days is not None:
                found |= Q(person__in=ids) & _ended(now - timedelta(days=days))
        return found


def close_ended_sessions(*, now: datetime | None = None) -> int:
    """Delete the keys and data of ended sessions, and return the number of these sessions. IP address, browser and
    times remain.

    A session can end because it was idle for too long. If its key remained, the session would become valid again when
    the limit for idle sessions is raised.
    """
    rows = Session.objects.filter(_ended(now or timezone.now()), data__isnull=False)
    return rows.update(data=None, key_hash=Concat(Value("ended:"), Cast("id", CharField())))


def delete_ended_sessions(*, now: datetime | None = None, by: Actor = WORKER) -> int:
    """Delete old sessions in batches, each in its own transaction, and return how many were deleted. This function may
    run outside of a scope (`tenants.scope`).

    If a person belongs to several organizations, the longest retention period counts. If a person belongs to no
    organization, the default period counts. Sessions without a person are deleted when they end. Each batch is recorded
    in the journals of the organizations.
    """
    plan = _Plan.load()
    old = plan.old(now or timezone.now())
    total = 0
    while deleted := _delete_batch(plan, old, by):
        total += deleted
    return total


def preview_ended_sessions(organization: Organization, days: int | None) -> int:
    """Return how many sessions of the organization's people would be deleted now if the retention period were `days`.

    Call this outside of any scope (`tenants.scope`). Sessions that another organization of the person keeps for longer
    are not counted.
    """
    plan = _Plan.load({organization.pk: days})
    people = plan.people.get(organization.pk, set())
    return Session.objects.filter(plan.old(timezone.now()), person__in=people).count()


def count_older_sessions(organization: Organization, days: int | None) -> int:
    """Return how many sessions of the organization's people ended more than `days` days ago. The caller must have
    entered the organization's scope (`tenants.scope`).

    The number includes sessions that another organization of the person keeps for longer.
    """
    if days is None:
        return 0
    people = Membership.objects.filter(organization=organization).order_by().values("person")
    return Session.objects.filter(_ended(timezone.now() - timedelta(days=days)), person__in=people).count()


def longer(first: int | None, second: int | None) -> int | None:
    """Return the longer of two periods; None means no limit."""
    return None if first is None or second is None else max(first, second)


@transaction.atomic
def _delete_batch(plan: _Plan, old: Q, by: Actor) -> int:
    """Delete one batch, and record this in the journals. Skip rows that another worker has locked."""
    rows = Session.objects.filter(old).order_by("pk").select_for_update(skip_locked=True, of=("self",))
    batch: list[tuple[Any, UUID | None]] = list(rows.values_list("pk", "person")[: KINDS[SESSIONS].batch])
    if not batch:
        return 0
    Session.objects.filter(pk__in=[pk for pk, _ in batch]).delete()
    owners = Counter(person_id for _, person_id in batch if person_id is not None)
    for organization_id, people in sorted(plan.people.items()):
        if number := sum(owners[person_id] for person_id in people & owners.keys()):
            with organization_scope(organization_id):
                journal.record(
                    organization=Organization.objects.get(pk=organization_id),
                    actor=by,
                    action="retention.deleted",
                    target=KINDS[SESSIONS].label,
                    details={"kind": SESSIONS, "rows": number},
                )
    return len(batch)


def _ended(before: datetime) -> Q:
    """Return the condition for sessions that ended before this time."""
    return Q(expires_at__lte=before) | Q(last_seen_at__lte=before - idle_limit())
