"""Ended sessions are deleted after the retention period of the person's organizations."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal.accounts.actions import ended_sessions
from portal.accounts.actions.ended_sessions import delete_ended_sessions, preview_ended_sessions
from portal.accounts.models import Session
from portal.accounts.selectors import sessions_of
from portal.accounts.sessions import SessionStore, hash_key
from portal.accounts.tasks import remove_ended_sessions
from portal.retention.actions.policy import set_organization_periods
from portal.retention.kinds import KINDS
from tenants import journal
from tenants.models import Organization, OrganizationJournalEntry, Person
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def session(person: Person | None, ended_days: float, *, by: str = "end") -> Session:
    """Create a session that ended this many days ago: at its absolute end, or because nobody used it."""
    now = timezone.now()
    ended = now - ended_days * DAY
    idle = timedelta(minutes=settings.SURETY_SESSION_IDLE_MINUTES)
    return Session.objects.create(
        key_hash=f"{Session.objects.count():064}",
        person=person,
        data=b"sealed",
        last_seen_at=ended - idle if by == "idle" else now,
        expires_at=ended if by == "end" else now + DAY,
    )


def left(*rows: Session) -> list[bool]:
    delete_ended_sessions()
    return [Session.objects.filter(pk=row.pk).exists() for row in rows]


@pytest.mark.parametrize("by", ["end", "idle"])
def test_period_of_the_organization(by: str) -> None:
    one, two, keeps = factories.organization(), factories.organization(), factories.organization()
    default = factories.member(Role.ORGANIZATION_ENGINEER, one)
    longest = factories.member(Role.ORGANIZATION_ENGINEER, one)
    factories.member(Role.AUDITOR, factories.tenant(two), longest)
    forever = factories.member(Role.ORGANIZATION_ENGINEER, keeps)
    alone = factories.person()
    with organization_scope(two):
        set_organization_periods(organization=two, by=BY, wanted={"sessions": 60})
    with organization_scope(keeps):
        set_organization_periods(organization=keeps, by=BY, wanted={"sessions": "keep"})
    rows = [
        session(person, days, by=by)
        for person, days in (
            (None, 0.01), (None, -1), (default, -1), (default, 29.9), (default, 30.1), (longest, 59.9),
            (longest, 60.1), (forever, 3000), (alone, 29.9), (alone, 30.1),
        )
    ]  # fmt: skip
    assert left(*rows) == [False, True, True, True, False, True, False, True, True, False]


@pytest.mark.parametrize("by", ["end", "idle"])
def test_nothing_makes_an_ended_session_valid_again(by: str, settings: Any) -> None:
    """The row of an ended session is kept for the retention period. The old cookie must not work again, even if the
    permitted idle time is raised.
    """
    person = factories.member(Role.ORGANIZATION_ENGINEER, factories.organization())
    old, current = SessionStore(), SessionStore()
    for store in (old, current):
        store["_auth_user_id"] = str(person.pk)
        store.create()
    ended = timezone.now() - timedelta(minutes=settings.SURETY_SESSION_IDLE_MINUTES + 1)
    moved = {"last_seen_at": ended} if by == "idle" else {"expires_at": ended}
    row = Session.objects.get(key_hash=hash_key(str(old.session_key)))
    Session.objects.filter(pk=row.pk).update(**moved)
    remove_ended_sessions()
    settings.SURETY_SESSION_IDLE_MINUTES = 24 * 60
    Session.objects.filter(pk=row.pk).update(expires_at=timezone.now() + DAY)
    assert SessionStore(old.session_key).load() == {}
    row.refresh_from_db()
    assert (row.data, row.key_hash) == (None, f"ended:{row.pk}")
    assert row.person == person
    assert SessionStore(current.session_key).load() == {"_auth_user_id": str(person.pk)}


def test_ended_sessions_are_not_listed() -> None:
    person = factories.member(Role.ORGANIZATION_ENGINEER, factories.organization())
    session(person, 5)
    current = session(person, -1)
    assert [row.pk for row in sessions_of(person)] == [current.pk]


def entries(organization: Organization) -> list[tuple[str, Any]]:
    with organization_scope(organization):
        rows = OrganizationJournalEntry.objects.filter(action="retention.deleted").order_by("sequence")
        return [(row.actor, row.details["rows"]) for row in rows]


def test_deletion_runs_in_steps_and_is_recorded_in_each_organization(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a person works for two organizations, the journals of both count the person's deleted sessions. No journal
    counts sessions without a person.
    """
    smaller = {**KINDS, "sessions": replace(KINDS["sessions"], batch=2)}
    monkeypatch.setattr(ended_sessions, "KINDS", smaller)
    one, two = factories.organization(), factories.organization()
    own = factories.member(Role.ORGANIZATION_ENGINEER, one)
    shared = factories.member(Role.ORGANIZATION_ENGINEER, one)
    factories.member(Role.ORGANIZATION_ENGINEER, two, shared)
    rows = [session(who, 40) for who in (own, own, shared, None)]
    kept = session(own, 20)
    assert preview_ended_sessions(one, 30) == 3
    assert preview_ended_sessions(one, 10) == 4
    assert preview_ended_sessions(two, None) == 0
    assert [preview_ended_sessions(two, days) for days in (30, 35)] == [1, 1]
    assert left(*rows, kept) == [False, False, False, False, True]
    assert [number for _, number in entries(one)] == [2, 1]
    assert entries(two) == [("system:retention", 1)]
    for place in (one, two):
        with organization_scope(place):
            assert journal.verify(place) == []


def test_command_previews_and_deletes_sessions() -> None:
    place = factories.organization()
    who = factories.member(Role.ORGANIZATION_ENGINEER, place)
    row = session(who, 40)
    out = StringIO()
    call_command("apply_retention", "--kind", "sessions", "--dry-run", stdout=out)
    assert f"{place.slug}: Ended sessions: 1 would be deleted" in out.getvalue()
    assert Session.objects.filter(pk=row.pk).exists()
    assert entries(place) == []
    call_command("apply_retention", "--kind", "sessions", stdout=out)
    assert "Ended sessions: 1 deleted" in out.getvalue()
    assert not Session.objects.filter(pk=row.pk).exists()
    ((actor, _),) = entries(place)
    assert actor.startswith("system:operator")
    with pytest.raises(CommandError, match="Sessions belong to people"):
        call_command("apply_retention", "--kind", "sessions", "--customer", "contoso")
