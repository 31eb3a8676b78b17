"""An e-mail address is changed only by its authenticated owner or by an administrator, and never to an unverified
address.
"""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import AccountChange
from tenants.actions import accept_invitation, grant_membership, invite
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.factories import PASSWORD
from tests.portal.accounts.address_steps import NEW, ask, change, confirmation, email_of
from tests.portal.accounts.conftest import Delivered, SignIn, Staff
from tests.portal.accounts.policies import set_policy
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


def test_stolen_session_cannot_change_the_address(staff: Staff, mails: Delivered) -> None:
    thief = signed_in_client(staff.otto, proof_age=301)
    thief.post(reverse("account_email"), {"action_add": "", "email": "thief@attacker.example"})
    assert not EmailAddress.objects.filter(email="thief@attacker.example").exists()
    assert len(mails) == 0


@pytest.mark.slow(seconds=1)
def test_a_person_adds_thirty_addresses_in_an_hour(staff: Staff, sign_in: SignIn, mails: Delivered) -> None:
    client, start = sign_in(staff.otto), timezone.now()
    answers = []
    for number in range(31):
        with time_machine.travel(start + timedelta(seconds=7 * number)):
            data = {"action_add": "", "email": f"o{number}@x.example"}
            answers.append(client.post(reverse("account_email"), data).status_code)
    assert answers == [302] * 30 + [429]
    assert "o30@x.example" not in {mail.to[0] for mail in mails}


def test_address_counts_when_its_link_is_opened(staff: Staff, sign_in: SignIn, mails: Delivered) -> None:
    client, stolen = sign_in(staff.otto), sign_in(staff.otto)
    ask(client)
    assert (email_of(staff.otto), [mail.to for mail in mails]) == ("otto@northlight.example", [[NEW]])
    link = confirmation(mails)
    Client().get(link)
    assert email_of(staff.otto) == "otto@northlight.example", "opening the link changes nothing"
    mails.clear()
    client.post(link)
    assert email_of(staff.otto) == NEW
    assert list(EmailAddress.objects.filter(user=staff.otto).values_list("email", "verified", "primary")) == [
        (NEW, True, True)
    ]
    assert sorted(mail.to[0] for mail in mails) == sorted(["otto@northlight.example", NEW]), "both are told"
    assert stolen.get(reverse("my")).status_code == 302, "other sessions end"
    changed = [entry for entry in staff.journal() if entry.action == "account.address_changed"]
    assert [(entry.details["from"], entry.details["to"]) for entry in changed] == [
        ("otto@northlight.example", NEW)
    ]


@pytest.mark.parametrize(
    ("domains", "address", "accepted"),
    [
        (["northlight.example"], "otto@private.example", False),
        (["northlight.example"], "otto@sub.northlight.example", False),
        (["northlight.example"], NEW, True),
        (["northlight.example", "other.example"], "otto@other.example", True),
        (["other.example"], "otto@private.example", True),
    ],
)
def test_nobody_evades_single_sign_on_with_another_address(
    staff: Staff, mails: Delivered, domains: list[str], address: str, accepted: bool
) -> None:
    """If people could change to an address that does not require single sign-on, they could still sign in after they
    have left, because the organization's identity provider would not control the account.
    """
    set_policy(staff, sso_domains=domains)
    answer = ask(signed_in_client(staff.otto, method="socialaccount", reauthenticated=True), address)
    assert EmailAddress.objects.filter(email=address).exists() == accepted
    assert ("requires single sign-on for your present address" in answer.content.decode()) != accepted


@pytest.mark.parametrize("chosen_by", ["person", "administrator"])
def test_own_pending_address_does_not_outlive_a_later_rule_for_its_domain(
    staff: Staff, mails: Delivered, chosen_by: str
) -> None:
    """Otto asks for a private address shortly before single sign-on is required for his current address."""
    private = "otto@private.example"
    if chosen_by == "person":
        ask(signed_in_client(staff.otto), private)
    else:
        change(staff, staff.ada, staff.otto, value=private)
    link = confirmation(mails)
    set_policy(staff, sso_domains=["northlight.example"])
    answer = Client().post(link, follow=True)
    if chosen_by == "administrator":
        assert email_of(staff.otto) == private
    else:
        assert email_of(staff.otto) == "otto@northlight.example"
        assert not EmailAddress.objects.filter(email=private, verified=True).exists()
        assert "Ask an administrator" in answer.content.decode()


def test_address_that_waits_for_its_link_gets_no_link_for_a_new_password(
    staff: Staff, mails: Delivered
) -> None:
    """Somebody else may read mail to an address that was never confirmed: a stranger, if the address was mistyped, or
    the administrator who set it."""
    # This row remains, even after the confirmation link has expired.
    EmailAddress.objects.create(user=staff.otto, email="mine@attacker.example")
    for address in ("mine@attacker.example", staff.otto.email.upper()):
        Client().post(reverse("account_reset_password"), {"email": address})
    assert [mail.to for mail in mails] == [[staff.otto.email]]


