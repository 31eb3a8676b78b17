"""Service accounts: their roles, journal and command, and the actions that are refused to them and to the people
who control them.
"""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from portal.accounts.account_rights import Limit, limit_of
from portal.accounts.actions.disable import set_account_active
from portal.accounts.actions.service_accounts import (
    change_service_account,
    create_service_account,
    delete_service_account,
    possible_responsible,
    set_service_account_active,
    usual_rights,
)
from portal.accounts.actions.service_credentials import create_service_token
from portal.accounts.models import ApiToken, Session
from portal.treatment.selectors.owners import eligible_owner_ids, eligible_owners
from tenants.actions import grant_membership
from tenants.actions.members import change_role, revoke_membership
from tenants.errors import Conflict, InvalidInput, PermissionDenied
from tenants.models import (
    JournalEntry,
    Membership,
    Organization,
    OrganizationJournalEntry,
    Person,
    ServiceAccount,
    ServiceAccountController,
)
from tenants.roles import NEVER_OF_SERVICES, SERVICE_ROLES, Capability, Role
from tenants.scope import current, organization_scope, organizations_of, person_scope
from tenants.selectors import members, organization_memberships, people_with_role
from tests import factories
from tests.factories.places import BY
from tests.portal.accounts.conftest import Delivered, Staff
from tests.portal.accounts.policies import set_policy
from tests.portal.accounts.service_account_steps import add_account, change_account, client_with, token_of
from tests.portal.notify.outbox import publish_event

pytestmark = pytest.mark.django_db


def scope_of(account: ServiceAccount) -> Any:
    with person_scope(Person.objects.get(pk=account.person_id)):
        return current()


def test_the_journal_names_the_account(staff: Staff) -> None:
    account = add_account(staff)
    client = client_with(token_of(staff, account))
    about = client.get("/api/v1/token").json()
    assert about["person"] == "Ticket system (service account)"
    assert about["capabilities"] == [str(one) for one in usual_rights(Role.ORGANIZATION_ENGINEER)]
    assert [one["short_name"] for one in client.get("/api/v1/customers").json()["items"]] == [
        staff.tenant.slug
    ]
    started = client.post(
        f"/api/v1/customers/{staff.tenant.slug}/assessments", content_type="application/json"
    )
    assert started.status_code in (202, 409), started.content
    with organization_scope(staff.organization):
        entry = OrganizationJournalEntry.objects.get(action="service_account.created")
        assert entry.actor == f"{staff.ada.email} (person:{staff.ada.pk})"
        assert entry.details["responsible"] == staff.bea.email
        actors = set(JournalEntry.objects.filter(tenant=staff.tenant).values_list("actor", flat=True))
    if started.status_code == 202:
        assert f"Ticket system (service account) (person:{account.person_id})" in actors


def test_an_account_has_only_its_role_and_customers(staff: Staff) -> None:
    other = factories.tenant(staff.organization, "Birch Bakery")
    account = add_account(staff, tenants=[other], role=Role.AUDITOR)
    client = client_with(token_of(staff, account))
    assert [one["short_name"] for one in client.get("/api/v1/customers").json()["items"]] == [other.slug]
    assert client.get(f"/api/v1/customers/{staff.tenant.slug}").status_code == 404
    address = f"/api/v1/customers/{other.slug}/assessments"
    assert client.post(address, content_type="application/json").status_code == 403
    with person_scope(staff.ada):
        change_service_account(
            by=staff.ada,
            account=account,
            purpose=account.purpose,
            responsible=staff.bea,
            role=Role.TENANT_ADMINISTRATOR,
            tenants=[staff.tenant],
        )
    # The new role applies at once, but the token keeps only the rights with which it was created.
    assert [one["short_name"] for one in client.get("/api/v1/customers").json()["items"]] == [
        staff.tenant.slug
    ]
    assert client.get(f"/api/v1/customers/{other.slug}").status_code == 404
    address = f"/api/v1/customers/{staff.tenant.slug}/assessments"
    assert client.post(address, content_type="application/json").status_code == 403
    assert "service_account.changed" in staff.actions()


