"""Mail that was written to files: an erasure removes mail about the customer, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, mailers

from portal.notify.delivery import send_due
from portal.notify.publish import Event, publish
from portal.offboarding.erasures.erase_mails import remove_mails
from tenants.actions import change_tenant
from tenants.models import Person, Tenant
from tenants.roles import Role
from tests import factories
from tests.factories import BY
from tests.portal.offboarding.erasure_cases import confirmed, run, stored
from tests.portal.web.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    backend = "portal.notify.delivery.mail_files.EmailBackend"
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": {"file_path": str(tmp_path)}}}
    return tmp_path


def write(*messages: EmailMessage) -> None:
    mailers["default"].send_messages(list(messages))


def mail(to: str, subject: str, body: str = "Text", **headers: str) -> EmailMessage:
    return EmailMessage(subject, body, "surety@example.com", [to], headers=headers)


def subjects(folder: Path) -> set[str]:
    lines = [line for path in folder.glob("*.log") for line in path.read_text().splitlines()]
    return {line.removeprefix("Subject: ") for line in lines if line.startswith("Subject: ")}


def test_only_mail_about_the_customer_is_removed(folder: Path) -> None:
    tenant = factories.tenant(name="High")
    link = f"https://surety.example.com/t/{tenant.slug}"
    other = f"https://surety.example.com/t/{tenant.slug}-north"
    write(
        mail(
            "a@example.com",
            "3 findings of severity high",
            f"High. See {other}/findings/ and /t/{tenant.slug}north/",
        ),
        mail("a@example.com", "About it", "Nothing", **{"Surety-Customer": f"{BY.name}, {tenant.pk}"}),
        mail("a@example.com", "About another", tenant.slug, **{"Surety-Customer": "0"}),
        mail("b@example.com", "Linked", f"ü See {link}/findings/?x=1 ".ljust(200, "x")),
        mail("b@example.com", "Linked at the end", link),
        mail("gone@example.com", "To the person"),
        mail("Gone <GONE@example.com>", "With a name"),
        mail("not.gone@example.com", "To somebody with a similar address", "gone@example.com"),
    )
    (folder / "other.txt").write_text(f"{link}/")
    assert remove_mails(tenant_id=tenant.pk, slug=tenant.slug, addresses={"gone@example.com"}) == 5
    assert subjects(folder) == {
        "3 findings of severity high",
        "About another",
        "To somebody with a similar address",
    }
    assert (folder / "other.txt").exists()
    assert remove_mails(tenant_id=tenant.pk, slug=tenant.slug, addresses={"gone@example.com"}) == 0
    assert len(subjects(folder)) == 3


def test_file_without_other_mail_is_deleted(folder: Path) -> None:
    tenant = factories.tenant()
    write(mail("a@example.com", "Linked", f"https://surety.example.com/t/{tenant.slug}/"))
    assert remove_mails(tenant_id=tenant.pk, slug=tenant.slug, addresses=()) == 1
    assert list(folder.iterdir()) == []


def notify(tenant: Tenant, person: Person) -> None:
    with factories.in_tenant(tenant):
        event = Event("exception_decided", "key", "Exception 1 was approved", "/")
        publish(tenant=tenant, event=event, subscribers=[person])
    assert send_due(tenant_id=tenant.pk) == (1, 0)


@pytest.mark.slow(seconds=1)
def test_erasure_removes_mail_to_people_of_this_customer_and_notices_about_it(
    world: World, folder: Path
) -> None:
    second = factories.member(Role.ORGANIZATION_ADMINISTRATOR, world.organization)
    only, both = (factories.member(Role.AUDITOR, world.home) for _ in range(2))
    neighbour = factories.tenant(world.organization)
    factories.member(Role.AUDITOR, neighbour, both)
    with factories.in_tenant(world.home):
        change_tenant(tenant=world.home, by=BY, name="Second")
    for tenant in (world.home, neighbour):
        notify(tenant, both)
    write(
        mail(only.email, "Your password was changed"),
        mail(both.email, "Second password changed"),
        mail(second.email, "Second factor added"),
    )
    erasure = confirmed(world, second)
    run(erasure)
    assert stored(erasure).state == "done"
    assert subjects(folder) == {
        f"{neighbour.name}: Exception 1 was approved",
        "Second password changed",
        "Second factor added",
    }


def test_separator_in_a_text_does_not_save_the_rest_of_the_mail(folder: Path) -> None:
    """`EmailBackend` encodes a text that contains the separator. Other programs may write the text unchanged."""
    tenant = factories.tenant(name="Alder")
    write(
        mail("a@example.com", "About another", "Kept, as TEXT"),
        mail("a@example.com", "About it", "TEXT", **{"Surety-Customer": str(tenant.pk)}),
        mail("b@example.com", "About nobody"),
    )
    line = "-" * 79
    text = f"Comment:\n{line}\nAlder has weaknesses.\n{line}\n\nSubject: Alder\n\nEven more.\n{line}\nEnd"
    for path in folder.glob("*.log"):
        path.write_text(
            path.read_text().replace("TEXT", text.replace("Alder", "Birch"), 1).replace("TEXT", text)
        )
    assert remove_mails(tenant_id=tenant.pk, slug=tenant.slug, addresses=()) == 1
    kept = "".join(path.read_text() for path in folder.glob("*.log"))
    assert "Alder" not in kept
    assert kept.count("Even more") == kept.count("Birch has weaknesses") == 1
    assert {"About another", "About nobody"} <= subjects(folder)