def test_nobody_signs_in_with_an_unverified_address(staff: Staff, mails: Delivered) -> None:
    EmailAddress.objects.filter(user=staff.otto).update(verified=False)
    client = Client()
    answer = client.post(reverse("account_login"), {"login": staff.otto.email, "password": PASSWORD})
    assert answer.headers["Location"] == reverse("account_email_verification_sent")
    assert client.get(reverse("my")).status_code == 302
    client.post(confirmation(mails))
    client.post(reverse("account_login"), {"login": staff.otto.email, "password": PASSWORD})
    assert client.get(reverse("my")).status_code == 200


def test_address_of_another_account_cannot_be_taken(staff: Staff, sign_in: SignIn, mails: Delivered) -> None:
    client = sign_in(staff.otto)
    ask(client, staff.ada.email)
    if len(mails) and "/confirm-email/" in mails[-1].body:
        client.post(confirmation(mails))
    assert (email_of(staff.otto), email_of(staff.ada)) == (
        "otto@northlight.example",
        "ada@northlight.example",
    )


def test_address_that_another_account_got_in_the_meantime(
    staff: Staff, sign_in: SignIn, mails: Delivered
) -> None:
    client = sign_in(staff.otto)
    ask(client)
    Person.objects.create_user(NEW)  # This account has no `EmailAddress`, allauth's record of an address.
    answer = client.post(confirmation(mails))
    assert answer.status_code < 500
    assert email_of(staff.otto) == "otto@northlight.example"


def test_administrator_changes_an_address_with_a_link_to_it(staff: Staff, mails: Delivered) -> None:
    assert change(staff, staff.ada, staff.otto).status_code == 302
    assert email_of(staff.otto) == "otto@northlight.example"
    assert sorted(mail.to[0] for mail in mails) == sorted(["otto@northlight.example", NEW])
    Client().post(confirmation(mails))
    assert email_of(staff.otto) == NEW
    assert {"account.address_change_requested", "account.address_changed"} <= set(staff.actions())


@pytest.mark.slow(seconds=1)
def test_administrators_enter_ten_new_addresses_of_a_person_in_an_hour(
    staff: Staff, mails: Delivered
) -> None:
    answers = [change(staff, staff.ada, staff.otto, value=f"o{number}@x.example") for number in range(11)]
    assert [answer.status_code for answer in answers] == [302] * 10 + [400]
    assert "o10@x.example" not in {mail.to[0] for mail in mails}
    assert change(staff, staff.ada, staff.paul, value="paul@x.example").status_code == 302, "another person"


def test_administrator_alone_takes_over_no_approver(staff: Staff, mails: Delivered) -> None:
    for victim in (staff.paul, staff.bea):
        for kind, value in (
            ("address", "mine@attacker.example"),
            ("second_factor", ""),
            ("next_sign_in", ""),
        ):
            change(staff, staff.ada, victim, kind, value)
    assert not EmailAddress.objects.filter(email="mine@attacker.example").exists()
    with organization_scope(staff.organization):
        waiting = list(AccountChange.objects.filter(person=staff.paul, kind="address"))
    assert len(waiting) == 1
    decide = reverse("account-change-decide", args=[staff.organization.slug, waiting[0].pk])
    signed_in_client(staff.ada).post(decide, {"decision": "confirm"})
    assert not EmailAddress.objects.filter(email="mine@attacker.example").exists(), "not by the requester"
    signed_in_client(staff.bea).post(decide, {"decision": "confirm"})
    assert EmailAddress.objects.filter(email="mine@attacker.example", verified=False).exists()
    assert {"account.change_requested", "account.change_confirmed"} <= set(staff.actions())


def test_administrator_takes_over_no_approver_with_another_own_account(
    staff: Staff, mails: Delivered
) -> None:
    own = factories.person("ada.second@northlight.example")
    with person_scope(staff.ada):
        grant_membership(
            by=staff.ada,
            person=own,
            organization=staff.organization,
            tenant=None,
            role=Role.ORGANIZATION_ADMINISTRATOR,
        )
    change(staff, staff.ada, staff.paul, "address", "mine@attacker.example")
    with organization_scope(staff.organization):
        (waiting,) = AccountChange.objects.filter(person=staff.paul)
    decide = reverse("account-change-decide", args=[staff.organization.slug, waiting.pk])
    answer = signed_in_client(own).post(decide, {"decision": "confirm"}, follow=True)
    assert "You have had your role for less than 7 days" in answer.content.decode()
    assert not EmailAddress.objects.filter(email="mine@attacker.example").exists()


@pytest.mark.parametrize("role", [Role.APPROVER, Role.TENANT_ADMINISTRATOR])
@pytest.mark.parametrize("kind", ["address", "second_factor", "next_sign_in"])
def test_administrator_alone_takes_over_nobody_who_gets_a_role(
    staff: Staff, mails: Delivered, kind: str, role: Role
) -> None:
    """If Ada alone could change Otto's account, she could take it over before Bea confirms Otto as an approver."""
    with person_scope(staff.ada):
        grant_membership(
            by=staff.ada,
            person=staff.otto,
            organization=staff.organization,
            tenant=staff.tenant,
            role=role,
            valid_from=None if role == Role.APPROVER else timezone.now() + timedelta(hours=1),
        )
    change(staff, staff.ada, staff.otto, kind, "mine@attacker.example")
    with organization_scope(staff.organization):
        assert AccountChange.objects.filter(person=staff.otto, kind=kind, decided_at=None).exists()
    assert not EmailAddress.objects.filter(email="mine@attacker.example").exists()