def test_an_old_token_gets_no_rights_back_with_its_old_role(staff: Staff) -> None:
    account = add_account(staff)
    mixed = client_with(token_of(staff, account, capabilities=["view", "assess"]))
    only_lost = client_with(token_of(staff, account, capabilities=["assess"]))
    change_account(staff, account, role=Role.AUDITOR, tenants=[staff.tenant])
    change_account(staff, account)
    assert mixed.get("/api/v1/token").json()["capabilities"] == ["view"]
    assert only_lost.get("/api/v1/token").status_code == 401
    address = f"/api/v1/customers/{staff.tenant.slug}/assessments"
    assert mixed.post(address, content_type="application/json").status_code == 403
    assert [one for one in staff.actions() if one in ("api_token.narrowed", "api_token.revoked")] == [
        "api_token.narrowed",
        "api_token.revoked",
    ]


def test_another_person_responsible_ends_the_old_tokens(staff: Staff) -> None:
    account = add_account(staff)
    client = client_with(token_of(staff, account))
    change_account(staff, account, purpose="Opens and closes tickets")
    assert client.get("/api/v1/token").status_code == 200
    change_account(staff, account, responsible=staff.otto)
    assert client.get("/api/v1/token").status_code == 401
    assert staff.actions()[-2:] == ["service_account.changed", "api_token.revoked"]
    new = client_with(token_of(staff, ServiceAccount(pk=account.pk, organization=staff.organization)))
    assert new.get("/api/v1/token").status_code == 200


def test_creator_and_person_responsible_get_a_mail_about_a_new_token(staff: Staff, mails: Delivered) -> None:
    account = add_account(staff, name="Tickets & <b>")
    text = token_of(staff, account, capabilities=["view"])
    assert sorted(mail.to for mail in mails) == sorted([[staff.ada.email], [staff.bea.email]])
    for mail in mails:
        assert mail.subject == "Surety: A new token of a service account was created"
        for part in ("“Tickets & <b>”", f"“Server” ({text[:15]}…)", staff.ada.email, "Its rights: view"):
            assert part in mail.body
        assert text not in mail.body
        assert ("you are responsible" in mail.body) == (mail.to == [staff.bea.email])
    # People without access get no mail. A person who is both administrator and responsible gets one mail.
    mails.clear()
    Person.objects.filter(pk=staff.bea.pk).update(is_active=False)
    token_of(staff, account)
    assert [mail.to for mail in mails] == [[staff.ada.email]]
    mails.clear()
    change_account(staff, account, responsible=staff.ada)
    token_of(staff, account)
    assert [mail.to for mail in mails] == [[staff.ada.email]]


@pytest.mark.parametrize("way", ["disabled", "last role"])
def test_others_get_a_mail_about_tokens_of_somebody_who_loses_access(
    staff: Staff, mails: Delivered, way: str
) -> None:
    """Carl, an administrator, created a token of one of three accounts. Otto is responsible for this account."""
    carl = factories.member(Role.ORGANIZATION_ADMINISTRATOR, staff.organization)
    account = add_account(staff, responsible=staff.otto)
    token_of(staff, add_account(staff, name="Without Carl"))
    add_account(staff, name="Without a token", responsible=carl)
    with person_scope(carl):
        text = create_service_token(by=carl, account=account, name="Carl’s server", days=30)[1]
    mails.clear()
    with person_scope(staff.ada):
        role = Membership.objects.get(person=carl)
        role = change_role(by=staff.ada, membership=role, role=Role.ORGANIZATION_ENGINEER)
        assert not mails
        if way == "disabled":
            set_account_active(by=staff.ada, organization=staff.organization, person=carl, active=False)
        # If the role ends after the account was disabled, no second mail is sent.
        revoke_membership(by=staff.ada, membership=role)
    assert sorted(mail.to[0] for mail in mails) == [staff.ada.email, staff.bea.email, staff.otto.email]
    for mail in mails:
        assert mail.subject == "Surety: Replace tokens of service accounts"
        assert f"({carl.email}) no longer has access to Northlight Managed" in mail.body
        assert "- Ticket system, person responsible: Otto" in mail.body
        assert "Without" not in mail.body
    assert client_with(text).get("/api/v1/token").status_code == 200


