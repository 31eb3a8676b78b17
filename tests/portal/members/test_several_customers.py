"""Inviting a person to several customers at once, with one mail and one link."""

from __future__ import annotations

from html import unescape
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from portal.members.invite import invite_person
from portal.members.tasks import SEND_INVITATION, send_invitation
from tenants.actions import accept_invitation, invite_to_customers, revoke_membership, withdraw_invitation
from tenants.errors import Conflict, NotFound, PermissionDenied
from tenants.models import Invitation, Membership, Organization, OrganizationJournalEntry, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.assessments.sandboxed_customer import sent
from tests.portal.members.invitation_mails import token_of
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL = "owner.of.three@example.com"


@pytest.fixture
def provider() -> tuple[Organization, Person, list[Tenant]]:
    organization = factories.organization()
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    tenants = [factories.tenant(organization, name) for name in ("Adatum", "Contoso", "Fabrikam")]
    sent()
    return organization, by, tenants


def invited(organization: Organization, by: Person, tenants: list[Tenant]) -> tuple[list[Invitation], str]:
    with person_scope(by):
        return invite_to_customers(
            by=by, organization=organization, email=EMAIL, role=Role.OWNER, tenants=tenants
        )


def roles(person: Person) -> dict[str, set[str]]:
    with person_scope(person) as scope:
        return {
            tenant.name: {str(role) for role in scope.roles(tenant.pk)}
            for tenant in Tenant.objects.filter(pk__in=scope.tenant_ids)
        }


def test_one_mail_and_one_link_give_the_role_at_every_customer(
    provider: tuple[Organization, Person, list[Tenant]],
) -> None:
    organization, by, tenants = provider
    with person_scope(by):
        invite_person(by=by, organization=organization, tenants=tenants, email=EMAIL, role=Role.OWNER)
    ((task, ids),) = sent()
    assert task == SEND_INVITATION
    send_invitation(*ids)
    (message,) = mail.outbox
    assert message.subject == f"Invitation to Surety for 3 customers of {organization.name}"
    assert "- Adatum\n- Contoso\n- Fabrikam" in message.body
    url, client = reverse("invitation", args=[token_of(message)]), Client()
    html = " ".join(client.get(url).content.decode().split())
    assert "Invitation to 3 customers" in html
    assert "Adatum, Contoso, Fabrikam" in html
    assert client.post(url, {"name": "Owner", "password": "seventeen purple kettles"}).status_code == 302
    person = Person.objects.get(email=EMAIL)
    assert roles(person) == {"Adatum": {"owner"}, "Contoso": {"owner"}, "Fabrikam": {"owner"}}
    assert "has been accepted" in Client().get(url).content.decode()
    with pytest.raises(Conflict, match="already been used"):
        accept_invitation(by=person, token=token_of(message))


def test_a_customer_that_is_named_twice_is_invited_to_once(
    provider: tuple[Organization, Person, list[Tenant]],
) -> None:
    organization, by, tenants = provider
    rows, token = invited(organization, by, [*tenants, tenants[0], tenants[2]])
    assert [row.tenant_id for row in rows] == sorted(tenant.pk for tenant in tenants)
    person = factories.person(EMAIL)
    accept_invitation(by=person, token=token)
    assert roles(person) == {tenant.name: {"owner"} for tenant in tenants}


def test_a_withdrawn_customer_is_left_out(provider: tuple[Organization, Person, list[Tenant]]) -> None:
    organization, by, tenants = provider
    rows, token = invited(organization, by, tenants)
    with person_scope(by):
        withdraw_invitation(by=by, invitation=rows[0])
    person = factories.person(EMAIL)
    accept_invitation(by=person, token=token)
    assert roles(person) == {tenant.name: {"owner"} for tenant in tenants if tenant.pk != rows[0].tenant_id}


def test_sending_one_again_separates_it_from_the_others(
    provider: tuple[Organization, Person, list[Tenant]],
) -> None:
    organization, by, tenants = provider
    rows, _ = invited(organization, by, tenants)
    send_invitation(str(organization.pk), str(rows[0].pk))
    send_invitation(str(organization.pk), str(rows[1].pk))
    first, second = map(token_of, mail.outbox)
    assert first != second
    assert f"Access to: {tenants[1].name}\n" in mail.outbox[1].body
    person = factories.person(EMAIL)
    accept_invitation(by=person, token=second)
    assert set(roles(person)) == {tenants[1].name}
    accept_invitation(by=person, token=first)
    assert set(roles(person)) == {tenant.name for tenant in tenants}


