"""The first organization: by a one-time link, or by a command."""

from __future__ import annotations

import io
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.actions.first_start import create_link, use_link
from portal.accounts.models import SetupLink
from portal.management.commands import serve
from portal.settings.env import BASE_DIR
from tenants.errors import NotFound, SuretyError
from tenants.models import Membership, Organization, OrganizationJournalEntry, OrganizationKey, Person
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.concurrency import run_concurrently
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
GIVEN = {
    "organization": "Our MSP",
    "name": "Ada Lovelace",
    "email": "Ada@msp.example",
    "password": PASSWORD,
}


def setup_link() -> str:
    """Run the command, and return the path of the link that it prints."""
    out = io.StringIO()
    call_command("setup_link", stdout=out, stderr=io.StringIO())
    return "/" + out.getvalue().strip().split("/", 3)[3]


def test_link_registers_the_organization_and_signs_its_administrator_in() -> None:
    link, client = setup_link(), Client()
    assert client.get(link).status_code == 200
    assert not Person.objects.exists(), "opening the link changes nothing"
    assert client.post(link, GIVEN).status_code == 302
    assert client.get("/").status_code == 200
    ada = Person.objects.get()
    assert (ada.email, ada.name, ada.check_password(PASSWORD)) == ("ada@msp.example", "Ada Lovelace", True)
    with person_scope(ada):
        (membership,) = Membership.objects.filter(person=ada)
        assert (membership.role, membership.organization.name) == (
            Role.ORGANIZATION_ADMINISTRATOR,
            "Our MSP",
        )
    with organization_scope(membership.organization):
        entry = OrganizationJournalEntry.objects.filter(organization=membership.organization).earliest(
            "sequence"
        )
    assert (entry.action, "set-up link" in entry.actor) == ("organization.registered", True)
    again = Client()
    assert again.post("/accounts/login/", {"login": ada.email, "password": PASSWORD}).status_code == 302
    assert again.get("/").status_code == 200, "the address needs no mail"


def test_link_works_once_and_not_after_its_end() -> None:
    link = setup_link()
    SetupLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1), created_at="2020-01-01T00:00Z")
    assert Client().get(link).status_code == 404
    assert Client().post(link, GIVEN).status_code == 404
    first, second = setup_link(), setup_link()
    assert [Client().get(one).status_code for one in (first, second)] == [404, 200]
    assert Client().post(second, GIVEN).status_code == 302
    assert Client().post(second, GIVEN).status_code == 404
    assert OrganizationKey.objects.count() == 1


def test_only_the_hash_of_the_token_is_stored() -> None:
    token = create_link()
    assert token not in str(SetupLink.objects.values().get())


def test_link_is_refused_once_an_organization_exists() -> None:
    link = setup_link()
    factories.organization()
    client = Client()
    assert [client.get(link).status_code, client.post(link, GIVEN).status_code] == [404, 404]
    assert not Person.objects.exists()
    with pytest.raises(CommandError, match="already has an organization"):
        setup_link()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("password", "short", "too short"),
        ("password", "ada@msp.example", "too similar"),
        ("password", "", "required"),
        ("email", "ada", "valid email"),
        ("name", "   ", "required"),
        ("organization", "", "required"),
    ],
)
def test_invalid_values_register_nothing_and_leave_the_link(field: str, value: str, message: str) -> None:
    link, client = setup_link(), Client()
    answer = client.post(link, {**GIVEN, field: value})
    assert (answer.status_code, message in answer.content.decode()) == (400, True)
    assert (Person.objects.count(), OrganizationKey.objects.count()) == (0, 0)
    assert client.post(link, GIVEN).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_simultaneous_requests_one_registers() -> None:
    token = create_link()

    def use(number: int) -> Any:
        given = {**GIVEN, "organization": f"MSP {number}", "email": f"p{number}@msp.example"}
        return use_link(token=token, **given)

    found = run_concurrently(*(lambda n=n: use(n) for n in range(4)), caught=(NotFound,))
    assert sum(isinstance(one, NotFound) for one in found) == 3
    assert (Person.objects.count(), OrganizationKey.objects.count()) == (1, 1)


def test_sign_in_page_of_an_empty_installation_names_the_link() -> None:
    url = reverse("account_login")
    assert "Surety has no organization yet" in Client().get(url).content.decode()
    factories.organization()
    assert "Surety has no organization yet" not in Client().get(url).content.decode()


def command(*given: str, **more: Any) -> str:
    out = io.StringIO()
    call_command("create_organization", *given, stdout=out, **more)
    return out.getvalue()


def test_command_registers_with_a_password_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    options = {"administrator": "ada@msp.example", "administrator_name": "Ada", "password_file": str(file)}
    assert "Registered Our MSP" in command("Our MSP", **options)
    ada = Person.objects.get()
    assert ada.check_password(PASSWORD)
    assert "Registered Second MSP" in command("Second MSP", administrator="ada@msp.example")
    assert Person.objects.count() == 1
    command("Third MSP", "--erasure-wait=0", administrator="ada@msp.example")
    with person_scope(ada):
        waits = dict(Organization.objects.values_list("name", "erasure_wait_hours"))
        assert waits == {"Our MSP": 24, "Second MSP": 24, "Third MSP": 0}
        assert not Organization.objects.get(name="Third MSP").erasure_wait_is_pending


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("", {}, "Enter a name"),
        ("MSP", {"administrator": "ada"}, "email address"),
        ("MSP", {"administrator_name": ""}, "name"),
        ("MSP", {"password_file": "/does/not/exist"}, "Could not read the password"),
        ("MSP", {"password_file": None}, "--password-file"),
        ("MSP", {"erasure_wait": 721}, "from 0 to 720"),
    ],
)
def test_command_refuses_bad_input_and_registers_nothing(
    tmp_path: Path, name: str, options: dict[str, Any], message: str
) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    given = {"administrator": "ada@msp.example", "administrator_name": "Ada", "password_file": str(file)}
    with pytest.raises((CommandError, SuretyError), match=message):
        command(name, **{**given, **options})
    assert (Person.objects.count(), OrganizationKey.objects.count()) == (0, 0)


def test_printed_command_for_another_link_has_the_settings_of_this_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", str(BASE_DIR / ".venv" / "bin" / "python"))
    monkeypatch.setattr(settings, "SURETY_HOME", BASE_DIR / ".surety")
    monkeypatch.setattr(settings, "SURETY_URL", "http://127.0.0.1:8000")
    command = serve.Command(stdout=(out := io.StringIO()))
    command._print_setup_link("127.0.0.1:8000")
    assert "\n    .venv/bin/python manage.py setup_link\n" in out.getvalue()
    monkeypatch.setattr(settings, "SURETY_HOME", Path("/srv/my surety"))
    command._print_setup_link("127.0.0.1:8001")
    assert (
        "\n    SURETY_HOME='/srv/my surety' SURETY_URL=http://127.0.0.1:8001 .venv/bin/python manage.py setup_link\n"
        in out.getvalue()
    )
