"""Administrators are notified when a customer has been erased. Erasures start after their waiting period."""

from __future__ import annotations

import smtplib
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse

from portal.offboarding.erasures.finished import announce_done
from portal.offboarding.erasures.requests import confirm_erasure, start_due_erasure
from portal.offboarding.models import Erasure
from portal.offboarding.tasks import tick
from tenants.errors import Conflict, PermissionDenied
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.offboarding.erasure_cases import confirmed, first, requested, run, stored
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

State = Erasure.State


@pytest.fixture
def sent_tasks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """Return the tasks that are sent from now on, with their arguments."""
    found: list[tuple[str, list[str]]] = []
    monkeypatch.setattr("tenants.dispatch._send", lambda task, arguments: found.append((task, arguments)))
    return found


def announced(erasure: Erasure) -> int:
    return announce_done(organization_id=erasure.organization_id, erasure_id=erasure.pk)


@pytest.mark.slow(seconds=1)
def test_administrators_are_mailed_once_without_the_name_of_the_customer(
    world: World, second: Person, sent_tasks: Any, django_capture_on_commit_callbacks: Any
) -> None:
    factories.member(Role.ORGANIZATION_ENGINEER, world.organization)
    erasure = confirmed(world, second)
    assert announced(erasure) == 0, "it is not done"
    with django_capture_on_commit_callbacks(execute=True):
        run(erasure)
    arguments = [str(erasure.organization_id), str(erasure.pk)]
    assert ("portal.leaving.tasks.announce_done", arguments) in sent_tasks
    mail.outbox.clear()
    assert announced(erasure) == 2
    assert announced(erasure) == 0
    assert {to for one in mail.outbox for to in one.to} == {first(world).email, second.email}
    one = mail.outbox[0]
    text = f"{one.subject}\n{one.body}"
    for name in (world.home.name, world.home.slug, str(world.home.pk)):
        assert name not in text
    row = stored(erasure)
    assert reverse("erasure", args=[world.organization.slug, row.pk]) in text
    assert row.certificate_sha256 in text
    assert "where people typed it into something that belongs to the organization" in text
    assert f"until {row.certificate_until:%Y-%m-%d}" in text


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("by_text", [False, True])
def test_refused_mail_does_not_keep_others_from_the_mail(
    world: World, second: Person, monkeypatch: pytest.MonkeyPatch, by_text: bool
) -> None:
    erasure = confirmed(world, second)
    run(erasure)
    mail.outbox.clear()
    refused = min((first(world), second), key=lambda person: person.email)
    send = EmailBackend.send_messages
    code = 450

    def refusing(self: EmailBackend, messages: list[Any]) -> int:
        if messages[0].to != [refused.email]:
            return send(self, messages)
        if by_text:
            raise smtplib.SMTPDataError(code, b"refused")
        raise smtplib.SMTPRecipientsRefused({refused.email: (code, b"refused")})

    monkeypatch.setattr(EmailBackend, "send_messages", refusing)
    with pytest.raises((smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)):
        announced(erasure)
    assert len(mail.outbox) == 1, "the other administrator gets the mail"
    assert stored(erasure).announced_at is None
    code = 550
    assert announced(erasure) == 1
    assert stored(erasure).announced_at is not None


@pytest.mark.slow(seconds=1)
def test_tick_starts_due_erasures_and_repeats_lost_announcements(
    world: World, second: Person, sent_tasks: Any, django_capture_on_commit_callbacks: Any
) -> None:
    erasure = confirmed(world, second)
    arguments = [str(erasure.organization_id), str(erasure.pk)]
    with django_capture_on_commit_callbacks(execute=True):
        tick()
    assert ("portal.leaving.tasks.erase", arguments) in sent_tasks
    run(erasure)
    sent_tasks.clear()
    with django_capture_on_commit_callbacks(execute=True):
        tick()
    assert ("portal.leaving.tasks.announce_done", arguments) in sent_tasks
    announced(erasure)
    sent_tasks.clear()
    with django_capture_on_commit_callbacks(execute=True):
        tick()
    assert not [task for task, _ in sent_tasks if task.endswith(("announce_done", ".erase"))]


@pytest.mark.slow(seconds=1)
def test_page_of_notifications_has_the_certificate_for_administrators_only(
    world: World, second: Person
) -> None:
    erasure = confirmed(world, second)
    run(erasure)
    address = reverse("erasure", args=[world.organization.slug, erasure.pk])
    html = signed_in_client(second).get(reverse("notices")).content.decode()
    assert address in html
    assert f"A customer of {world.organization.name} was erased" in " ".join(html.split())
    engineer = factories.member(Role.ORGANIZATION_ENGINEER, world.organization)
    stranger = factories.member(Role.ORGANIZATION_ADMINISTRATOR, factories.organization())
    for other in (engineer, stranger):
        assert address not in signed_in_client(other).get(reverse("notices")).content.decode()
    with organization_scope(world.organization):
        Erasure.objects.filter(pk=erasure.pk).update(certificate_until=erasure.requested_at)
    assert address not in signed_in_client(second).get(reverse("notices")).content.decode()


def test_page_starts_an_erasure_after_its_waiting_period_only(
    world: World, second: Person, sent_tasks: Any, django_capture_on_commit_callbacks: Any
) -> None:
    erasure = requested(world, hours=0)
    address = reverse("erasure", args=[world.organization.slug, erasure.pk])
    client = signed_in_client(second)
    with person_scope(second), pytest.raises(Conflict, match="not confirmed, or it has already started"):
        start_due_erasure(erasure=erasure, by=second)
    with person_scope(second):
        confirm_erasure(erasure=erasure, by=second)
    assert "Start now" in client.get(address).content.decode()
    sent_tasks.clear()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address, {"start": "1"}, follow=True)
    assert "A worker starts the erasure now." in answer.content.decode()
    assert [task for task, _ in sent_tasks if task.endswith(".erase")] == ["portal.leaving.tasks.erase"]
    engineer = factories.member(Role.ORGANIZATION_ENGINEER, world.organization)
    with person_scope(engineer), pytest.raises(PermissionDenied):
        start_due_erasure(erasure=erasure, by=engineer)


def test_page_does_not_start_an_erasure_during_its_waiting_period(world: World, second: Person) -> None:
    erasure = confirmed(world, second, hours=24)
    client = signed_in_client(second)
    address = reverse("erasure", args=[world.organization.slug, erasure.pk])
    assert "Start now" not in client.get(address).content.decode()
    answer = client.post(address, {"start": "1"}, follow=True)
    assert "can be withdrawn until then" in answer.content.decode()
    assert stored(erasure).state == State.CONFIRMED