def test_nobody_else_accepts_and_each_customer_needs_the_right_of_the_inviter(
    provider: tuple[Organization, Person, list[Tenant]],
) -> None:
    organization, by, tenants = provider
    _, token = invited(organization, by, tenants)
    with pytest.raises(PermissionDenied, match="another email address"):
        accept_invitation(by=factories.person(), token=token)
    with pytest.raises(NotFound):
        accept_invitation(by=factories.person(EMAIL), token=f"{token}x")
    other = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    with person_scope(other):
        revoke_membership(by=other, membership=Membership.objects.get(person=by))
    with pytest.raises(Conflict):
        accept_invitation(by=Person.objects.get(email=EMAIL), token=token)
    assert roles(Person.objects.get(email=EMAIL)) == {}


@pytest.mark.parametrize("account", ["existing", "new"])
def test_what_is_still_valid_is_accepted_and_the_page_names_the_rest(
    provider: tuple[Organization, Person, list[Tenant]], account: str
) -> None:
    """Since the invitation, the inviter has lost the right to invite at one of the customers."""
    organization, _, tenants = provider
    limited = factories.member(Role.TENANT_ADMINISTRATOR, tenants[0])
    for tenant in tenants[1:]:
        factories.member(Role.TENANT_ADMINISTRATOR, tenant, limited)
    _, token = invited(organization, limited, tenants)
    other = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    with person_scope(other):
        revoke_membership(by=other, membership=Membership.objects.get(person=limited, tenant=tenants[0]))
    url, client, data = reverse("invitation", args=[token]), Client(), {}
    if account == "existing":
        client = signed_in_client(factories.person(EMAIL))
    else:
        data = {"name": "Owner", "password": "seventeen purple kettles"}
    html = unescape(client.post(url, data, follow=True).content.decode())
    assert "The invitation was not accepted for Adatum" in html
    assert roles(Person.objects.get(email=EMAIL)) == {"Contoso": {"owner"}, "Fabrikam": {"owner"}}
    with organization_scope(organization):
        open_ones = Invitation.objects.filter(email=EMAIL, accepted_at=None)
        assert [one.tenant_id for one in open_ones] == [tenants[0].pk]


def test_an_administrator_of_two_customers_cannot_add_a_third(
    provider: tuple[Organization, Person, list[Tenant]],
) -> None:
    organization, _, tenants = provider
    limited = factories.member(Role.TENANT_ADMINISTRATOR, tenants[0])
    factories.member(Role.TENANT_ADMINISTRATOR, tenants[1], limited)
    invited(organization, limited, tenants[:2])
    with person_scope(limited), pytest.raises((PermissionDenied, NotFound)):
        invite_to_customers(
            by=limited, organization=organization, email=EMAIL, role=Role.OWNER, tenants=tenants
        )


def test_the_command_invites_to_several_customers_and_from_a_file(
    provider: tuple[Organization, Person, list[Tenant]], tmp_path: Path
) -> None:
    organization, _, tenants = provider
    slugs = [tenant.slug for tenant in tenants]
    told = StringIO()
    arguments = [f"--organization={organization.slug}", f"--customer={slugs[0]}", f"--customer={slugs[1]}"]
    call_command("invite", EMAIL, "--role=owner", *arguments, stdout=told)
    assert f"{EMAIL} is invited to Adatum, Contoso." in told.getvalue()
    assert [task for task, _ in sent()] == [SEND_INVITATION]
    file = tmp_path / "people.csv"
    file.write_text(
        "email,role,customers,until,review_first,review_last\n"
        f"one@example.com,owner,{slugs[0]}|{slugs[2]},,,\n"
        f"two@example.com,auditor,{slugs[1]},2099-01-31,2026-01-01,2026-03-31\n"
        "three@example.com,organization_engineer,,,,\n",
        encoding="utf-8",
    )
    call_command("invite", f"--file={file}", f"--organization={organization.slug}", stdout=StringIO())
    with organization_scope(organization):
        found = Invitation.objects.exclude(email=EMAIL).order_by("email", "tenant__name")
        assert list(found.values_list("email", "tenant__name", "role")) == [
            ("one@example.com", "Adatum", "owner"),
            ("one@example.com", "Fabrikam", "owner"),
            ("three@example.com", None, "organization_engineer"),
            ("two@example.com", "Contoso", "auditor"),
        ]
        assert str(found[3].review_period) == "1 January to 31 March 2026"
        number = Invitation.objects.count()
    assert len(sent()) == 3
    file.write_text(
        f"email,role,customers\nfour@example.com,owner,{slugs[0]}\n\n,,\nfive@example.com,owner,nobody\nsix@example.com,x,\n",
        encoding="utf-8",
    )
    told = StringIO()
    with pytest.raises(CommandError) as raised:
        call_command("invite", f"--file={file}", f"--organization={organization.slug}", stdout=told)
    assert [line.partition(".")[0] for line in str(raised.value).splitlines()] == [
        "Line 5: There is no customer nobody",
        "Line 6: Unknown role “x”",
        "Nobody was invited",
    ]
    assert told.getvalue() == ""
    with organization_scope(organization):
        assert Invitation.objects.count() == number
        entries = OrganizationJournalEntry.objects.filter(action="membership.invited")
        assert entries.count() > 0
    assert sent() == []