def test_database_refuses_a_confirmation_by_requester_or_subject(staff: Staff) -> None:
    from django.db import IntegrityError, transaction
    from django.utils import timezone

    with organization_scope(staff.organization):
        row = AccountChange.objects.create(
            organization=staff.organization,
            person=staff.bea,
            kind="address",
            value=NEW,
            requested_by=staff.ada,
        )
        for who in (staff.ada, staff.bea):
            with pytest.raises(IntegrityError), transaction.atomic():
                AccountChange.objects.filter(pk=row.pk).update(decided_by=who, decided_at=timezone.now())


def test_administrator_cannot_skip_the_proof_for_the_own_account(staff: Staff) -> None:
    change(staff, staff.ada, staff.ada)
    assert not EmailAddress.objects.filter(email=NEW).exists()


@pytest.mark.parametrize("who", ["otto", "paul"])
def test_others_change_nobody(staff: Staff, who: str) -> None:
    assert change(staff, getattr(staff, who), staff.bea).status_code in (403, 404)


def test_administrator_of_one_organization_takes_over_nobody_of_another(staff: Staff) -> None:
    """Otto also has a role in another organization. A person who controls his address would get access to both."""
    other = factories.organization("Other Provider")
    factories.member(Role.OWNER, factories.tenant(other), staff.otto)
    answer = change(staff, staff.ada, staff.otto)
    assert "another organization" in answer.content.decode()
    assert not EmailAddress.objects.filter(email=NEW).exists()
    stranger = factories.member(Role.OWNER, factories.tenant(other))
    assert change(staff, staff.ada, stranger).status_code == 404


@pytest.mark.parametrize("value", ["no address", "", "ada@northlight.example", "otto@northlight.example"])
def test_invalid_and_taken_addresses_are_refused(staff: Staff, value: str) -> None:
    assert change(staff, staff.ada, staff.otto, value=value).status_code == 400


def test_migration_verifies_what_administrators_and_invitations_vouch_for(staff: Staff) -> None:
    migration = import_module("portal.accounts.migrations.0002_seal_and_verify")
    with person_scope(staff.ada):
        _, token = invite(
            by=staff.ada,
            organization=staff.organization,
            tenant=staff.tenant,
            email="ina@northlight.example",
            role=Role.OWNER,
        )
    ina = factories.person("ina@northlight.example")
    accept_invitation(by=ina, token=token)
    EmailAddress.objects.filter(user__in=[ina, staff.bea]).update(verified=False)
    # Bea entered the address ciso@… on a page of an earlier version, which did not verify addresses. Otto never changed
    # his address, so he has no `EmailAddress` yet.
    Person.objects.filter(pk=staff.bea.pk).update(email="ciso@northlight.example")
    EmailAddress.objects.filter(user=staff.bea).update(email="ciso@northlight.example")
    EmailAddress.objects.filter(user=staff.otto).delete()

    class Editor:
        pass

    editor = Editor()
    editor.connection = connection  # type: ignore[attr-defined]
    migration.verify_addresses(apps, editor)
    verified = dict(EmailAddress.objects.values_list("email", "verified"))
    assert verified["ina@northlight.example"], "accepted an invitation to it"
    assert verified["otto@northlight.example"], "never changed it"
    assert not verified["ciso@northlight.example"], "changed it without a proof"


@pytest.mark.parametrize("method", ["get", "post"])
def test_link_of_somebody_else_neither_signs_out_nor_names_anybody(
    staff: Staff, sign_in: SignIn, mails: Delivered, method: str
) -> None:
    """If another account's link ended the session, anybody could sign administrators out by sending them a link."""
    ask(sign_in(staff.otto))
    link = confirmation(mails)
    reader = signed_in_client(staff.ada)
    answer = getattr(reader, method)(link)
    assert answer.status_code == (409 if method == "post" else 200)
    html = answer.content.decode()
    assert "from a mail to another account" in html
    assert [word for word in (NEW, "Otto", staff.otto.email) if word in html] == []
    assert reader.get("/").status_code == 200, "still signed in"
    assert email_of(staff.otto) == "otto@northlight.example"
    assert not EmailAddress.objects.filter(email=NEW, verified=True).exists()


def test_link_names_its_person_only_to_the_person(staff: Staff, sign_in: SignIn, mails: Delivered) -> None:
    """If the address was mistyped, a stranger may get the mail with the link."""
    client = sign_in(staff.otto)
    ask(client)
    link = confirmation(mails)
    stranger = Client().get(link)
    assert "Otto" not in stranger.content.decode()
    assert f"{NEW} becomes the address of" in " ".join(stranger.content.decode().split())
    assert "your account" in client.get(link).content.decode()
