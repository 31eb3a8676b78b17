"""Single sign-on required by domain, the page of the policy, and the journal of sign-ins."""

from __future__ import annotations

from html import unescape
from io import StringIO
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.models import Membership, Organization, OrganizationJournalEntry, Person
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.factories import PASSWORD
from tests.portal.accounts.conftest import SignIn, Staff
from tests.portal.accounts.policies import set_policy
from tests.portal.web.forms import filled, start_of
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


def test_password_is_refused_where_single_sign_on_is_required(staff: Staff) -> None:
    set_policy(staff, sso_domains=["northlight.example"])
    client = Client()
    answer = client.post(
        reverse("account_login"), {"login": staff.otto.email, "password": PASSWORD}, follow=True
    )
    assert "requires single sign-on" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_wrong_password_does_not_reveal_the_policy(staff: Staff) -> None:
    set_policy(staff, sso_domains=["northlight.example"])
    answer = Client().post(
        reverse("account_login"), {"login": staff.otto.email, "password": "wrong wrong wrong"}
    )
    assert "single sign-on" not in answer.content.decode().lower()


def test_sessions_with_a_password_end_when_it_becomes_required(staff: Staff, sign_in: SignIn) -> None:
    client = sign_in(staff.otto)
    assert client.get(reverse("my")).status_code == 200
    set_policy(staff, sso_domains=["northlight.example"])
    assert client.get(reverse("my")).headers["Location"] == "/accounts/login/?next=/my/"
    assert client.get(reverse("my")).headers["Location"].startswith(reverse("account_login"))
    assert signed_in_client(staff.otto, method="socialaccount").get(reverse("my")).status_code == 200


def test_domain_of_one_organization_binds_nobody_of_another(staff: Staff) -> None:
    """An administrator cannot require single sign-on of another organization's people by entering their domain."""
    other = factories.organization("Other Provider")
    stranger = factories.member(
        Role.OWNER, factories.tenant(other), factories.person("sue@elsewhere.example")
    )
    set_policy(staff, sso_domains=["elsewhere.example"])
    client = Client()
    client.post(reverse("account_login"), {"login": stranger.email, "password": PASSWORD})
    assert client.get(reverse("my")).status_code == 200


def guest(staff: Staff) -> tuple[Organization, Person]:
    """Return another organization, and one of its people, who also has a role in the organization of `staff`."""
    other = factories.organization("Other Provider")
    who = factories.member(Role.OWNER, factories.tenant(other), factories.person("sue@elsewhere.example"))
    return other, factories.member(Role.OWNER, staff.tenant, who)


def signs_in_with_a_password(who: Person) -> bool:
    client = Client()
    client.post(reverse("account_login"), {"login": who.email, "password": PASSWORD})
    return client.get(reverse("my")).status_code == 200


def test_domain_of_another_organization_does_not_bind_its_people_who_have_a_role(staff: Staff) -> None:
    """An administrator must not lock out people of another organization by inviting them and entering their domain."""
    other, who = guest(staff)
    set_policy(staff, sso_domains=["elsewhere.example"])
    assert signs_in_with_a_password(who)
    with organization_scope(other):
        Membership.objects.filter(person=who, organization=other).update(valid_until=timezone.now())
    assert not signs_in_with_a_password(who), "all roles are in the organization that requires it"


@pytest.mark.parametrize("owned", [True, False])
def test_owner_of_a_domain_binds_its_people_although_they_have_a_role_elsewhere(
    staff: Staff, settings: Any, owned: bool
) -> None:
    """A person with roles in two organizations is bound only by the organization that owns the domain."""
    other, who = guest(staff)
    set_policy(staff, sso_domains=["elsewhere.example"])
    owner = staff.organization if owned else other
    settings.SURETY_SSO_DOMAIN_OWNERS = {"elsewhere.example": owner.slug}
    client = signed_in_client(who)
    assert signs_in_with_a_password(who) == (not owned)
    assert (client.get(reverse("my")).status_code == 200) == (not owned), "also for open sessions"


