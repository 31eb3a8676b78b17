"""Requests and confirmations of erasures: the second person, the waiting period, withdrawals, holds and notices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError
from django.urls import reverse
from django.utils import timezone

from assessments.actions.archive import archive_customer
from assessments.models import Finding
from portal.notify.models import Notice
from portal.offboarding.erasures.requests import (
    announce_waiting,
    confirm_erasure,
    request_erasure,
    withdraw_erasure,
)
from portal.offboarding.erasures.waiting_period import set_waiting_period
from portal.offboarding.exports.actions import request_export
from portal.offboarding.models import Erasure
from portal.portfolio_reports.models import PortfolioReport
from portal.portfolio_reports.retention import delete_of_erased
from portal.retention.actions.holds import lift_hold, place_hold
from tenants.actions import grant_membership, restore_tenant
from tenants.errors import Conflict, InvalidInput, PermissionDenied
from tenants.models import Directory, JournalEntry, OrganizationJournalEntry, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.offboarding.erasure_cases import (
    OPERATOR,
    archive,
    confirmed,
    first,
    refused,
    requested,
    run,
    shared_report,
    stored,
)
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.slow(seconds=10)

State = Erasure.State


def test_reports_about_a_customer_on_hold_prevent_the_confirmation(world: World, second: Person) -> None:
    """Otherwise, two administrators could delete a report about a customer on hold by erasing another customer."""
    neighbour, _ = shared_report(world)
    erasure = requested(world)
    http = signed_in_client(second)
    page = http.get(reverse("erasure", args=[world.organization.slug, erasure.pk])).content.decode()
    assert "The erasure deletes 2 portfolio reports about this customer" in " ".join(page.split())
    with factories.in_tenant(neighbour):
        place_hold(tenant=neighbour, by=OPERATOR, reason="Litigation 4711")
    with person_scope(second), pytest.raises(Conflict, match="legal hold: Neighbour Foods"):
        confirm_erasure(erasure=erasure, by=second)
    with factories.in_tenant(neighbour):
        lift_hold(tenant=neighbour, by=OPERATOR, reason="Settled")
    with person_scope(second), pytest.raises(Conflict, match="ends seven days after you lift it"):
        confirm_erasure(erasure=erasure, by=second)


def test_reports_about_a_customer_on_hold_stay_after_the_confirmation(world: World, second: Person) -> None:
    """A hold that is placed after the confirmation prevents the start. A hold that is placed after the start prevents
    the deletion.
    """
    neighbour, report = shared_report(world)
    erasure = confirmed(world, second)
    with factories.in_tenant(neighbour):
        place_hold(tenant=neighbour, by=OPERATOR, reason="Litigation 4712")
    run(erasure)
    waiting = stored(erasure)
    assert (waiting.state, "legal hold: Neighbour Foods" in waiting.problem) == (State.CONFIRMED, True)
    long_ago = timezone.now() - timedelta(hours=1)
    with organization_scope(world.organization):
        Erasure.objects.filter(pk=erasure.pk).update(state=State.RUNNING, worked_at=long_ago)
        with pytest.raises(DatabaseError, match="on legal hold stays"), transaction.atomic():
            delete_of_erased(world.organization, erasure.pk)
    run(erasure)
    stopped = stored(erasure)
    assert (stopped.state, "legal hold: Neighbour Foods" in stopped.problem) == (State.RUNNING, True)
    # The erasure stops before it deletes anything, so nothing is half done.
    assert (stopped.rows, stopped.files, stopped.steps_done) == ({}, 0, 0)
    with factories.in_tenant(world.home):
        assert Finding.objects.exists()
    with organization_scope(world.organization):
        assert {report, world.of(world.home)["portfolio_report"]} <= set(PortfolioReport.objects.all())


def test_four_eyes(world: World, second: Person) -> None:
    erasure = requested(world)
    by = first(world)
    with (
        person_scope(by),
        pytest.raises(PermissionDenied, match="You made this request, so someone else must confirm it"),
    ):
        confirm_erasure(erasure=erasure, by=by)
    new = factories.person()
    with person_scope(by):
        grant_membership(
            by=by, person=new, organization=world.organization, role=Role.ORGANIZATION_ADMINISTRATOR
        )
    with person_scope(new), pytest.raises(PermissionDenied, match="less than 7 days"):
        confirm_erasure(erasure=erasure, by=new)
    for role in ("tenant_administrator", "organization_engineer", "auditor"):
        with person_scope(world.people[role]), pytest.raises(PermissionDenied):
            confirm_erasure(erasure=erasure, by=world.people[role])
    assert stored(erasure).state == State.REQUESTED
    run(erasure)
    assert stored(erasure).state == State.REQUESTED
    with person_scope(second):
        assert confirm_erasure(erasure=erasure, by=second).state == State.CONFIRMED
        with pytest.raises(Conflict, match="no longer waits"):
            confirm_erasure(erasure=erasure, by=second)


def test_operator_and_one_person_are_two_but_the_operator_alone_is_not(world: World) -> None:
    tenant = archive(world)
    with organization_scope(world.organization):
        erasure = request_erasure(tenant=tenant, by=OPERATOR, name=tenant.name, reason="Ends")
        with pytest.raises(PermissionDenied):
            confirm_erasure(erasure=erasure, by=OPERATOR)
    with person_scope(first(world)):
        assert confirm_erasure(erasure=erasure, by=first(world)).state == State.CONFIRMED


def test_request_needs_an_archived_idle_customer_its_name_and_a_reason(world: World) -> None:
    by, home = first(world), world.home
    with person_scope(by), pytest.raises(Conflict, match="is not archived"):
        request_erasure(tenant=home, by=by, name=home.name, reason="Ends")
    tenant = archive(world)
    with person_scope(by):
        for name, reason in ((home.slug, "Ends"), ("", "Ends"), (home.name, " "), (home.name, "x" * 501)):
            with pytest.raises(InvalidInput):
                request_erasure(tenant=tenant, by=by, name=name, reason=reason)
        export = request_export(tenant=tenant, by=by)
        with pytest.raises(Conflict, match="An export of"):
            request_erasure(tenant=tenant, by=by, name=home.name, reason="Ends")
        export.delete()
        request_erasure(tenant=tenant, by=by, name=home.name, reason="Ends")
        with pytest.raises(Conflict, match="already requested"):
            request_erasure(tenant=tenant, by=by, name=home.name, reason="Ends")
    with factories.in_tenant(home):
        assert not JournalEntry.objects.filter(details__reason="Ends", action="erasure.started").exists()


def test_waiting_period_and_withdrawal(world: World, second: Person) -> None:
    erasure = confirmed(world, second, hours=24)
    run(erasure)
    assert stored(erasure).state == State.CONFIRMED
    with person_scope(first(world)):
        set_waiting_period(organization=world.organization, by=first(world), hours=0)
        with pytest.raises(InvalidInput):
            set_waiting_period(organization=world.organization, by=first(world), hours=-1)
    run(erasure)
    assert stored(erasure).state == State.CONFIRMED, "a later change does not shorten the period"
    with person_scope(second):
        withdraw_erasure(erasure=erasure, by=second)
    run(erasure)
    assert stored(erasure).state == State.WITHDRAWN
    with factories.in_tenant(world.home):
        assert Tenant.objects.filter(pk=world.home.pk).exists()


def test_no_cancel_after_the_start(world: World, second: Person) -> None:
    withdrawn = requested(world)
    with person_scope(second):
        withdraw_erasure(erasure=withdrawn, by=second)
    with person_scope(first(world)):
        tenant = Tenant.objects.get(pk=world.home.pk)
        again = request_erasure(tenant=tenant, by=first(world), name=tenant.name, reason="Ends")
    with person_scope(second):
        confirm_erasure(erasure=again, by=second)
    run(again)
    assert stored(again).state == State.DONE
    assert stored(withdrawn).subject is None
    with person_scope(second), pytest.raises(Conflict, match="cannot be withdrawn"):
        withdraw_erasure(erasure=again, by=second)


def test_legal_hold_after_the_confirmation_prevents_the_start(world: World, second: Person) -> None:
    erasure = confirmed(world, second)
    with factories.in_tenant(world.home):
        place_hold(tenant=world.home, by=OPERATOR, reason="A dispute")
    run(erasure)
    assert stored(erasure).state == State.CONFIRMED
    assert "on legal hold" in stored(erasure).problem
    with factories.in_tenant(world.home):
        lift_hold(tenant=world.home, by=OPERATOR, reason="Settled")
    run(erasure)
    assert stored(erasure).state == State.CONFIRMED, "a lifted hold protects for seven days"
    with organization_scope(world.organization):
        Erasure.objects.filter(pk=erasure.pk).update(state=State.RUNNING)
        refused("leaving_close_customer", world.organization.pk, erasure.pk)


@pytest.mark.parametrize("by_sql", [False, True])
@pytest.mark.parametrize("is_confirmed", [False, True])
def test_restoring_withdraws_the_erasure(
    world: World, second: Person, is_confirmed: bool, by_sql: bool
) -> None:
    """If the erasure were not withdrawn, it would start when the customer is archived again, months later."""
    erasure = confirmed(world, second) if is_confirmed else requested(world)
    if by_sql:
        with factories.in_tenant(world.home):
            Tenant.objects.filter(pk=world.home.pk).update(archived_at=None, archive_reason="")
    else:
        with person_scope(first(world)):
            restore_tenant(tenant=world.home, by=first(world))
    row = stored(erasure)
    assert (row.state, row.ended_at is not None) == (State.WITHDRAWN, True)
    with factories.in_tenant(world.home):
        archive_customer(tenant=world.home, by=OPERATOR, reason="Again")
    run(erasure)
    assert stored(erasure).state == State.WITHDRAWN
    with factories.in_tenant(world.home):
        assert Directory.objects.exists()
        told = Notice.objects.filter(key=f"erasure:{erasure.pk}:withdrawn")
        assert told.exists() != by_sql
    with organization_scope(world.organization):
        entries = OrganizationJournalEntry.objects.filter(action="erasure.withdrawn")
        assert entries.exists() != by_sql


def test_administrators_are_notified(world: World, second: Person) -> None:
    erasure = confirmed(world, second, hours=24)
    with factories.in_tenant(world.home):
        told = Notice.objects.filter(kind="customer_erasure", key__startswith=f"erasure:{erasure.pk}")
        assert set(told.filter(key__endswith="requested").values_list("person", flat=True)) == {
            second.pk,
            world.people["tenant_administrator"].pk,
        }
        assert set(told.filter(key__endswith="confirmed").values_list("person", flat=True)) == {
            first(world).pk,
            world.people["tenant_administrator"].pk,
        }


def test_erasure_that_sql_confirmed_is_announced(world: World, second: Person) -> None:
    erasure = requested(world, hours=24)
    with person_scope(second):
        now = timezone.now()
        Erasure.objects.filter(pk=erasure.pk).update(state="confirmed", confirmed_by=second, confirmed_at=now)

    def told(what: str) -> set[Any]:
        with factories.in_tenant(world.home):
            rows = Notice.objects.filter(kind="customer_erasure", key=f"erasure:{erasure.pk}:{what}")
            return set(rows.values_list("person", flat=True))

    assert told("confirmed") == set()
    for _ in range(2):
        with organization_scope(world.organization):
            announce_waiting(organization_id=world.organization.pk)
        assert told("confirmed") == {first(world).pk, world.people["tenant_administrator"].pk}
        assert told("requested") == {second.pk, world.people["tenant_administrator"].pk}


def test_customer_on_legal_hold_is_not_confirmed(world: World, second: Person) -> None:
    erasure = requested(world)
    with factories.in_tenant(world.home):
        place_hold(tenant=world.home, by=OPERATOR, reason="Litigation")
    with person_scope(second), pytest.raises(Conflict, match="is on legal hold"):
        confirm_erasure(erasure=erasure, by=second)


def test_hold_after_the_confirmation_stops_the_erasure(world: World, second: Person) -> None:
    erasure = confirmed(world, second)
    with factories.in_tenant(world.home):
        place_hold(tenant=world.home, by=OPERATOR, reason="Litigation")
    run(erasure)
    row = stored(erasure)
    assert (row.state, "legal hold" in row.problem) == (State.CONFIRMED, True)
    with factories.in_tenant(world.home):
        assert Directory.objects.exists()
