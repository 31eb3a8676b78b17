"""Saving a tenant's policy: valid and invalid input, and the required right."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from portal.web.settings.policy_form import columns_of, time_zones
from portal.web.shared.stale_forms import write_start
from tenants.models import Tenant
from tenants.roles import CAPABILITIES, Capability, Role
from tests import factories
from tests.portal.web.settings.policy_form import changed, form, held, url
from tests.portal.web.world import SignIn, World


def test_saved_changes_are_reported_and_recorded(world: World, engineer: Client) -> None:
    given = form(
        world,
        due_critical="1",
        due_high="14",
        exception_cap_days="90",
        timezone="europe/berlin",
        labels="gold, EU , gold",
    )
    answer = engineer.post(url(world), given, follow=True)
    assert answer.redirect_chain == [(reverse("tenant-settings", args=[world.home.slug]), 302)]
    html = unescape(answer.content.decode())
    for said in (
        "Critical: 7 days → 1 day;",
        "High: 30 days → 14 days",
        "Maximum length of exceptions: 180 days → 90 days",
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
    assert tenant.due_days == {"critical": 1, "high": 14, "medium": 90, "low": 180, "info": 365}
    (details,) = changed(world)
    assert details["exception_cap_days"] == {"from": 180, "to": 90}
    assert details["due_days"]["to"]["high"] == 14
    assert "name" not in details


def test_saving_without_changes_records_nothing(world: World, engineer: Client) -> None:
    html = engineer.post(url(world), form(world), follow=True).content.decode()
    assert "No changes to save." in html
    assert changed(world) == []


def test_the_focus_is_on_the_first_field_of_the_page_to_correct(world: World, engineer: Client) -> None:
    html = engineer.post(url(world), form(world, name="", due_high="0")).content.decode()
    focused = [name for name in re.findall(r"<input\b[^>]*\bautofocus\b[^>]*>", html) if "name=" in name]
    assert len(focused) == 1
    assert 'name="due_high"' in focused[0]


def test_other_severities_of_the_policy_are_unchanged(world: World, engineer: Client) -> None:
    with factories.in_tenant(world.home):
        days = {"critical": 3, "high": 30, "medium": 90, "low": 180, "info": 99, "told": 5}
        Tenant.objects.filter(pk=world.home.pk).update(due_days=days)
    assert engineer.post(url(world), form(world, due_low="200")).status_code == 302
    assert held(world).due_days == {**days, "low": 200}


def test_severity_without_days_requires_some(world: World, engineer: Client) -> None:
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(due_days={"critical": 3, "high": 200, "medium": 90})
    html = engineer.get(url(world)).content.decode()
    assert "invalid" in html
    given = {**form(world_with(world, low=180)), "due_low": "45"}
    given["start"] = write_start(columns_of(held(world)))
    assert engineer.post(url(world), given).status_code == 302
    assert held(world).due_days["low"] == 45


def world_with(world: World, **days: int) -> World:
    """Change due days in the policy of the home tenant, directly in the database."""
    with factories.in_tenant(world.home):
        tenant = Tenant.objects.get(pk=world.home.pk)
        Tenant.objects.filter(pk=world.home.pk).update(due_days={**tenant.due_days, **days})
    return world


BAD = [
    ("due_critical", "0", "Enter whole days from 1 to 3650."),
    ("due_critical", "", "Enter whole days from 1 to 3650."),
    ("due_high", "-5", "Enter whole days from 1 to 3650."),
    ("due_medium", "3651", "Enter whole days from 1 to 3650."),
    ("due_low", "ten", "Enter whole days from 1 to 3650."),
    ("due_low", "1.5", "Enter whole days from 1 to 3650."),
    ("due_low", "9" * 5000, "Enter whole days from 1 to 3650."),
    ("exception_cap_days", "0", "Enter whole days from 1 to 3650."),
    ("exception_cap_days", "1e3", "Enter whole days from 1 to 3650."),
    ("exception_cap_days", "", "Enter whole days from 1 to 3650."),
    ("name", "", "This field is required."),
    ("name", " \t ", "This field is required."),
    ("name", "n" * 201, "at most 200 characters"),
    ("name", "a\x00b", "Null characters are not allowed."),
    ("timezone", "", "This field is required."),
    ("timezone", "Europe/Atlantis", "There is no time zone “Europe/Atlantis”."),
    ("timezone", "../etc/passwd", "There is no time zone"),
    ("timezone", "posix/Europe/Berlin", "There is no time zone"),
    ("labels", "x" * 61, "is invalid. Enter 1 to 60 characters"),
]


@pytest.mark.parametrize(("name", "value", "said"), BAD, ids=[f"{n}-{v[:12]!r}" for n, v, _ in BAD])
def test_invalid_input_is_reported_at_its_field(
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
def test_only_administrators_get_the_link(world: World, sign_in: SignIn, role: Role) -> None:
    client = sign_in(world.people[role.value])
    allowed = CAPABILITIES[role]
    settings = client.get(reverse("tenant-settings", args=[world.home.slug]))
    if Capability.VIEW_ALL not in allowed:
        assert settings.status_code == 403
    else:
        html = settings.content.decode()
        assert "Maximum length of exceptions" in html
        assert (url(world) in html) == (Capability.ADMINISTER in allowed)
    found = client.get(reverse("palette"), {"q": "polic", "tenant": world.home.slug}).content.decode()
    assert (url(world) in found) == (Capability.ADMINISTER in allowed)
    assert client.post(url(world), form(world, due_high="1")).status_code == (
        302 if Capability.ADMINISTER in allowed else 403
    )
    assert held(world).due_days["high"] == (1 if Capability.ADMINISTER in allowed else 30)


def test_time_zones_are_offered(world: World, engineer: Client) -> None:
    html = engineer.get(url(world)).content.decode()
    assert "Europe/Berlin" in time_zones()
    assert html.count("<option value=") == len(time_zones()) > 300


@pytest.mark.parametrize("role", ["organization_engineer", "owner"])
def test_explanations_of_due_dates_and_caps_link_to_the_policy(
    world: World, sign_in: SignIn, role: str
) -> None:
    client, slug = sign_in(world.people[role]), world.home.slug
    finding = client.get(reverse("finding", args=[slug, world.of(world.home)["owned"].pk])).content.decode()
    asked = reverse("exception-request", args=[slug]) + f"?finding={world.of(world.home)['owned'].pk}"
    form_of_it = client.get(asked).content.decode()
    assert "allows exceptions of at most 180 days" in form_of_it
    assert "for high findings" in finding
    for html in (finding, form_of_it):
        assert (f'<a href="{url(world)}">' in html) == (role == "organization_engineer")
