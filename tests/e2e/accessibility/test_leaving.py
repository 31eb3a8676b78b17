"""Accessibility check of the pages for retention and for the erasure of customers and people, in each state."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from assessments.actions.archive import archive_customer
from portal.offboarding.erasures import erase_customer
from portal.offboarding.erasures.erase_customer import run_erasure
from portal.offboarding.erasures.requests import (
    confirm_erasure,
    request_erasure,
    request_pseudonymisation,
    withdraw_erasure,
)
from portal.offboarding.erasures.waiting_period import set_waiting_period
from portal.offboarding.models import Erasure
from portal.retention.actions.holds import lift_hold, place_hold
from portal.retention.actions.policy import set_organization_periods, set_periods
from portal.retention.actions.runs import carry_out, request_run
from tenants.models import Membership, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.as_owner import change_as_owner
from tests.e2e.pages import check_pages
from tests.portal.web.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

REASON = "The contract 4711 ended on 30 November, and the customer asked for the erasure of its data"


class Interrupted(Exception):
    """Raised to stop the worker in the middle of its work."""


@pytest.fixture
def administrator(world: World) -> Person:
    return world.people["organization_administrator"]


@pytest.fixture
def second(world: World) -> Person:
    return factories.member(Role.ORGANIZATION_ADMINISTRATOR, world.organization)


@pytest.fixture
def held(world: World) -> Tenant:
    """A customer on legal hold."""
    tenant = factories.tenant(world.organization, "Held customer")
    with factories.in_tenant(tenant):
        place_hold(tenant=tenant, by=factories.BY, reason="Litigation 4711 with a former supplier")
    return tenant


def test_retention(world: World, signed_in: Callable[..., Page], administrator: Person, held: Tenant) -> None:
    home, organization = world.home, world.organization
    lifted = factories.tenant(organization, "Customer of a lifted hold")
    with factories.in_tenant(lifted):
        place_hold(tenant=lifted, by=factories.BY, reason="Litigation 4712")
        lift_hold(tenant=lifted, by=factories.BY, reason="The parties have settled")
    change_as_owner(
        "assessments_evidenceitem",
        home,
        "UPDATE assessments_evidenceitem SET collected_at = collected_at - interval '600 days'",
    )
    with person_scope(administrator):
        set_organization_periods(organization=organization, by=administrator, wanted={"notices": 90})
        set_periods(tenant=home, by=administrator, wanted={"evidence": 100, "reports": "keep"})
        preview = request_run(tenant=home, by=administrator, dry_run=True, days={"evidence": 100}, send=False)
    carry_out(tenant_id=home.pk, run_id=preview.pk)
    with factories.in_tenant(home):
        deleted = request_run(tenant=home, by=factories.BY, dry_run=False, send=False)
    carry_out(tenant_id=home.pk, run_id=deleted.pk)
    with factories.in_tenant(home):
        request_run(tenant=home, by=factories.BY, dry_run=False, send=False)
    pages = {
        f"retention-{tenant.slug}": reverse("retention", args=[tenant.slug])
        for tenant in (home, held, lifted)
    }
    pages["organization-retention-set"] = reverse("organization-retention", args=[organization.slug])
    check_pages(signed_in(administrator), pages)


def test_erasure_of_a_customer(
    world: World,
    signed_in: Callable[..., Page],
    administrator: Person,
    second: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home, organization = world.home, world.organization
    leaving = reverse("leaving", args=[home.slug])
    page, others = signed_in(administrator), signed_in(second)
    with person_scope(administrator):
        archive_customer(tenant=home, by=administrator, reason="The contract 4711 ended on 30 November")
        archived = Tenant.objects.get(pk=home.pk)
    check_pages(page, {"leaving-archived": leaving})
    with person_scope(administrator):
        row = request_erasure(tenant=archived, by=administrator, name=home.name, reason=REASON)
    address = reverse("erasure", args=[organization.slug, row.pk])
    check_pages(page, {"leaving-erasure-requested": leaving, "erasure-requested": address})
    check_pages(others, {"erasure-to-confirm": address})
    with person_scope(second):
        confirm_erasure(erasure=row, by=second)
    check_pages(page, {"erasure-due": address})
    with person_scope(second):
        row = withdraw_erasure(erasure=row, by=second)
    check_pages(page, {"erasure-withdrawn": address})

    with person_scope(administrator):
        row = request_erasure(tenant=archived, by=administrator, name=home.name, reason=REASON)
    address = reverse("erasure", args=[organization.slug, row.pk])
    with person_scope(second):
        confirm_erasure(erasure=row, by=second)

    def interrupt(_work: object) -> None:
        raise Interrupted

    with monkeypatch.context() as patched:
        patched.setattr(erase_customer, "_delete_copies", interrupt)
        with pytest.raises(Interrupted):
            run_erasure(organization_id=organization.pk, erasure_id=row.pk)
    check_pages(page, {"erasure-running": address})
    run_erasure(organization_id=organization.pk, erasure_id=row.pk)
    check_pages(
        page, {"erasure-done": address, "erasures-all": reverse("erasures", args=[organization.slug])}
    )


def test_pseudonymisation_of_a_person(
    world: World, signed_in: Callable[..., Page], administrator: Person, second: Person
) -> None:
    who, organization = world.people["auditor"], world.organization
    with organization_scope(organization):
        Membership.objects.filter(person=who).update(valid_until=timezone.now())
    page = signed_in(administrator)
    leaving = reverse("person-leaving", args=[organization.slug, who.pk])
    check_pages(page, {"person-leaving-without-access": leaving})
    with person_scope(administrator):
        row = request_pseudonymisation(
            organization=organization, person=who, by=administrator, reason="Left in May"
        )
    address = reverse("erasure", args=[organization.slug, row.pk])
    check_pages(page, {"person-leaving-requested": leaving, "pseudonymisation-requested": address})
    check_pages(signed_in(second), {"pseudonymisation-to-confirm": address})
    with person_scope(second):
        set_waiting_period(organization=organization, by=second, hours=48)
        set_waiting_period(organization=organization, by=second, hours=24)
        confirm_erasure(erasure=row, by=second)
    erasures = reverse("erasures", args=[organization.slug])
    check_pages(page, {"pseudonymisation-confirmed": address, "erasures-shorter-period": erasures})
    with organization_scope(organization):
        assert Erasure.objects.get(pk=row.pk).state == Erasure.State.CONFIRMED
