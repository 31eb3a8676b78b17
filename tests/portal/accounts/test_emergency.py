"""Break glass: one administrator gets in once, and everybody is alarmed."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from portal.accounts.models import EmergencyAccess, Session
from portal.accounts.tasks import alarm_created, alarm_used
from tests.portal.accounts.conftest import House, SignIn
from tests.portal.accounts.policies import set_policy

pytestmark = pytest.mark.django_db
REASON = "Entra does not answer since this morning."


def break_glass(email: str, **options: Any) -> str:
    """Return the path of the printed link."""
    out, err = StringIO(), StringIO()
    call_command(
        "break_glass", email, reason=options.pop("reason", REASON), stdout=out, stderr=err, **options
    )
    return "/" + out.getvalue().strip().split("/", 3)[3]


def test_signs_in_in_spite_of_single_sign_on_and_second_factor(house: House) -> None:
    set_policy(house, sso_domains=["northlight.example"], second_factor_roles=["organization_administrator"])
    link, client = break_glass(house.ada.email), Client()
    assert client.get(link).status_code == 200
    assert "_auth_user_id" not in client.session, "opening the link changes nothing"
    assert client.post(link).status_code == 302
    assert client.get("/").status_code == 200
    assert client.get(reverse("organization-sign-in", args=[house.organization.slug])).status_code == 200
    row = Session.objects.get(person=house.ada)
    assert timedelta(minutes=29) < row.expires_at - timezone.now() <= timedelta(minutes=30)


def test_works_once_and_not_after_its_end(house: House) -> None:
    link = break_glass(house.ada.email)
    Client().post(link)
    assert Client().post(link).status_code == 404
    late = break_glass(house.ada.email)
    EmergencyAccess.objects.filter(used_at=None).update(expires_at=timezone.now())
    assert Client().post(late).status_code == 404
    earlier, newer = break_glass(house.ada.email), break_glass(house.ada.email)
    assert [Client().get(one).status_code for one in (earlier, newer)] == [404, 200]


@pytest.mark.django_db(transaction=True)
def test_signs_in_without_the_broker(house: House, monkeypatch: pytest.MonkeyPatch, sign_in: SignIn) -> None:
    """The link works once, so an error after its use would leave nobody signed in."""

    def refuse(*arguments: Any, **options: Any) -> None:
        raise OperationalError("Connection refused")

    monkeypatch.setattr(current_app, "send_task", refuse)
    for client in (Client(), sign_in(house.otto)):
        link = break_glass(house.ada.email)
        assert client.post(link).status_code == 302
        assert client.get(reverse("organization-people", args=[house.organization.slug])).status_code == 200


def test_stored_row_opens_nothing(house: House) -> None:
    link = break_glass(house.ada.email)
    row = EmergencyAccess.objects.get()
    assert link.split("/")[-2] not in str(row.__dict__)
    for guess in (row.token_hash, str(row.pk), "x"):
        assert Client().post(reverse("emergency", args=[guess])).status_code == 404


def test_alarms_every_administrator_and_the_journal(house: House, mailoutbox: list[Any]) -> None:
    link = break_glass(house.ada.email)
    row = EmergencyAccess.objects.get()
    alarm_created(str(row.pk))
    assert [mail.to for mail in mailoutbox] == [[house.ada.email], [house.bea.email]]
    assert REASON in mailoutbox[0].body
    assert link.split("/")[-2] not in mailoutbox[0].body
    Client().post(link)
    mailoutbox.clear()
    alarm_used(str(row.pk))
    assert [mail.subject for mail in mailoutbox] == [
        f"Surety: emergency access of {house.ada.email} was used"
    ] * 2
    found = [entry for entry in house.journal() if "emergency" in entry.action]
    assert [entry.action for entry in found] == [
        "account.emergency_access_created",
        "account.emergency_access_used",
    ]
    assert found[0].actor == "system:operator"
    assert found[1].details["address"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("email", "options", "message"),
    [
        ("otto@northlight.example", {}, "not an active administrator"),
        ("paul@northlight.example", {}, "not an active administrator"),
        ("nobody@northlight.example", {}, "no account"),
        ("ada@northlight.example", {"reason": "x"}, "reason in a sentence"),
        ("ada@northlight.example", {"minutes": 600}, "between 1 and 60"),
    ],
)
def test_refuses(house: House, email: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        break_glass(email, **options)
    assert not EmergencyAccess.objects.exists()


def test_inactive_administrator_gets_no_link(house: House) -> None:
    house.ada.is_active = False
    house.ada.save()
    with pytest.raises(CommandError):
        break_glass(house.ada.email)
