"""The database refuses erasures that no second person confirmed, and it refuses changes of protected rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from portal.offboarding.erasures import erase_customer
from portal.offboarding.erasures.requests import confirm_erasure
from portal.offboarding.models import Erasure
from portal.retention.actions.holds import place_hold
from tenants.actions import grant_membership
from tenants.models import Person, TenantKey
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.as_owner import change_as_owner
from tests.portal.offboarding.erasure_cases import (
    OPERATOR,
    archive,
    call,
    confirmed,
    first,
    refused,
    requested,
    stored,
)
from tests.portal.web.world import World

pytestmark = pytest.mark.slow(seconds=10)

State = Erasure.State


def test_closed_customer_cannot_be_opened_by_anybody(world: World, second: Person) -> None:
    erasure = confirmed(world, second)
    erase_customer._claimed(erasure.organization_id, erasure.pk)
    work = erase_customer._Work(erasure.organization_id, erasure.pk, 1, world.home.pk, True)
    erase_customer._close(work)
    with person_scope(first(world)) as scope:
        assert world.home.pk not in scope.tenant_ids
    assert not TenantKey.objects.filter(pk=world.home.pk).exists()


def test_database_functions_refuse_what_two_people_have_not_confirmed(world: World, second: Person) -> None:
    """Attack as the application's database role, which can set every scope."""
    erasure = requested(world)
    place = world.organization.pk
    functions: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("leaving_close_customer", ()),
        ("leaving_redact_customer", ()),
        ("leaving_delete_rows", ("tenants_journalentry", 10)),
        ("leaving_finish_customer", ()),
        ("leaving_pseudonymise", ("customer", world.people["owner"].pk, "Former person 7K3QXM")),
    )
    with organization_scope(world.organization):
        for function, more in functions:
            refused(function, place, erasure.pk, *more)
    with person_scope(second):
        confirm_erasure(erasure=erasure, by=second)
    with organization_scope(world.organization):
        for function, more in functions:  # The erasure is confirmed, but has not started.
            refused(function, place, erasure.pk, *more)
    erase_customer._claimed(place, erasure.pk)
    with organization_scope(world.foreign.organization):
        for function, more in functions:  # The scope and the first argument name another organization.
            refused(function, world.foreign.organization_id, erasure.pk, *more)
    with organization_scope(world.organization):
        refused("leaving_delete_rows", place, erasure.pk, "tenants_person", 10)
        refused("leaving_delete_rows", place, erasure.pk, "tenants_organizationjournalentry", 10)
        engineer = world.people["organization_engineer"].pk
        refused("leaving_pseudonymise", place, erasure.pk, "customer", engineer, "Former person 7K3QXM")
        refused("leaving_pseudonymise", place, erasure.pk, "person", world.home.pk, "Former person 7K3QXM")
        assert call("leaving_delete_rows", place, erasure.pk, "notify_notice", 10)[0][0] > 0


def test_sql_cannot_shorten_the_wait_of_an_erasure(world: World, second: Person) -> None:
    """Attack as the application's database role: confirm the erasure with a confirmation time in the past, and with an
    earliest start (`not_before`) that is missing or in the past. The database replaces both times.
    """
    erasure = requested(world, hours=24)
    past = timezone.now() - timedelta(days=30)
    for not_before in (None, past):
        with person_scope(second), transaction.atomic():
            one = Erasure.objects.filter(pk=erasure.pk)
            one.update(state="confirmed", confirmed_by=second, confirmed_at=past, not_before=not_before)
            row = one.get()
            assert row.not_before is not None
            assert row.confirmed_at is not None
            assert row.not_before - row.confirmed_at == timedelta(hours=24)
            assert abs(row.confirmed_at - timezone.now()) < timedelta(minutes=1)
            for values in (
                {"state": "running"},
                {"not_before": past},
                {"not_before": None, "state": "running"},
            ):
                with pytest.raises(DatabaseError, match="leaving_erasure_guard"), transaction.atomic():
                    one.update(**values)
            refused("leaving_close_customer", erasure.organization_id, erasure.pk)
            transaction.set_rollback(True)
    assert stored(erasure).state == State.REQUESTED


