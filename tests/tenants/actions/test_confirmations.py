"""Confirmations: people cannot give themselves access, and a single administrator cannot appoint an approver."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, transaction
from django.utils import timezone

from tenants import selectors
from tenants.actions import (
    accept_invitation,
    change_role,
    decide_membership,
    grant_membership,
    invite,
    revoke_membership,
)
from tenants.errors import Conflict, PermissionDenied
from tenants.ids import uuid7
from tenants.models import Invitation, JournalEntry, Membership, Person, Tenant
from tenants.people.second_administrators import DECIDING_ROLES, ESTABLISHED_AFTER, refuse_new_administrator
from tenants.roles import CAPABILITIES, ORGANIZATION_ROLES, Capability, Role
from tenants.scope import person_scope
from tests import factories
from tests.factories import BY, in_tenant
from tests.isolation.raw_sql import sql

pytestmark = pytest.mark.django_db
Confirmation = Membership.Confirmation


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant()


@pytest.fixture
def first(tenant: Tenant) -> Person:
    return factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)


@pytest.fixture
def second(tenant: Tenant) -> Person:
    return factories.member(Role.TENANT_ADMINISTRATOR, tenant)


def granted(tenant: Tenant, by: Person, who: Person | None = None, role: Role = Role.APPROVER) -> Membership:
    with person_scope(by):
        return grant_membership(
            by=by,
            person=who or factories.person(),
            organization=tenant.organization,
            tenant=tenant,
            role=role,
        )


def invited(tenant: Tenant, by: Person, email: str, role: Role) -> str:
    """Invite to the role in the tenant, and return the token of the invitation."""
    with person_scope(by):
        return invite(by=by, organization=tenant.organization, tenant=tenant, email=email, role=role)[1]


def has_role(tenant: Tenant, who: Person, role: Role = Role.APPROVER) -> bool:
    with person_scope(who) as scope:
        return role in scope.roles(tenant.pk)


@pytest.mark.parametrize("role", [Role.OWNER, Role.APPROVER, Role.TENANT_ADMINISTRATOR])
def test_nobody_grants_themselves_a_role(tenant: Tenant, first: Person, role: Role) -> None:
    with pytest.raises(PermissionDenied) as caught:
        granted(tenant, first, first, role)
    assert caught.value.code == "to_oneself"
    assert not has_role(tenant, first, role)


def test_nobody_invites_themselves(tenant: Tenant, first: Person) -> None:
    with pytest.raises(PermissionDenied) as caught:
        invited(tenant, first, first.email.upper(), Role.APPROVER)
    assert caught.value.code == "to_oneself"


def test_an_invitation_to_the_inviting_person_cannot_be_accepted(tenant: Tenant, first: Person) -> None:
    """After the invitation, the inviting person changes their own address to the invited address."""
    token = invited(tenant, first, "new@example.com", Role.OWNER)
    first.email = "new@example.com"
    first.save()
    with person_scope(first), pytest.raises(PermissionDenied) as caught:
        accept_invitation(by=first, token=token)
    assert caught.value.code == "to_oneself"


def test_an_approver_waits_for_a_second_administrator(tenant: Tenant, first: Person, second: Person) -> None:
    who = factories.person()
    waiting = granted(tenant, first, who)
    assert waiting.confirmation == Confirmation.WAITING
    assert not has_role(tenant, who)
    with in_tenant(tenant):
        assert who not in selectors.people_with_role(tenant, [Role.APPROVER])
        assert selectors.second_administrators(tenant.organization, [waiting]) == {waiting.pk: [second]}
    with person_scope(second):
        confirmed = decide_membership(by=second, membership=waiting, confirm=True)
    assert confirmed.confirmed_by == second
    assert has_role(tenant, who)
    with in_tenant(tenant):
        entry = JournalEntry.objects.order_by("-sequence")[0]
        assert (entry.action, entry.details["granted_by"]) == ("membership.confirmed", first.email)


def test_an_invited_approver_waits_after_accepting(tenant: Tenant, first: Person) -> None:
    token = invited(tenant, first, "jo@example.com", Role.APPROVER)
    person = factories.person("jo@example.com")
    membership = accept_invitation(by=person, token=token)
    assert (membership.confirmation, membership.granted_by) == (Confirmation.WAITING, first)
    assert not has_role(tenant, person)


def test_neither_granter_nor_person_nor_a_stranger_confirms(tenant: Tenant, first: Person) -> None:
    who = factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    waiting = granted(tenant, first, who)
    foreign = factories.member(Role.ORGANIZATION_ADMINISTRATOR, factories.tenant().organization)
    engineer = factories.member(Role.ORGANIZATION_ENGINEER, tenant.organization)
    for person in (first, who, engineer):
        with person_scope(person), pytest.raises(PermissionDenied):
            decide_membership(by=person, membership=waiting, confirm=True)
    with person_scope(foreign), pytest.raises(Membership.DoesNotExist):
        decide_membership(by=foreign, membership=waiting, confirm=True)
    assert not has_role(tenant, who)


@pytest.mark.parametrize("steps", [1, 2], ids=["invited by the granter", "invited by an invited account"])
@pytest.mark.parametrize("place", ["organization", "tenant"])
def test_an_administrator_confirms_nothing_with_an_account_of_their_own(
    tenant: Tenant, first: Person, steps: int, place: str
) -> None:
    by, own = first, first
    for _ in range(steps):
        own = factories.person()
        with person_scope(by):
            grant_membership(
                by=by,
                person=own,
                organization=tenant.organization,
                tenant=tenant if place == "tenant" else None,
                role=Role.TENANT_ADMINISTRATOR if place == "tenant" else Role.ORGANIZATION_ADMINISTRATOR,
            )
        by = own
    waiting = granted(tenant, first)
    with in_tenant(tenant):
        assert selectors.second_administrators(tenant.organization, [waiting]) == {waiting.pk: []}
    with person_scope(own), pytest.raises(PermissionDenied) as caught:
        decide_membership(by=own, membership=waiting, confirm=True)
    assert caught.value.code == "new_administrator"
    raw = (
        "UPDATE tenants_membership SET confirmation = 'confirmed', confirmed_by_id = %s, confirmed_at = now()"
        " WHERE id = %s"
    )
    with person_scope(own), pytest.raises(DatabaseError, match="new administrator"), transaction.atomic():
        sql(raw, own.pk, waiting.pk)
    with time_machine.travel(timezone.now() + ESTABLISHED_AFTER), person_scope(own):
        with in_tenant(tenant):
            assert own in selectors.second_administrators(tenant.organization, [waiting])[waiting.pk]
        refuse_new_administrator(own, tenant.organization, tenant)
    with person_scope(own):
        assert (
            decide_membership(by=own, membership=waiting, confirm=False).confirmation == Confirmation.REFUSED
        )


def test_the_database_knows_the_administrators_who_confirm() -> None:
    assert set(DECIDING_ROLES) == {"organization_administrator", "tenant_administrator"}
    assert (
        f"interval '{ESTABLISHED_AFTER.days} days'"
        in import_module("tenants.migrations.0018_established_administrators").GUARD
    )


def test_a_person_creates_no_membership_in_the_past(tenant: Tenant, first: Person) -> None:
    who = factories.person()
    with person_scope(first):
        insert(tenant, who, by=first)
        with pytest.raises(DatabaseError, match="created now"), transaction.atomic():
            sql(
                "INSERT INTO tenants_membership (id, person_id, organization_id, tenant_id, role, valid_from,"
                " created_at, granted_by_id, confirmation) SELECT gen_random_uuid(), person_id, organization_id,"
                " tenant_id, 'owner', now(), now() - interval '8 days', granted_by_id, 'not_needed'"
                " FROM tenants_membership WHERE person_id = %s",
                who.pk,
            )


def test_a_refused_role_never_starts(tenant: Tenant, first: Person, second: Person) -> None:
    who = factories.person()
    waiting = granted(tenant, first, who)
    with person_scope(second):
        decide_membership(by=second, membership=waiting, confirm=False)
        with pytest.raises(Conflict):
            decide_membership(by=second, membership=waiting, confirm=True)
        with pytest.raises(Conflict):
            revoke_membership(by=second, membership=waiting)
    assert not has_role(tenant, who)
    assert granted(tenant, first, who).confirmation == Confirmation.WAITING


def test_a_withdrawn_role_cannot_be_confirmed(tenant: Tenant, first: Person, second: Person) -> None:
    waiting = granted(tenant, first)
    with person_scope(first):
        revoke_membership(by=first, membership=waiting)
    with person_scope(second), pytest.raises(Conflict):
        decide_membership(by=second, membership=waiting, confirm=True)


def test_changing_a_role_keeps_the_present_one_until_the_confirmation(
    tenant: Tenant, first: Person, second: Person
) -> None:
    who = factories.person()
    owner = granted(tenant, first, who, Role.OWNER)
    with person_scope(first):
        waiting = change_role(by=first, membership=owner, role=Role.APPROVER)
    assert has_role(tenant, who, Role.OWNER)
    assert not has_role(tenant, who)
    with person_scope(second):
        decide_membership(by=second, membership=waiting, confirm=True)
    assert has_role(tenant, who)
    assert not has_role(tenant, who, Role.OWNER)
    with in_tenant(tenant):
        entry = JournalEntry.objects.filter(action="membership.revoked").get()
        assert (entry.actor.partition(" (")[0], entry.details["role"]) == (second.email, Role.OWNER)
    other = factories.person()
    owner = granted(tenant, first, other, Role.OWNER)
    with person_scope(first):
        change_role(by=first, membership=owner, role=Role.TENANT_ADMINISTRATOR)
    assert has_role(tenant, other, Role.TENANT_ADMINISTRATOR)
    assert not has_role(tenant, other, Role.OWNER)


@pytest.mark.parametrize("end", [None, 2, 9])
def test_the_present_role_ends_when_a_confirmed_role_begins_later(
    tenant: Tenant, first: Person, second: Person, end: int | None
) -> None:
    starts = timezone.now() + timedelta(days=3)
    ends = timezone.now() + timedelta(days=end) if end else None
    with person_scope(first):
        owner = grant_membership(
            by=first,
            person=factories.person(),
            organization=tenant.organization,
            tenant=tenant,
            role=Role.OWNER,
            valid_until=ends,
        )
        waiting = change_role(by=first, membership=owner, role=Role.APPROVER, valid_from=starts)
    with person_scope(second):
        decide_membership(by=second, membership=waiting, confirm=True)
        owner.refresh_from_db()
    assert owner.valid_until == (ends if end == 2 else starts)


def test_a_refused_role_and_a_role_beside_the_present_one_end_nothing(
    tenant: Tenant, first: Person, second: Person
) -> None:
    for confirm in (False, True):
        who = factories.person()
        owner = granted(tenant, first, who, Role.OWNER)
        with person_scope(first):
            waiting = (
                grant_membership(
                    by=first,
                    person=who,
                    organization=tenant.organization,
                    tenant=tenant,
                    role=Role.APPROVER,
                )
                if confirm
                else change_role(by=first, membership=owner, role=Role.APPROVER)
            )
        with person_scope(second):
            decide_membership(by=second, membership=waiting, confirm=confirm)
        assert has_role(tenant, who, Role.OWNER)
        assert has_role(tenant, who) == confirm


def test_the_operator_sees_which_role_ends(tenant: Tenant, first: Person) -> None:
    who, other = factories.person(), factories.person()
    owner = granted(tenant, first, who, Role.OWNER)
    with person_scope(first):
        change_role(by=first, membership=owner, role=Role.APPROVER)
    granted(tenant, first, other)
    listed = StringIO()
    call_command("confirm_role", stdout=listed)
    lines = listed.getvalue().splitlines()
    assert {who.email in line: line.endswith("  replaces Owner") for line in lines} == {
        True: True,
        False: False,
    }


def test_a_confirmed_role_replaces_no_role_that_has_ended(
    tenant: Tenant, first: Person, second: Person
) -> None:
    who = factories.person()
    owner = granted(tenant, first, who, Role.OWNER)
    with person_scope(first):
        waiting = change_role(by=first, membership=owner, role=Role.APPROVER)
        revoke_membership(by=first, membership=owner)
    with person_scope(second):
        decide_membership(by=second, membership=waiting, confirm=True)
    assert has_role(tenant, who)


def test_the_operator_confirms_where_there_is_no_second_administrator(tenant: Tenant, first: Person) -> None:
    who = factories.person()
    waiting = granted(tenant, first, who)
    with in_tenant(tenant):
        assert selectors.second_administrators(tenant.organization, [waiting]) == {waiting.pk: []}
    listed = StringIO()
    call_command("confirm_role", stdout=listed)
    assert f"{waiting.pk}  {who.email}  Approver" in listed.getvalue()
    with pytest.raises(CommandError, match="--reason"):
        call_command("confirm_role", str(waiting.pk))
    call_command("confirm_role", str(waiting.pk), reason="The only administrator.", stdout=StringIO())
    assert has_role(tenant, who)
    with in_tenant(tenant):
        entry = JournalEntry.objects.order_by("-sequence")[0]
        assert entry.actor.startswith("system:operator ")
        assert entry.details["reason"] == "The only administrator."
    with pytest.raises(CommandError, match="No role with the id"):
        call_command("confirm_role", str(waiting.pk), reason="Again.")


# The following tests run raw SQL in the application's database role and in the scope of a person.
INSERT = (
    "INSERT INTO tenants_membership (id, person_id, organization_id, tenant_id, role, valid_from, created_at,"
    " granted_by_id, confirmation, confirmed_by_id, confirmed_at)"
    " VALUES (%s, %s, %s, %s, %s, now(), now(), %s, %s, %s, %s)"
)


def insert(tenant: Tenant, who: Person, role: str = "approver", **given: Any) -> None:
    values = {"by": None, "confirmation": "waiting", "confirmed_by": None, "at": None, **given}
    people = [values["by"], values["confirmed_by"]]
    by, confirmed_by = (person.pk if person else None for person in people)
    sql(
        INSERT,
        uuid7(),
        who.pk,
        tenant.organization_id,
        tenant.pk,
        role,
        by,
        values["confirmation"],
        confirmed_by,
        values["at"],
    )


def refused(person: Person, statement: Any, *args: Any, match: str, **given: Any) -> None:
    with person_scope(person), pytest.raises(DatabaseError, match=match), transaction.atomic():
        statement(*args, **given)


def test_the_database_refuses_a_role_for_oneself(tenant: Tenant, first: Person, second: Person) -> None:
    for given in ({}, {"by": first}, {"by": second}, {"confirmation": "operator"}):
        refused(first, insert, tenant, first, "owner", match="themselves", **given)


def test_the_database_refuses_a_false_granter_or_confirmation(
    tenant: Tenant, first: Person, second: Person
) -> None:
    who, now = factories.person(), timezone.now()
    for by in (None, second):
        refused(first, insert, tenant, who, "owner", by=by, match="person of the scope")
    made: dict[str, Any] = {"by": first, "at": now}
    for given in (
        {"confirmation": "confirmed", "confirmed_by": second},
        {"confirmation": "operator"},
        {"confirmation": "earlier"},
        {"confirmation": "not_needed"},
    ):
        refused(first, insert, tenant, who, match="waits", **made, **given)
    with person_scope(first):
        insert(tenant, who, by=first)


def test_the_database_refuses_a_confirmation_by_the_granter(
    tenant: Tenant, first: Person, second: Person
) -> None:
    waiting = granted(tenant, first, second)
    confirm = (
        "UPDATE tenants_membership SET confirmation = %s, confirmed_by_id = %s, confirmed_at = now()"
        " WHERE id = %s"
    )
    for person in (first, second):
        for by in (first, second):
            refused(person, sql, confirm, "confirmed", by.pk, waiting.pk, match="second administrator")
        refused(person, sql, confirm, "operator", None, waiting.pk, match="second administrator")
        refused(person, sql, confirm, "not_needed", None, waiting.pk, match="second administrator")
    change = "UPDATE tenants_membership SET granted_by_id = NULL WHERE id = %s"
    refused(first, sql, change, waiting.pk, match="cannot change")
    third = factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)
    with person_scope(third):
        assert sql(confirm, "confirmed", third.pk, waiting.pk) == [(1,)]


@pytest.mark.parametrize(
    "change",
    [
        "role = 'tenant_administrator'",
        "person_id = '00000000-0000-0000-0000-000000000000'",
        "tenant_id = NULL, role = 'organization_administrator'",
        "valid_until = NULL",
        "valid_until = valid_until + interval '1 day'",
        "valid_from = valid_from - interval '1 day'",
        "confirmed_at = now()",
    ],
)
def test_the_database_refuses_to_widen_a_membership(tenant: Tenant, first: Person, change: str) -> None:
    who = factories.member(Role.OWNER, tenant, valid_until=timezone.now() + timedelta(days=3))
    statement = f"UPDATE tenants_membership SET {change} WHERE person_id = %s"
    refused(first, sql, statement, who.pk, match="cannot")
    with person_scope(first):
        assert sql(
            "UPDATE tenants_membership SET valid_until = valid_until - interval '1 day' WHERE person_id = %s",
            who.pk,
        ) == [(1,)]


def test_the_database_refuses_to_invite_oneself_or_to_redirect_an_invitation(
    tenant: Tenant, first: Person
) -> None:
    with person_scope(first):
        invitation, _ = invite(
            by=first, organization=tenant.organization, tenant=tenant, email="jo@example.com", role=Role.OWNER
        )
    own = {
        "organization": tenant.organization,
        "tenant": tenant,
        "role": Role.OWNER,
        "expires_at": timezone.now() + timedelta(days=1),
        "token_hash": "0" * 64,
    }
    refused(first, Invitation.objects.create, email=first.email, invited_by=first, match="themselves", **own)
    refused(first, Invitation.objects.create, email="x@example.com", match="person of the scope", **own)
    for field, value in {"email": first.email, "role": "tenant_administrator"}.items():
        change = f"UPDATE tenants_invitation SET {field} = %s WHERE id = %s"
        refused(first, sql, change, value, invitation.pk, match="cannot change")


def test_existing_approvers_and_those_of_the_operator_need_no_confirmation(tenant: Tenant) -> None:
    approver = factories.member(Role.APPROVER, tenant)
    with in_tenant(tenant):
        assert Membership.objects.get(person=approver).confirmation == Confirmation.OPERATOR
        assert granted_by_system(tenant)
    assert has_role(tenant, approver)


def granted_by_system(tenant: Tenant) -> bool:
    membership = grant_membership(
        by=BY,
        person=factories.person(),
        organization=tenant.organization,
        tenant=tenant,
        role=Role.APPROVER,
    )
    return membership.confirmation == Confirmation.OPERATOR


@pytest.mark.parametrize("role", [role for role in Role if Capability.MEMBERS not in CAPABILITIES[role]])
def test_the_database_lets_only_administrators_change_access(tenant: Tenant, role: Role) -> None:
    """In the scope of a person who may not change access, raw SQL cannot grant, end or confirm roles, or add
    invitations.
    """
    place = tenant.organization if role in ORGANIZATION_ROLES else tenant
    first = factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)
    waiting = granted(tenant, first)
    owner = factories.member(Role.OWNER, tenant)
    person = factories.member(role, place)
    refused(person, insert, tenant, factories.person(), "owner", by=person, match="only administrators")
    end = "UPDATE tenants_membership SET valid_until = clock_timestamp() + interval '1 hour' WHERE person_id = %s"
    refused(person, sql, end, owner.pk, match="only administrators")
    confirm = (
        "UPDATE tenants_membership SET confirmation = 'confirmed', confirmed_by_id = %s, confirmed_at = now()"
        " WHERE id = %s"
    )
    refused(person, sql, confirm, person.pk, waiting.pk, match="only administrators")
    refused(person, sql, "DELETE FROM tenants_membership WHERE person_id = %s", owner.pk, match="only admin")
    refused(
        person,
        Invitation.objects.create,
        email="friend@example.com",
        organization=tenant.organization,
        tenant=tenant,
        role=Role.OWNER,
        expires_at=timezone.now() + timedelta(days=1),
        token_hash="0" * 64,
        invited_by=person,
        match="only administrators",
    )


def test_the_database_knows_the_roles_that_change_access() -> None:
    source = str(sql("SELECT prosrc FROM pg_proc WHERE proname = 'tenants_changes_access'"))
    named = {role for role in Role if f"'{role.value}'" in source}
    assert named == {role for role in Role if Capability.MEMBERS in CAPABILITIES[role]}


def test_an_administrator_of_one_customer_changes_no_other(tenant: Tenant) -> None:
    sister = factories.tenant(tenant.organization)
    person = factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    factories.member(Role.AUDITOR, sister, person)
    refused(person, insert, sister, factories.person(), "owner", by=person, match="only administrators")
    with person_scope(person):
        insert(tenant, factories.person(), "owner", by=person, confirmation="not_needed")


def test_the_database_refuses_a_membership_of_an_earlier_time(tenant: Tenant, first: Person) -> None:
    """Without this check, SQL could backdate the role of a new administrator, who could then confirm roles at once."""
    who = factories.person()
    statement = INSERT.replace("now(), now()", "now(), now() - interval '20 minutes'")
    values = [uuid7(), who.pk, tenant.organization_id, tenant.pk, "owner", first.pk, "not_needed", None, None]
    refused(first, sql, statement, *values, match="a membership is created now")
