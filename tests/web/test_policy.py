"""The page of a tenant's policy: what it keeps, refuses, foresees, and what two people at once get."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.models import Treatment
from portal.treatment.selectors.policy import foresee
from portal.treatment.states import DUE, shown_state
from portal.web.settings.policy_form import columns_of, read_start, time_zones, write_start
from tenants.actions import change_tenant
from tenants.models import JournalEntry, Person, Tenant
from tenants.roles import CAPABILITIES, Capability, Role
from tests import factories
from tests.web.world import World

type SignIn = Callable[[Person], Client]


def url(world: World) -> str:
    return reverse("policy", args=[world.home.slug])


def held(world: World) -> Tenant:
    with factories.in_tenant(world.home):
        return Tenant.objects.get(pk=world.home.pk)


def form(world: World, **given: str) -> dict[str, str]:
    """What a browser sends of the page as it is, but for what is given."""
    tenant = held(world)
    return {
        "start": write_start(columns_of(tenant)),
        "name": tenant.name,
        "timezone": tenant.timezone,
        "labels": ", ".join(tenant.labels),
        "exception_cap_days": str(tenant.exception_cap_days),
        **{f"due_{key}": str(tenant.due_days[key]) for key in Finding.Severity.values},
        **given,
    }


def changed(world: World) -> list[dict[str, Any]]:
    with factories.in_tenant(world.home):
        rows = JournalEntry.objects.filter(tenant=world.home, action="tenant.changed").order_by("sequence")
        return [row.details for row in rows]


def test_what_is_kept_is_said_and_in_the_journal(world: World, engineer: Client) -> None:
    given = form(
        world, due_high="14", exception_cap_days="90", timezone="europe/berlin", labels="gold, EU , gold"
    )
    answer = engineer.post(url(world), given, follow=True)
    assert answer.redirect_chain == [(reverse("tenant-settings", args=[world.home.slug]), 302)]
    html = unescape(answer.content.decode())
    for said in (
        "High: 30 days → 14 days",
        "Exceptions last at most: 180 days → 90 days",
        "Time zone: UTC → Europe/Berlin",
        "Labels: gold → gold, EU",
    ):
        assert said in html
    tenant = held(world)
    assert (tenant.timezone, tenant.labels, tenant.exception_cap_days) == (
        "Europe/Berlin",
        ["gold", "EU"],
        90,
    )
    assert tenant.due_days == {"critical": 7, "high": 14, "medium": 90, "low": 180, "info": 365}
    (details,) = changed(world)
    assert details["exception_cap_days"] == {"from": 180, "to": 90}
    assert details["due_days"]["to"]["high"] == 14
    assert "name" not in details


def test_keeping_it_as_it_is_changes_and_journals_nothing(world: World, engineer: Client) -> None:
    html = engineer.post(url(world), form(world), follow=True).content.decode()
    assert "Nothing was changed." in html
    assert changed(world) == []


def test_what_else_the_policy_knows_is_kept(world: World, engineer: Client) -> None:
    with factories.in_tenant(world.home):
        days = {"critical": 3, "high": 30, "medium": 90, "low": 180, "info": 99, "told": 5}
        Tenant.objects.filter(pk=world.home.pk).update(due_days=days)
    assert engineer.post(url(world), form(world, due_low="200")).status_code == 302
    assert held(world).due_days == {**days, "low": 200}


def test_a_severity_without_days_asks_for_some(world: World, engineer: Client) -> None:
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(due_days={"critical": 3, "high": 200, "medium": 90})
    html = engineer.get(url(world)).content.decode()
    assert "cannot be used" in html
    given = {**form(world_with(world, low=180)), "due_low": "45"}
    given["start"] = write_start(columns_of(held(world)))
    assert engineer.post(url(world), given).status_code == 302
    assert held(world).due_days["low"] == 45


def world_with(world: World, **days: int) -> World:
    """The world, after its policy got these days by nobody."""
    with factories.in_tenant(world.home):
        tenant = Tenant.objects.get(pk=world.home.pk)
        Tenant.objects.filter(pk=world.home.pk).update(due_days={**tenant.due_days, **days})
    return world


BAD = [
    ("due_critical", "0", "Give whole days from 1 to 3650."),
    ("due_critical", "", "Give whole days from 1 to 3650."),
    ("due_high", "-5", "Give whole days from 1 to 3650."),
    ("due_medium", "3651", "Give whole days from 1 to 3650."),
    ("due_low", "ten", "Give whole days from 1 to 3650."),
    ("due_low", "1.5", "Give whole days from 1 to 3650."),
    ("due_low", "9" * 5000, "Give whole days from 1 to 3650."),
    ("exception_cap_days", "0", "Give whole days from 1 to 3650."),
    ("exception_cap_days", "1e3", "Give whole days from 1 to 3650."),
    ("exception_cap_days", "", "Give whole days from 1 to 3650."),
    ("name", "", "This field is required."),
    ("name", " \t ", "This field is required."),
    ("name", "n" * 201, "at most 200 characters"),
    ("name", "a\x00b", "Null characters are not allowed."),
    ("timezone", "", "This field is required."),
    ("timezone", "Europe/Atlantis", "There is no time zone “Europe/Atlantis”."),
    ("timezone", "../etc/passwd", "There is no time zone"),
    ("timezone", "posix/Europe/Berlin", "There is no time zone"),
    ("labels", "x" * 61, "is no label"),
]


@pytest.mark.parametrize(("name", "value", "said"), BAD, ids=[f"{n}-{v[:12]!r}" for n, v, _ in BAD])
def test_bad_input_is_refused_at_its_field(
    world: World, engineer: Client, name: str, value: str, said: str
) -> None:
    before = columns_of(held(world))
    answer = engineer.post(url(world), form(world, **{name: value}))
    assert answer.status_code == 400
    html = unescape(answer.content.decode())
    error = html.split(f'id="id_{name}_error"')[1].split("</div>")[0]
    assert said in error
    assert html.count('aria-invalid="true"') == 1
    assert columns_of(held(world)) == before
    assert changed(world) == []


@pytest.mark.parametrize("role", list(Role))
def test_who_may_change_it_gets_the_link(world: World, sign_in: SignIn, role: Role) -> None:
    client = sign_in(world.people[role.value])
    allowed = CAPABILITIES[role]
    settings = client.get(reverse("tenant-settings", args=[world.home.slug]))
    if Capability.VIEW_ALL not in allowed:
        assert settings.status_code == 403
    else:
        html = settings.content.decode()
        assert "Exceptions last at most" in html
        assert (url(world) in html) == (Capability.ADMINISTER in allowed)
    found = client.get(reverse("palette"), {"q": "polic", "tenant": world.home.slug}).content.decode()
    assert (url(world) in found) == (Capability.ADMINISTER in allowed)
    assert client.post(url(world), form(world, due_high="1")).status_code == (
        302 if Capability.ADMINISTER in allowed else 403
    )
    assert held(world).due_days["high"] == (1 if Capability.ADMINISTER in allowed else 30)


def aged(world: World) -> None:
    """Failing findings of every severity and age, some acknowledged, one excepted, some gone."""
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
def test_the_preview_counts_as_one_by_one(world: World, days: dict[str, int]) -> None:
    aged(world)
    now = timezone.now()
    with factories.in_tenant(world.home):
        tenant = Tenant.objects.get(pk=world.home.pk)
        seen = foresee(tenant, due_days=dict(days), cap_days=180, now=now)
        rows = list(Finding.objects.filter(tenant=tenant).annotate(shown=shown_state(now)))

    def late(severity: str, policy: dict[str, int]) -> int:
        of = [row for row in rows if row.shown in DUE and row.severity == severity]
        return sum(
            row.failing_since is not None and row.failing_since + timedelta(days=policy[severity]) < now
            for row in of
        )

    for row in seen.by_severity:
        assert row.open == sum(f.shown in DUE and f.severity == row.severity for f in rows)
        assert row.overdue == late(row.severity, tenant.due_days)
        assert row.would_be == late(row.severity, days)
    if days["critical"] == 1:
        assert sum(row.would_be or 0 for row in seen.by_severity) > 0


def test_the_preview_is_a_part_keeps_nothing_and_says_what_cannot_be_used(
    world: World, engineer: Client
) -> None:
    aged(world)
    given = {k: v for k, v in form(world, due_high="1", due_low="x").items() if k.startswith(("due", "exc"))}
    html = engineer.get(url(world), given, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in html
    assert "cannot be used" in html
    assert "No exception that runs lasts longer than 180 days." in html
    typed = engineer.post(url(world), {**form(world, due_high="1", name="Typed"), "preview": "1"})
    assert typed.status_code == 200
    assert 'value="Typed"' in typed.content.decode()
    assert held(world).due_days["high"] == 30
    assert changed(world) == []


def test_the_defaults_are_filled_in_and_not_kept(world: World, engineer: Client) -> None:
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(exception_cap_days=20)
    answer = engineer.post(url(world), {**form(world, due_high="1", name="Typed"), "defaults": "1"})
    html = answer.content.decode()
    assert "The defaults are filled in below" in html
    for part in ('name="due_high" value="30"', 'name="exception_cap_days" value="180"', 'value="Typed"'):
        assert part in html
    assert held(world).exception_cap_days == 20


def test_what_another_changed_meanwhile_is_shown_and_not_overwritten(world: World, engineer: Client) -> None:
    mine = form(world, due_high="14", due_low="100")
    other = world.people["tenant_administrator"]
    with factories.in_tenant(world.home):
        change_tenant(
            by=other,
            tenant=world.home,
            exception_cap_days=45,
            due_days={**world.home.due_days, "high": 21},
        )
    answer = engineer.post(url(world), mine)
    assert answer.status_code == 409
    html = unescape(answer.content.decode())
    assert "Nothing was kept: the policy was changed while you had it open" in html
    assert other.email in html
    row = html.split('<th scope="row">High</th>')[1].split("</tr>")[0]
    assert ["30 days" in row, "21 days" in row, "14 days" in row] == [True, True, True]
    cap = html.split('<th scope="row">Exceptions last at most</th>')[1].split("</tr>")[0]
    assert ["180 days" in cap, "45 days" in cap, "not changed" in cap] == [True, True, True]
    # Mine where I typed, theirs where I did not.
    for part in (
        'name="due_high" value="14"',
        'name="due_low" value="100"',
        'name="exception_cap_days" value="45"',
    ):
        assert part in html
    assert held(world).due_days["high"] == 21
    # Sent again from that page it is kept.
    start = html.split('name="start" value="')[1].split('">')[0]
    again = {**mine, "exception_cap_days": "45", "start": start}
    assert engineer.post(url(world), again).status_code == 302
    tenant = held(world)
    assert (tenant.due_days["high"], tenant.due_days["low"], tenant.exception_cap_days) == (14, 100, 45)


def test_sent_twice_it_is_kept_once(world: World, engineer: Client) -> None:
    given = form(world, due_high="14")
    assert engineer.post(url(world), given).status_code == 302
    assert engineer.post(url(world), given).status_code == 302
    assert len(changed(world)) == 1


def test_a_refused_form_still_says_what_it_started_from(world: World, engineer: Client) -> None:
    """Else the correction would overwrite what another changed between."""
    bad = form(world, due_high="0")
    with factories.in_tenant(world.home):
        change_tenant(by=world.people["tenant_administrator"], tenant=world.home, exception_cap_days=45)
    html = unescape(engineer.post(url(world), bad).content.decode())
    start = html.split('name="start" value="')[1].split('">')[0]
    assert json.loads(start)["exception_cap_days"] == 180
    assert engineer.post(url(world), {**bad, "due_high": "14", "start": start}).status_code == 409


WITHOUT_START = {
    "none": "",
    "broken": "{",
    "a list": "[]",
    "empty": "{}",
    "a part": '{"name":"x"}',
    "null": "null",
    "a text": '"x"',
    "deep": "[" * 100_000,
    "labels that are numbers": (
        '{"name":"x","timezone":"UTC","labels":[1],"exception_cap_days":1,"due_days":{}}'
    ),
}


@pytest.mark.parametrize("start", WITHOUT_START.values(), ids=WITHOUT_START)
def test_without_what_it_started_from_nothing_is_kept(world: World, engineer: Client, start: str) -> None:
    answer = engineer.post(url(world), form(world, start=start, due_high="14"))
    assert answer.status_code == 400
    assert "does not say what it started from" in answer.content.decode()
    assert held(world).due_days["high"] == 30
    assert read_start(start) is None


def test_time_zones_are_offered(world: World, engineer: Client) -> None:
    html = engineer.get(url(world)).content.decode()
    assert "Europe/Berlin" in time_zones()
    assert html.count("<option value=") == len(time_zones()) > 300


@pytest.mark.parametrize("role", ["organization_engineer", "owner"])
def test_where_due_dates_and_caps_are_explained_it_is_a_link(
    world: World, sign_in: SignIn, role: str
) -> None:
    client, slug = sign_in(world.people[role]), world.home.slug
    finding = client.get(reverse("finding", args=[slug, world.of(world.home)["owned"].pk])).content.decode()
    asked = reverse("exception-request", args=[slug]) + f"?finding={world.of(world.home)['owned'].pk}"
    form_of_it = client.get(asked).content.decode()
    assert "allows at most 180 days" in form_of_it
    assert " for high findings" in finding
    for html in (finding, form_of_it):
        assert (f'<a href="{url(world)}">' in html) == (role == "organization_engineer")