def test_no_role_gives_a_program_the_rights_of_people_only(staff: Staff) -> None:
    for role in SERVICE_ROLES:
        whole = role is Role.ORGANIZATION_ENGINEER
        account = add_account(staff, name=role.label, role=role, tenants=None if whole else [staff.tenant])
        scope = scope_of(account)
        assert Capability.VIEW_ALL in scope.capabilities(staff.tenant.pk), role
        assert not scope.capabilities(staff.tenant.pk) & NEVER_OF_SERVICES, role
        # Tasks open a `person_scope`. In this scope, too, the account lacks the rights that only people may have.
        with organization_scope(staff.organization), person_scope(Person.objects.get(pk=account.person_id)):
            assert not current().capabilities(staff.tenant.pk) & NEVER_OF_SERVICES, role
        with pytest.raises(InvalidInput):
            token_of(staff, account, capabilities=["view", "approve"])
        if Capability.ADMINISTER in scope.capabilities(staff.tenant.pk):
            token_of(staff, account, capabilities=["administer"])
            with pytest.raises(InvalidInput, match="at most 30 days"), person_scope(staff.ada):
                create_service_token(
                    by=staff.ada, account=account, name="X", days=31, capabilities=["administer"]
                )
    for refused in (Role.APPROVER, Role.ORGANIZATION_ADMINISTRATOR, Role.OWNER):
        with pytest.raises(InvalidInput, match="cannot have this role"):
            add_account(staff, name="X", role=refused, tenants=[staff.tenant])


def test_only_administrators_of_the_organization_manage_accounts(staff: Staff) -> None:
    engineer = factories.member(Role.ORGANIZATION_ENGINEER, staff.organization)
    administrator = factories.member(Role.TENANT_ADMINISTRATOR, staff.tenant)
    account = add_account(staff)
    for who in (engineer, administrator, staff.otto, Person.objects.get(pk=account.person_id)):
        same = Organization(pk=staff.organization.pk)
        with person_scope(who), pytest.raises(PermissionDenied):
            create_service_account(
                by=who,
                organization=same,
                name="X",
                purpose="X",
                responsible=who,
                role=Role.ORGANIZATION_ENGINEER,
            )
        with person_scope(who), pytest.raises(PermissionDenied):
            create_service_token(by=who, account=account, name="X", days=1)
        with person_scope(who), pytest.raises(PermissionDenied):
            set_service_account_active(by=who, account=account, active=False)
        with person_scope(who), pytest.raises(PermissionDenied):
            delete_service_account(by=who, account=account)


def test_invalid_accounts_are_refused(staff: Staff) -> None:
    add_account(staff)
    engineer = Role.ORGANIZATION_ENGINEER
    cases: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"name": " "}, InvalidInput),
        ({"name": "a\nb"}, InvalidInput),
        ({"name": "a" * 101}, InvalidInput),
        ({"name": "TICKET SYSTEM"}, Conflict),
        ({"purpose": ""}, InvalidInput),
        ({"role": Role.AUDITOR, "tenants": []}, InvalidInput),
        ({"role": engineer, "tenants": [staff.tenant]}, InvalidInput),
        ({"role": Role.AUDITOR, "tenants": [factories.tenant()]}, InvalidInput),
        ({"responsible": factories.person()}, InvalidInput),
    ]
    for values, error in cases:
        with pytest.raises(error):
            add_account(staff, **{"name": "Another", **values})
    with organization_scope(staff.organization):
        assert ServiceAccount.objects.count() == 1
    assert Person.objects.filter(is_service=True).count() == 1