def test_the_command_says_what_approvers_and_auditors_need(
    provider: tuple[Organization, Person, list[Tenant]],
) -> None:
    organization, _, tenants = provider
    where = [f"--organization={organization.slug}", f"--customer={tenants[0].slug}"]
    for role, needs_confirmation in (("owner", False), ("approver", True)):
        call_command("invite", f"{role}@example.com", f"--role={role}", *where, stdout=(told := StringIO()))
        assert ("manage.py confirm_role" in told.getvalue()) is needs_confirmation
    with pytest.raises(CommandError, match="enter the last day with --until"):
        call_command("invite", "auditor@example.com", "--role=auditor", *where)


@pytest.mark.slow(seconds=1)
def test_the_command_reads_files_of_spreadsheets_and_names_each_wrong_line(
    provider: tuple[Organization, Person, list[Tenant]], tmp_path: Path
) -> None:
    organization, _, tenants = provider
    one, two = tenants[0].slug, tenants[1].slug
    file = tmp_path / "people.csv"

    def run(content: bytes) -> str:
        file.write_bytes(content)
        out = StringIO()
        call_command("invite", f"--file={file}", f"--organization={organization.slug}", stdout=out)
        return out.getvalue()

    def refused(content: bytes) -> list[str]:
        with pytest.raises(CommandError) as raised:
            run(content)
        return str(raised.value).splitlines()

    for number, encoding in enumerate(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252")):
        for separator in (",", ";", "\t"):
            address = f"reader{number}{ord(separator)}@example.com"
            lines = ("Email,Role,Customers,Until", f"{address},owner,{one}|{two},2099-01-31", ",,,", "")
            out = run("\r\n".join(lines).replace(",", separator).encode(encoding))
            assert f"{address} is invited to Adatum, Contoso." in out
    head = "email,role,customers\n"
    assert refused(f"{head}jürgen@example.com,owner,{one}\n".encode("cp1252"))[0].startswith("Line 2: ")
    doubled = f"x@example.com,owner,{one}\nX@example.com,auditor,{two}|{one}\n"
    assert refused(f"{head}{doubled}".encode())[0] == (
        "Line 3: Line 2 already invites X@example.com to Adatum. Remove one of the two lines, or remove the customer"
        " from one of the two lines."
    )
    everywhere = "x@example.com,organization_engineer,\n"
    assert "already invites x@example.com to " in refused(f"{head}{everywhere * 2}".encode())[0]
    assert refused(f"{head}x@example.com,,{one}\n".encode())[0] == "Line 2: The column “role” is empty."
    assert "but the header has" in refused(f"{head}x@example.com,owner,{one},{two}\n".encode())[0]
    for content, words in (
        (b"", "The file is empty"),
        (head.encode(), "no person"),
        (b"email,role,colour\nx@example.com,owner,red\n", "Surety does not know the column “colour”"),
        (b"name,directory_id\nContoso,x\n", "must name the columns"),
        (f'{head}"x@example.com,owner,{one}\n'.encode(), "Line 2 cannot be read"),
        (f"{head}x@example.com,\0,{one}\n".encode(), "not a text file"),
        (b"PK\x03\x04", "This is an Excel workbook"),
        ((head + "x@example.com,owner,\n" * 100_000).encode(), "files of at most 2,000 people"),
    ):
        (line,) = refused(content)
        assert words in line
        assert line.startswith(str(file))
    with organization_scope(organization):
        assert Invitation.objects.count() == 2 * 15


def test_inviting_without_an_organization_says_that_none_is_registered(db: None) -> None:
    with pytest.raises(CommandError, match=r"^No organization is registered yet\.$"):
        call_command("invite", "auditor@example.com", "--role=auditor", stdout=StringIO())
    with pytest.raises(
        CommandError, match=r"^There is no organization “contoso”\. No organization is registered"
    ):
        call_command("invite", "a@example.com", "--role=auditor", "--organization=contoso", stdout=StringIO())
