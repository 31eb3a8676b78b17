"""Access with a first day, by page, command, CSV and configuration file."""

from __future__ import annotations

from datetime import date, timedelta
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.members.tasks import send_invitation
from tenants.models import Invitation, Membership, Organization, Person
from tenants.roles import Role
from tenants.scope import organization_scope
from tenants.values.days import end_of_day, start_of_day
from tests import factories
from tests.portal.members.invitation_mails import token_of
from tests.portal.web.forms import forms
from tests.portal.web.world import SignIn, World

EMAIL = "later@example.com"
DAYS = timedelta(days=40)


def day(offset: timedelta) -> str:
    return (timezone.now() + offset).date().isoformat()


def open_invitation(organization: Organization) -> Invitation:
    with organization_scope(organization):
        return Invitation.objects.get(email=EMAIL)


def people(client: Client, world: World) -> str:
    answer = client.get(reverse("organization-people", args=[world.organization.slug]))
    return " ".join(unescape(answer.content.decode()).split())


@pytest.mark.slow(seconds=1)
def test_page_mail_and_link_state_the_first_day(world: World, administrator: Client, sign_in: SignIn) -> None:
    starts, ends = day(DAYS), day(2 * DAYS)
    answer = administrator.post(
        reverse("organization-invite", args=[world.organization.slug]),
        {"email": EMAIL, "role": "owner", "place": [str(world.home.pk)], "starts": starts, "until": ends},
    )
    assert answer.status_code == 302
    found = open_invitation(world.organization)
    assert found.access_from is not None
    assert found.access_from.isoformat() == f"{starts}T00:00:00+00:00"
    html = people(administrator, world)
    assert f"From {starts}" in unescape(html) or f'datetime="{starts}' in html
    send_invitation(str(world.organization.pk), str(found.pk))
    body = mail.outbox[-1].body
    assert f"From: {starts}\nUntil: {ends}" in body
    token = token_of(mail.outbox[-1])
    page = reverse("invitation", args=[token])
    assert "from <time" in " ".join(Client().get(page).content.decode().split())
    client = sign_in(factories.person(EMAIL))
    html = client.post(page, follow=True).content.decode()
    assert f"Your access starts on {starts}." in html
    assert "Not started yet" in people(administrator, world)
    address = reverse("tenant", args=[world.home.slug])
    assert client.get(address).status_code == 404
    with time_machine.travel(timezone.now() + DAYS + timedelta(days=1)):
        assert sign_in(Person.objects.get(email=EMAIL)).get(address).status_code in (200, 302)


def test_end_before_the_start_is_refused_at_its_field(world: World, administrator: Client) -> None:
    answer = administrator.post(
        reverse("organization-invite", args=[world.organization.slug]),
        {
            "email": EMAIL,
            "role": "owner",
            "place": [str(world.home.pk)],
            "starts": day(DAYS),
            "until": day(DAYS / 2),
        },
    )
    assert answer.status_code == 400
    assert "Enter an end that is after the start." in answer.content.decode()


def test_page_of_a_role_changes_it_from_a_day_on(world: World, administrator: Client) -> None:
    owner = world.people["owner"]
    with organization_scope(world.organization):
        row = Membership.objects.get(person=owner, role=Role.OWNER)
    answer = administrator.post(
        reverse("membership-change", args=[world.organization.slug, row.pk]),
        {"role": "auditor", "starts": day(DAYS), "until": day(2 * DAYS)},
        follow=True,
    )
    assert f"gets the role Auditor on {day(DAYS)}." in unescape(answer.content.decode())
    with organization_scope(world.organization):
        row.refresh_from_db()
        assert row.valid_until is not None
        assert row.valid_until.date().isoformat() == day(DAYS)


def test_the_page_of_a_role_proposes_its_days(world: World, administrator: Client) -> None:
    with organization_scope(world.organization):
        row = Membership.objects.get(person=world.people["owner"], role=Role.OWNER)
    address = reverse("membership-change", args=[world.organization.slug, row.pk])
    opened: dict[str, Any] = {}
    for start, end in ((None, None), (None, 2 * DAYS), (DAYS, 2 * DAYS)):
        until = end_of_day(date.fromisoformat(day(end))) if end else None
        since = start_of_day(date.fromisoformat(day(start))) if start else row.valid_from
        with organization_scope(world.organization):
            Membership.objects.filter(pk=row.pk).update(valid_from=since, valid_until=until)
        html = administrator.get(address).content.decode()
        opened = next(fields for _, fields in forms(html) if "until" in fields)
        assert opened["until"] == (day(end) if end else "")
        assert opened["starts"] == (day(start) if start else "")
    assert administrator.post(address, {**opened, "role": "approver"}).status_code == 302
    with organization_scope(world.organization):
        granted = Membership.objects.get(person=row.person, role=Role.APPROVER, tenant=row.tenant)
    assert granted.valid_until is not None
    assert granted.valid_until.date().isoformat() == day(2 * DAYS)


def test_command_and_csv(world: World, tmp_path: Path) -> None:
    place = [f"--organization={world.organization.slug}"]
    call_command(
        "invite",
        EMAIL,
        "--role=owner",
        f"--customer={world.home.slug}",
        f"--from={day(DAYS)}",
        *place,
        stdout=StringIO(),
    )
    row = open_invitation(world.organization)
    assert row.access_from is not None
    assert row.access_from.date().isoformat() == day(DAYS)
    file = tmp_path / "people.csv"
    file.write_text(
        f"email,role,customers,from,until\ncsv@example.com,owner,{world.home.slug},{day(DAYS)},\n"
    )
    call_command("invite", f"--file={file}", *place, stdout=StringIO())
    with organization_scope(world.organization):
        assert Invitation.objects.get(email="csv@example.com").access_from == row.access_from