def test_a_disabled_or_deleted_account_has_no_rights_and_no_tokens(staff: Staff) -> None:
    account = add_account(staff)
    text = token_of(staff, account)
    person = Person.objects.get(pk=account.person_id)
    assert client_with(text).get("/api/v1/token").status_code == 200
    with person_scope(staff.ada):
        set_service_account_active(by=staff.ada, account=account, active=False)
    assert client_with(text).get("/api/v1/token").status_code == 401
    with person_scope(person):  # This `Person` was read before the account was disabled.
        assert not current().tenant_ids
    with pytest.raises(Conflict, match="disabled"):
        token_of(staff, account)
    with person_scope(staff.ada):
        set_service_account_active(by=staff.ada, account=account, active=True)
    assert client_with(text).get("/api/v1/token").status_code == 401
    text = token_of(staff, account)
    assert client_with(text).get("/api/v1/token").status_code == 200
    with person_scope(staff.ada):
        delete_service_account(by=staff.ada, account=account)
    assert client_with(text).get("/api/v1/token").status_code == 401
    with person_scope(person):
        assert not current().tenant_ids
    assert [one for one in staff.actions() if one.startswith(("service", "api_token"))] == [
        "service_account.created", "api_token.created", "service_account.disabled", "api_token.revoked",
        "service_account.enabled", "api_token.created", "api_token.revoked", "service_account.deleted",
    ]  # fmt: skip
    add_account(staff)  # The name is free again.


def test_nobody_signs_in_with_a_service_account(staff: Staff) -> None:
    account = add_account(staff)
    person = Person.objects.get(pk=account.person_id)
    assert not person.has_usable_password()
    assert authenticate(username=person.email, password="") is None
    for changes in (
        {"email": "me@northlight.example"},
        {"is_service": False},
        {"password": make_password("a good and long password")},
    ):
        with pytest.raises(IntegrityError, match="tenants_person_service"), transaction.atomic():
            Person.objects.filter(pk=person.pk).update(**changes)
    with pytest.raises(IntegrityError, match="tenants_person_service"), transaction.atomic():
        Person.objects.filter(pk=staff.otto.pk).update(email="otto@service.invalid")
    end = timezone.now() + timedelta(hours=1)
    with pytest.raises(IntegrityError, match="a service account has no sessions"), transaction.atomic():
        Session.objects.create(person=person, key_hash="0" * 64, expires_at=end)
    with pytest.raises(IntegrityError, match="a service account has no sessions"), transaction.atomic():
        Client().force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    with person_scope(staff.ada):
        assert limit_of(staff.ada, staff.organization, person) is Limit.SERVICE


def test_lists_and_numbers_of_people_leave_service_accounts_out(staff: Staff) -> None:
    account = add_account(staff)
    person = Person.objects.get(pk=account.person_id)
    with pytest.raises(IntegrityError, match="a service account has no memberships"), transaction.atomic():
        factories.member(Role.AUDITOR, staff.tenant, person)
    with organization_scope(staff.organization):
        with pytest.raises(IntegrityError, match="no memberships"), transaction.atomic():
            grant_membership(
                by=BY, person=person, organization=staff.organization, role=Role.ORGANIZATION_ADMINISTRATOR
            )
        assert person not in [row.person for row in organization_memberships(staff.organization)]
        assert person not in possible_responsible(staff.organization)
    with factories.in_tenant(staff.tenant):
        assert person not in people_with_role(staff.tenant, list(Role))
        assert person not in [row.person for row in members(staff.tenant)]
        assert staff.otto in eligible_owners(staff.tenant)
        assert person not in eligible_owners(staff.tenant)
        assert person.pk not in eligible_owner_ids([staff.tenant])[staff.tenant.pk]
    assert publish_event(staff.tenant, person, staff.otto) == 1
    assert organizations_of(person) == {staff.organization.pk}