@pytest.mark.slow(seconds=1)
def test_command_states_the_owner_of_a_domain(staff: Staff) -> None:
    other, who = guest(staff)
    domain, slug = "elsewhere.example", staff.organization.slug
    set_policy(staff, sso_domains=[domain])
    page = reverse("organization-sign-in", args=[slug])
    command = f"manage.py claim_domain {domain} {slug}"
    assert command in signed_in_client(staff.ada).get(page).content.decode()
    # While the domain belongs to `other`, the organization of `staff` can neither claim it nor bind people with this
    # domain by its own policy.
    call_command("claim_domain", domain.upper(), other.slug, stdout=StringIO())
    assert signs_in_with_a_password(who)
    with pytest.raises(CommandError, match=f"already belongs to {other.slug}"):
        call_command("claim_domain", domain, slug)
    call_command("claim_domain", domain, "--withdraw", stdout=StringIO())
    client = signed_in_client(who)
    call_command("claim_domain", domain, slug, stdout=StringIO())
    assert not signs_in_with_a_password(who)
    assert client.get(reverse("my")).status_code != 200, "also for open sessions"
    assert command not in signed_in_client(staff.ada).get(page).content.decode()
    out = StringIO()
    call_command("claim_domain", stdout=out)
    assert out.getvalue() == f"{domain}  {slug}\n"
    with organization_scope(staff.organization):
        entry = OrganizationJournalEntry.objects.get(action="domain.claimed")
        assert entry.details == {"domain": domain}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["elsewhere.example"], "Give the short name"),
        (["elsewhere.example", "nobody"], "There is no organization with the short name 'nobody'"),
        (["not a domain", "nobody"], "is not a domain"),
        (["elsewhere.example", "--withdraw"], "has no owner"),
    ],
)
def test_command_refuses_claims(db: None, arguments: list[str], problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        call_command("claim_domain", *arguments)


def test_claim_that_the_setting_contradicts_is_refused(staff: Staff, settings: Any) -> None:
    settings.SURETY_SSO_DOMAIN_OWNERS = {"elsewhere.example": "other"}
    with pytest.raises(CommandError, match="the setting takes precedence"):
        call_command("claim_domain", "elsewhere.example", staff.organization.slug)


def test_subdomains_and_endings_do_not_match(staff: Staff) -> None:
    set_policy(staff, sso_domains=["northlight.example"])
    for email in ("a@sub.northlight.example", "a@evilnorthlight.example", "a@northlight.example.org"):
        who = factories.member(Role.OWNER, staff.tenant, factories.person(email))
        client = Client()
        client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
        assert client.get(reverse("my")).status_code == 200, who.email


PAGE: dict[str, Any] = {
    "second_factor_roles": ["approver"],
    "sso_domains": "",
    "session_idle_minutes": "10",
    "session_hours": "4",
}


def stored(staff: Staff) -> Organization:
    with organization_scope(staff.organization):
        return Organization.objects.get(pk=staff.organization.pk)


def test_page_saves_and_records(staff: Staff) -> None:
    address = reverse("organization-sign-in", args=[staff.organization.slug])
    client = signed_in_client(staff.ada)
    opened, other = ({**PAGE, **start_of(client, address)} for _ in range(2))
    assert client.post(address, PAGE).status_code == 400
    assert client.post(address, opened).status_code == 302
    row = stored(staff)
    assert (row.second_factor_roles, row.session_idle_minutes, row.session_hours) == (["approver"], 10, 4)
    entry = next(e for e in staff.journal() if e.action == "organization.sign_in_policy_changed")
    assert entry.details["session_hours"] == {"from": None, "to": 4}
    # A form that was opened before the policy was saved cannot overwrite it.
    answer = client.post(address, {**other, "second_factor_roles": ["owner"], "session_hours": "5"})
    text = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert f"last by {staff.ada.email}" in " ".join(text.split())
    rows = text.split('scope="row">')[1:]
    assert [row.split("<")[0] for row in rows][:3] == [
        "Roles that need a second factor",
        "Sign out after inactivity (minutes)",
        "Maximum session length (hours)",
    ]
    assert [word in rows[0] for word in ("none", "Approver", "Owner")] == [True] * 3
    assert [word in rows[2] for word in ("The limit of this installation", ">4<", "5")] == [True] * 3
    assert stored(staff).session_hours == 4
    assert client.post(address, filled(answer.content.decode())).status_code == 302
    row = stored(staff)
    assert (row.second_factor_roles, row.session_idle_minutes, row.session_hours) == (["owner"], 10, 5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"second_factor_roles": ["superuser"]},
        {"session_idle_minutes": "1"},
        {"session_idle_minutes": "100000"},
        {"session_hours": "0"},
        {"session_hours": "500"},
        {"sso_domains": "not a domain!"},
        {"sso_domains": "contoso.com"},
    ],
)
def test_page_refuses(staff: Staff, wrong: dict[str, Any]) -> None:
    address = reverse("organization-sign-in", args=[staff.organization.slug])
    client = signed_in_client(staff.ada)
    assert client.post(address, {**PAGE, **start_of(client, address), **wrong}).status_code == 400
    assert stored(staff).session_hours is None


def test_page_and_refusal_say_who_sets_single_sign_on_up(staff: Staff) -> None:
    address = reverse("organization-sign-in", args=[staff.organization.slug])
    client = signed_in_client(staff.ada)
    page = " ".join(unescape(client.get(address).content.decode()).split())
    assert (
        "The operator of Surety can set it up (docs/operations/people.md, “Single sign-on with Entra ID”)."
        in page
    )
    answer = client.post(address, {**PAGE, **start_of(client, address), "sso_domains": "contoso.com"})
    assert "Ask the operator of Surety to set it up." in answer.content.decode()


def test_administrator_does_not_lock_themselves_out(staff: Staff, settings: Any) -> None:
    settings.SURETY_OIDC_ISSUER = (
        "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/v2.0"
    )
    address = reverse("organization-sign-in", args=[staff.organization.slug])
    given = {**PAGE, "sso_domains": "northlight.example"}
    client = signed_in_client(staff.ada)
    given |= start_of(client, address)
    answer = client.post(address, given)
    assert "link your own account" in answer.content.decode()
    SocialAccount.objects.create(user=staff.ada, provider="sso", uid="tid=x;oid=y")
    assert client.post(address, given).status_code == 302


def test_journal_has_sign_ins_failures_and_sign_outs_without_passwords(staff: Staff, sign_in: SignIn) -> None:
    Client().post(reverse("account_login"), {"login": staff.otto.email, "password": "needle needle needle"})
    Client().post(reverse("account_login"), {"login": "nobody@northlight.example", "password": "x" * 20})
    client = sign_in(staff.otto)
    client.post(reverse("account_logout"))
    found = [entry for entry in staff.journal() if entry.action.startswith("account.")]
    assert [entry.action for entry in found] == [
        "account.sign_in_failed",
        "account.signed_in",
        "account.signed_out",
    ]
    assert found[0].actor == "system:sign-in"
    assert "127.0.0.1" in str(found[0].details)
    assert "needle" not in str([entry.details for entry in found])


def test_journal_of_another_organization_has_none_of_it(staff: Staff, sign_in: SignIn) -> None:
    from tenants.models import OrganizationJournalEntry

    other = factories.organization("Other Provider")
    sign_in(staff.otto)
    with organization_scope(other):
        assert not OrganizationJournalEntry.objects.filter(action__startswith="account.").exists()
