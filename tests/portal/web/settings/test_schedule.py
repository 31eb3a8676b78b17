"""The pages of a customer's schedule and of an organization's default."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Schedule
from portal.notify.models import Notice
from portal.treatment.actions.schedule_notices import notify_of_schedule
from tenants.models import JournalEntry, Organization, ServicePrincipal, Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.forms import start_of
from tests.portal.web.world import World

OWN = {"choice": "own", "weekdays": ["0", "4"], "times": "14:00; 2:00", "window": "30"}


def url(world: World) -> str:
    return reverse("schedule", args=[world.home.slug])


def organization_url(world: World) -> str:
    return reverse("organization-schedule", args=[world.organization.slug])


def stored(world: World) -> Any:
    with factories.in_tenant(world.home):
        return Schedule.objects.filter(tenant=world.home).first()


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_schedule_is_saved_and_the_next_starts_are_shown(world: World, engineer: Client) -> None:
    assert "None. Assessments start only when a person starts them." in text(engineer, url(world))
    answer = engineer.post(url(world), {**OWN, **start_of(engineer, url(world))}, follow=True)
    html = unescape(answer.content.decode())
    assert "Schedule saved. Monday and Friday at 02:00 and 14:00, within 30 minutes. Next start: " in html
    assert html.count("<time datetime=") >= 5
    row = stored(world)
    assert row.rule == "Mon,Fri 02:00,14:00 within 30"
    assert row.next_at > timezone.now()
    settings = text(engineer, reverse("tenant-settings", args=[world.home.slug]))
    assert "Monday and Friday at 02:00 and 14:00" in settings
    assert engineer.post(url(world), {"choice": "off", **start_of(engineer, url(world))}).status_code == 302
    assert (stored(world).enabled, stored(world).next_at) == (False, None)
    with factories.in_tenant(world.home):
        entries = JournalEntry.objects.filter(action="schedule.changed").order_by("sequence")
        assert [entry.details["to"] for entry in entries] == ["Mon,Fri 02:00,14:00 within 30", "off"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Choose whether assessments are scheduled."),
        ({"choice": "sometimes"}, "Select a valid choice"),
        ({**OWN, "weekdays": []}, "Choose at least one weekday."),
        ({**OWN, "weekdays": ["7"]}, "Select a valid choice"),
        ({**OWN, "times": ""}, "Enter at least one time, such as 02:00."),
        ({**OWN, "times": "2 o’clock"}, "“2 o’clock” is not a time."),
        ({**OWN, "times": "24:00"}, "“24:00” is not a time."),
        (
            {**OWN, "times": ",".join(f"{n // 60:02}:{n % 60:02}" for n in range(25))},
            "Enter at most 24 times.",
        ),
        ({**OWN, "window": "721"}, "Enter at most 720."),
        ({**OWN, "window": "half"}, "Enter a whole number."),
    ],
)
def test_wrong_form_is_explained_and_saves_nothing(
    world: World, engineer: Client, given: dict[str, object], words: str
) -> None:
    answer = engineer.post(url(world), given)
    assert answer.status_code == 400
    assert words in unescape(answer.content.decode())
    assert stored(world) is None


def test_default_is_followed_until_a_customer_has_a_schedule_of_its_own(
    world: World, administrator: Client
) -> None:
    answer = administrator.post(organization_url(world), {**OWN, "times": "03:00"}, follow=True)
    html = unescape(answer.content.decode())
    assert "Within a minute, it takes effect for customers that have no schedule of their own." in html
    assert "Monday and Friday at 03:00, within 30 minutes" in html
    with organization_scope(world.organization):
        assert Organization.objects.get().default_schedule == "Mon,Fri 03:00 within 30"
    page = text(administrator, url(world))
    assert "Default of the organization: Monday and Friday at 03:00, within 30 minutes" in page
    assert (
        administrator.post(
            url(world), {"choice": "default", **start_of(administrator, url(world))}
        ).status_code
        == 302
    )
    assert stored(world).rule == ""
    # The schedule of an organization is the default of its customers, so it cannot be “default” itself.
    assert administrator.post(organization_url(world), {"choice": "default"}).status_code == 400


@pytest.mark.slow(seconds=1)
def test_pause_and_missed_starts_are_shown_and_told(world: World, engineer: Client) -> None:
    engineer.post(url(world), {**OWN, **start_of(engineer, url(world))})
    missed = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    now = timezone.now()
    with factories.in_tenant(world.home):
        ServicePrincipal.objects.update(
            last_error_code="AADSTS7000222",
            last_error="The secret has expired.",
            last_checked_at=now,
            refused_since=now,
        )
        Schedule.objects.update(
            missed_count=3,
            missed_from=missed,
            missed_until=missed + timedelta(days=2),
            missed_at=now,
            paused_since=now,
            last_due_at=now,
            last_outcome="paused",
        )
    html = text(engineer, url(world))
    assert "Scheduled assessments are paused, because Entra refuses every service principal." in html
    assert "The secret has expired." in html
    assert "3 scheduled assessments were missed because no worker was running" in html
    assert "No scheduled assessment has started since." in html
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(timezone="Europe/Berlin")
    listed = "missed because no worker was running: Fri 2026-11-20 03:00 Europe/Berlin"
    assert f"3 assessments were {listed} to Sun 2026-11-22 03:00 Europe/Berlin" in command(world.home.slug)
    assert "Not started, because Entra refused all service principals" in html
    assert "Paused, because Entra refuses" in text(
        engineer, reverse("tenant-settings", args=[world.home.slug])
    )
    with factories.in_tenant(world.home):
        assert notify_of_schedule(tenant=world.home, now=now) > 0
        told = set(Notice.objects.filter(kind__startswith="schedule_").values_list("kind", "person__email"))
        (body,) = set(Notice.objects.filter(kind="schedule_missed").values_list("body", flat=True))
        assert "No scheduled assessment has started since. Check that the worker service runs." in body
        assert notify_of_schedule(tenant=world.home, now=now) == 0
        # After the credential has begun to work again, no notice about the former pause is published.
        ServicePrincipal.objects.update(last_error_code="", refused_since=None)
        Schedule.objects.update(paused_since=now + timedelta(days=1), missed_at=now - timedelta(days=8))
        assert notify_of_schedule(tenant=world.home, now=now) == 0
    recipients = {email for _, email in told}
    # There is no notice about the pause, because another notice says that the credential was refused.
    assert {kind for kind, _ in told} == {"schedule_missed"}
    assert world.people["organization_engineer"].email in recipients
    assert world.people["auditor"].email not in recipients
    assert "Paused" not in text(engineer, organization_url(world))
    with factories.in_tenant(world.home):
        Schedule.objects.update(missed_count=1, missed_until=missed)
        latest = Assessment.objects.order_by("number").last()
        assert latest is not None
        Assessment.objects.filter(pk=latest.pk).update(
            trigger="schedule", created_at=now + timedelta(seconds=1)
        )
    assert f"1 assessment was {listed}\n" in command(world.home.slug)
    assert "One assessment has replaced it." in text(engineer, url(world))


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("schedule", *arguments, stdout=out)
    return out.getvalue()


def test_command_sets_and_lists_schedules(world: World) -> None:
    slug = world.home.slug
    assert "Every day at 02:00, within 2 hours; next " in command(slug, "daily", "02:00")
    assert stored(world).rule == "daily 02:00 within 120"
    out = command(world.organization.slug, "Mon-Fri", "03:00", "--organization")
    assert "Monday to Friday at 03:00" in out.splitlines()[0]
    every = command()
    assert f"{slug}  daily 02:00 within 120" in every
    assert world.foreign.slug in every
    assert command(slug, "off").strip() == f"{slug}  off: No scheduled assessments"
    with pytest.raises(CommandError, match="no customer with the short name “nobody”"):
        command("nobody", "off")
    with pytest.raises(CommandError, match="neither a weekday nor a time"):
        command(slug, "hourly")
    assert not stored(world).enabled