def test_a_required_second_factor_does_not_apply_to_programs(staff: Staff) -> None:
    text = token_of(staff, add_account(staff))
    set_policy(staff, second_factor_roles=list(Role))
    assert client_with(text).get("/api/v1/token").status_code == 200


def test_the_register_of_controllers_only_grows(staff: Staff) -> None:
    account = add_account(staff)
    person = Person.objects.get(pk=account.person_id)
    carl = factories.member(Role.ORGANIZATION_ADMINISTRATOR, staff.organization)
    with person_scope(carl):
        create_service_token(by=carl, account=account, name="Second server", days=1)
        change_service_account(
            by=carl,
            account=account,
            purpose="Other",
            responsible=staff.otto,
            role=Role.ORGANIZATION_ENGINEER,
        )
        delete_service_account(by=carl, account=account)
        assert {row.person for row in ServiceAccountController.objects.filter(account=person)} == {
            staff.ada, staff.bea, carl, staff.otto,
        }  # fmt: skip
    rows = ServiceAccountController.objects
    with person_scope(carl), pytest.raises(DatabaseError), transaction.atomic():
        rows.filter(account=person).update(person=staff.paul)
    with person_scope(carl), pytest.raises(DatabaseError), transaction.atomic():
        rows.filter(account=person).delete()


def test_accounts_of_other_organizations_are_invisible(staff: Staff) -> None:
    account = add_account(staff)
    foreign = factories.tenant()
    with organization_scope(foreign.organization_id):
        assert not ServiceAccount.objects.exists()
        assert not ServiceAccount._base_manager.filter(pk=account.pk).exists()
        assert not ServiceAccountController._base_manager.exists()
    with person_scope(staff.otto):
        assert not ServiceAccount._base_manager.exists()


def test_command_creates_an_account_and_prints_its_token(staff: Staff, mails: Delivered) -> None:
    out = StringIO()
    slug, rest = staff.organization.slug, ["--purpose", "Exports", "--responsible", staff.bea.email]
    call_command(
        "create_service_account", slug, "Nightly export", *rest, "--role", "auditor", "--customer",
        staff.tenant.slug, "--right", "view", stdout=out,
    )  # fmt: skip
    (mail,) = mails
    assert mail.to == [staff.bea.email]
    assert "Created by: the operator of Surety" in mail.body
    about = client_with(out.getvalue().strip()).get("/api/v1/token").json()
    assert (about["person"], about["capabilities"]) == ("Nightly export (service account)", ["view"])
    with organization_scope(staff.organization):
        assert ServiceAccount.objects.get().tenant_ids == [staff.tenant.pk]
        entry = OrganizationJournalEntry.objects.get(action="service_account.created")
        assert entry.actor == "system:operator"
        assert [row.person for row in ServiceAccountController.objects.all()] == [staff.bea]
    engineer = ["--role", "organization_engineer"]
    auditor = ["--role", "auditor", "--customer", staff.tenant.slug]
    for arguments, message in [
        (["nobody", "X", *rest, *engineer], f"no organization “nobody”. Choose one of: .*{slug}"),
        ([slug, "X", *rest, "--role", "auditor", "--customer", "nobody"], "no customer"),
        ([slug, "X", *rest, "--role", "auditor"], "at least one customer"),
        ([slug, "nightly EXPORT", *rest, *engineer], "already exists"),
        ([slug, "X", "--purpose", "X", "--responsible", "who@example.com", *engineer], "no person"),
        ([slug, "X", *rest, *engineer, "--days", "999"], "from 1 to 366"),
        ([slug, "X", *rest, *auditor, "--right", "assess"], "not include: assess"),
    ]:
        with pytest.raises(CommandError, match=message):
            call_command("create_service_account", *arguments, stdout=out)
    with organization_scope(staff.organization):
        assert ApiToken.objects.count() == 1
        assert ServiceAccount.objects.count() == 1
        assert Membership.objects.count() == 4