def test_functions_that_delete_check_the_start_themselves(committed: World) -> None:
    """If the owner of the tables sets an erasure to running before its waiting period has ended, the database functions
    refuse to work.
    """
    home, second = committed.home, factories.member(Role.ORGANIZATION_ADMINISTRATOR, committed.organization)
    erasure = confirmed(committed, second, hours=24)
    change_as_owner(
        "leaving_erasure", home, "UPDATE leaving_erasure SET state = 'running' WHERE state = 'confirmed'"
    )
    with organization_scope(committed.organization):
        refused("leaving_close_customer", erasure.organization_id, erasure.pk)
    change_as_owner(
        "leaving_erasure",
        home,
        "UPDATE leaving_erasure SET not_before = confirmed_at WHERE state = 'running'",
    )
    with organization_scope(committed.organization):
        call("leaving_close_customer", erasure.organization_id, erasure.pk)
    assert stored(erasure).needles is not None


def test_sql_of_a_new_administrator_confirms_nothing(world: World) -> None:
    erasure, by, new = requested(world), first(world), factories.person()
    with person_scope(by):
        grant_membership(
            by=by, person=new, organization=world.organization, role=Role.ORGANIZATION_ADMINISTRATOR
        )
    with (
        person_scope(new),
        pytest.raises(DatabaseError, match="a new administrator does not confirm"),
        transaction.atomic(),
    ):
        Erasure.objects.filter(pk=erasure.pk).update(
            state="confirmed", confirmed_by=new, confirmed_at=timezone.now()
        )


def test_database_refuses_forged_requests_and_confirmations(world: World, second: Person) -> None:
    archive(world)
    by = first(world)
    values = {
        "organization": world.organization,
        "kind": Erasure.Kind.CUSTOMER,
        "subject": world.home.pk,
        "pseudonym": "x",
        "requested_at": timezone.now(),
    }

    def refuse(write: Callable[[], Any]) -> None:
        with pytest.raises(DatabaseError, match=r"leaving_erasure|row-level security"), transaction.atomic():
            write()

    create = Erasure.objects.create
    with person_scope(by):
        refuse(lambda: create(**values, requested_by=second))
        refuse(
            lambda: create(
                **values, requested_by=by, confirmed_by=second, confirmed_at=timezone.now(), state="confirmed"
            )
        )
        refuse(lambda: create(**{**values, "subject": world.foreign.pk}, requested_by=by))
        refuse(lambda: create(**{**values, "organization": world.foreign.organization}, requested_by=by))
        row = create(**values, requested_by=by)
        now = {"state": "confirmed", "confirmed_at": timezone.now()}
        one = Erasure.objects.filter(pk=row.pk)
        refuse(lambda: one.update(**now, confirmed_by=by))
        refuse(lambda: one.update(**now, confirmed_by=second))
        refuse(lambda: one.update(**now, confirmed_by=None))
        refuse(lambda: one.update(state="running"))
        refuse(lambda: one.update(subject=world.foreign.pk))
        refuse(lambda: one.update(requested_by=second))
        refuse(row.delete)
    with person_scope(world.people["organization_engineer"]):
        refuse(lambda: one.update(**now, confirmed_by=world.people["organization_engineer"]))
    with person_scope(second):
        assert one.update(**now, confirmed_by=second) == 1
        refuse(lambda: one.update(confirmed_by=None))
        refuse(lambda: one.update(state="done"))


def test_protected_rows_stay_protected_for_everybody_else(world: World, second: Person) -> None:
    """While an erasure runs, only its database functions can change protected rows. Other statements cannot change
    protected rows, not even those of the customer that is erased.
    """
    erasure = confirmed(world, second)
    erase_customer._claimed(erasure.organization_id, erasure.pk)
    statements = (
        "DELETE FROM tenants_journalentry",
        "DELETE FROM tenants_organizationjournalentry",
        "UPDATE tenants_organizationjournalentry SET target = 'x'",
        "DELETE FROM treatment_treatmentevent",
        "DELETE FROM treatment_findingexception",
        "DELETE FROM assessments_findingchange",
    )
    with organization_scope(world.organization):
        for statement in statements:
            places = f"{world.home.pk},{world.organization.pk}"
            call("set_config", "surety.erasing", places, True)
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_database_refuses_to_erase_a_customer_on_hold(world: World, second: Person) -> None:
    erasure = confirmed(world, second)
    erase_customer._claimed(erasure.organization_id, erasure.pk)
    with factories.in_tenant(world.home):
        place_hold(tenant=world.home, by=OPERATOR, reason="Litigation")
    with organization_scope(world.organization):
        refused("leaving_close_customer", erasure.organization_id, erasure.pk)
