"""The preview of the policy page, checked by counting findings, and the button that fills in the defaults."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.models import Treatment
from portal.treatment.selectors.policy import preview_policy
from portal.treatment.states import WITH_DUE_DATE, shown_state
from tenants.models import Tenant
from tests import factories
from tests.portal.web.settings.policy_form import changed, form, held, url
from tests.portal.web.world import World


def aged(world: World) -> None:
    """Give the failing findings different severities, ages and treatments."""
    now = timezone.now()
    with factories.in_tenant(world.home):
        rows = list(Finding.objects.filter(tenant=world.home, outcome="fail").order_by("control", "pk"))
        assert len(rows) >= 4
        for number, row in enumerate(rows):
            severity = Finding.Severity.values[number % 4]
            since = now - timedelta(days=(3, 10, 40, 200)[number % 3])
            Finding.objects.filter(pk=row.pk).update(severity=severity, failing_since=since)
        excepted, taken = rows[0], rows[1]
        Treatment.objects.update_or_create(
            tenant=world.home,
            finding=excepted,
            defaults={
                "excepted_sha256": excepted.observed_sha256,
                "excepted_from": now - timedelta(days=1),
                "excepted_until": now + timedelta(days=1),
            },
        )
        taken.refresh_from_db()
        Treatment.objects.update_or_create(
            tenant=world.home,
            finding=taken,
            defaults={
                "acknowledged_by": world.people["owner"],
                "acknowledged_at": now,
                "acknowledged_failing_since": taken.failing_since,
            },
        )


@pytest.mark.parametrize(
    "days",
    [
        {"critical": 7, "high": 30, "medium": 90, "low": 180},
        {"critical": 1, "high": 1, "medium": 1, "low": 1},
        {"critical": 5, "high": 9, "medium": 11, "low": 39},
        {"critical": 3650, "high": 3650, "medium": 3650, "low": 3650},
    ],
    ids=["the same", "a day", "between", "the most"],
)
def test_preview_counts_match_a_reference_implementation(world: World, days: dict[str, int]) -> None:
    aged(world)
    now = timezone.now()
    with factories.in_tenant(world.home):
        tenant = Tenant.objects.get(pk=world.home.pk)
        seen = preview_policy(tenant, due_days=dict(days), cap_days=180, now=now)
        rows = list(Finding.objects.filter(tenant=tenant).annotate(shown=shown_state(now)))

    def late(severity: str, policy: dict[str, int]) -> int:
        of = [row for row in rows if row.shown in WITH_DUE_DATE and row.severity == severity]
        return sum(
            row.failing_since is not None and row.failing_since + timedelta(days=policy[severity]) < now
            for row in of
        )

    for row in seen.by_severity:
        assert row.failing == sum(f.shown in WITH_DUE_DATE and f.severity == row.severity for f in rows)
        assert row.overdue == late(row.severity, tenant.due_days)
        assert row.would_be == late(row.severity, days)
    if days["critical"] == 1:
        assert sum(row.would_be or 0 for row in seen.by_severity) > 0


def test_preview_is_a_fragment_saves_nothing_and_marks_invalid_values(world: World, engineer: Client) -> None:
    aged(world)
    given = {k: v for k, v in form(world, due_high="1", due_low="x").items() if k.startswith(("due", "exc"))}
    html = engineer.get(url(world), given, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in html
    assert "invalid" in html
    assert "No exception in force is longer than 180 days." in html
    typed = engineer.post(url(world), {**form(world, due_high="1", name="Typed"), "preview": "1"})
    assert typed.status_code == 200
    assert 'value="Typed"' in typed.content.decode()
    assert held(world).due_days["high"] == 30
    assert changed(world) == []


@pytest.mark.parametrize(("days", "word"), [(1, "more"), (3650, "fewer")])
def test_preview_says_how_many_more_or_fewer_are_overdue(
    world: World, engineer: Client, days: int, word: str
) -> None:
    aged(world)
    now = timezone.now()
    with factories.in_tenant(world.home):
        tenant = Tenant.objects.get(pk=world.home.pk)
        seen = preview_policy(tenant, due_days=tenant.due_days | {"high": days}, cap_days=180, now=now)
    row = next(row for row in seen.by_severity if row.severity == "high")
    assert row.would_be is not None
    difference = abs(row.would_be - row.overdue)
    assert difference
    given = {k: v for k, v in form(world, due_high=str(days)).items() if k.startswith(("due", "exc"))}
    html = engineer.get(url(world), given, headers={"HX-Request": "true"}).content.decode()
    assert f"({difference} {word})" in html


def test_defaults_are_filled_in_but_not_saved(world: World, engineer: Client) -> None:
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(exception_cap_days=20)
    answer = engineer.post(url(world), {**form(world, due_high="1", name="Typed"), "defaults": "1"})
    html = answer.content.decode()
    assert "The form below contains the defaults" in html
    for part in ('name="due_high" value="30"', 'name="exception_cap_days" value="180"', 'value="Typed"'):
        assert part in html
    assert held(world).exception_cap_days == 20


def test_preview_shows_no_zero_when_no_check_has_a_result(world: World, engineer: Client) -> None:
    unread = "No automatic check has a result"
    assert unread not in engineer.get(url(world)).content.decode()
    with factories.in_tenant(world.home):
        Finding.objects.filter(tenant=world.home).update(
            outcome="unknown", state="unknown", unknown_because="unauthenticated", failing_since=None
        )
    html = engineer.get(url(world)).content.decode()
    assert unread in html
    assert "Overdue now" not in html
