"""Helpers for tests of erasures: request and confirm them for `world.home`, and find what is left of a customer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.db.utils import DatabaseError
from django.utils import timezone
from psycopg import sql as psql

from assessments.actions.archive import archive_customer
from assessments.actions.sealed_cache import store
from portal.distribution.actions.schedules import add_schedule
from portal.distribution.models import OrganizationReportSchedule
from portal.offboarding.erasures.erase_customer import run_erasure
from portal.offboarding.erasures.requests import confirm_erasure, request_erasure
from portal.offboarding.models import Erasure
from portal.portfolio_reports.models import PortfolioReport
from portal.reports.models import Report
from portal.reports.records.revocation import revoke_report
from portal.treatment.actions.baselines import save_baseline
from portal.treatment.models import Baseline, Campaign, ListView
from tenants import journal
from tenants.actions import change_tenant
from tenants.actions.delegations import assign_delegations
from tenants.actors import System
from tenants.models import Directory, Organization, Person, ServicePrincipal, Subscription, Tenant
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.isolation.raw_sql import TENANT_TABLES
from tests.portal.distribution.schedules import choices
from tests.portal.web.world import World

OPERATOR = System("operator tests")


def first(world: World) -> Person:
    return world.people["organization_administrator"]


def archive(world: World, hours: int = 0) -> Tenant:
    """Set the organization's waiting period, and archive the customer. The new period takes effect at once, because it
    is not shorter than the previous period, which is 0.
    """
    with organization_scope(world.organization):
        Organization.objects.update(erasure_wait_hours=hours)
    with factories.in_tenant(world.home):
        archive_customer(tenant=world.home, by=OPERATOR, reason="The contract ended")
        return Tenant.objects.get(pk=world.home.pk)


def requested(world: World, hours: int = 0) -> Erasure:
    tenant, by = archive(world, hours), first(world)
    with person_scope(by):
        return request_erasure(tenant=tenant, by=by, name=tenant.name, reason="The contract ended")


def confirmed(world: World, second: Person, hours: int = 0) -> Erasure:
    erasure = requested(world, hours)
    with person_scope(second):
        return confirm_erasure(erasure=erasure, by=second)


def run(erasure: Erasure) -> None:
    run_erasure(organization_id=erasure.organization_id, erasure_id=erasure.pk)


def stored(erasure: Erasure) -> Erasure:
    with organization_scope(erasure.organization_id):
        return Erasure.objects.get(pk=erasure.pk)


def needles_of(tenant: Tenant) -> list[str]:
    """Return everything that names the customer: names, ids in Surety, ids in Azure."""
    with factories.in_tenant(tenant):
        directories = Directory.objects.values_list("directory_id", flat=True)
        own = Subscription.objects.filter(home_directory_id__in=["", *directories])
        return [
            tenant.name,
            tenant.slug,
            str(tenant.pk),
            *directories,
            *own.values_list("subscription_id", flat=True),
            *ServicePrincipal.objects.values_list("client_id", flat=True),
        ]


def texts_in_database() -> dict[str, str]:
    """Return {table: all rows as text}. The owner of the tables reads the rows, after switching off row-level security
    for itself. The data must be committed.
    """
    parameters = connections["owner"].get_connection_params()
    with psycopg.connect(**parameters) as own, own.cursor() as cursor:
        cursor.execute(
            "SELECT relname, relforcerowsecurity FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        texts = {}
        for table, forced in cursor.fetchall():
            if forced:
                cursor.execute(
                    psql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(psql.Identifier(table))
                )
            cursor.execute(psql.SQL("SELECT t::text FROM {} t").format(psql.Identifier(table)))
            texts[table] = "\n".join(text for (text,) in cursor.fetchall())
        own.rollback()
    return texts


def files_with(world: World, words: list[str]) -> list[Path]:
    """Return the files below the state directory whose path or content contains a word. Skip files of other tests."""
    found = []
    with organization_scope(world.organization):
        tenants = {
            str(world.foreign.pk),
            str(world.organization.pk),
            *(str(pk) for pk in Tenant.objects.values_list("pk", flat=True)),
            *words,
        }
    for path in Path(settings.SURETY_HOME).rglob("*"):
        place = path.relative_to(settings.SURETY_HOME).parts
        if (
            place[0] in ("reports", "evidence-files", "exports")
            and len(place) > 1
            and place[1] not in tenants
        ):
            continue  # This folder belongs to a world of another test run.
        content = str(path).encode() + (path.read_bytes() if path.is_file() else b"")
        if any(word.casefold().encode() in content.lower() for word in words):
            found.append(path)
    return found


def spread_the_name(world: World, neighbour: Tenant) -> None:
    """Write the customer's name into every place where it can occur: data of the organization and of a neighbour, and
    the cache.
    """
    home, by = world.home, first(world)
    with factories.in_tenant(home):
        change_tenant(tenant=home, by=OPERATOR, name="Alder Renamed")
        home.refresh_from_db()
        report = Report.objects.get()
        revoke_report(
            report=report, by=OPERATOR, reason="Was made for Alder & Finch Clinics, without subscriptions"
        )
        directory = Directory.objects.all()[0].directory_id
        principal = ServicePrincipal.objects.all()[0]
    with organization_scope(world.organization):
        ListView.objects.create(
            organization=world.organization,
            page="portfolio",
            person=by,
            name="One",
            query=f"customer={home.slug}",
        )
        Campaign.objects.update(note=f"Starts with {home.name.upper()}, then all others")
        baseline = Baseline.objects.all()[0]
        save_baseline(
            organization=world.organization,
            by=by,
            tenants=list(Tenant.objects.filter(organization=world.organization)),
            baseline=baseline,
            name="As at Alder & Finch Clinics",
            label=baseline.label,
            due_days=baseline.due_days,
            exception_cap_days=baseline.exception_cap_days,
        )
        journal.record(
            organization=world.organization,
            actor=by,
            action="view.saved",
            target="listview:1",
            details={"query": f"tenant={home.slug}", "nested": [{"name": "Alder & Finch Clinics"}]},
        )
        theirs = ServicePrincipal.objects.get(tenant=neighbour)
    seen = factories.foreign_subscription(theirs, home=directory)
    with factories.in_tenant(neighbour):
        journal.record(
            tenant=neighbour,
            actor=by,
            action="subscription.foreign_excluded",
            target=f"subscription:{seen.pk}",
            details={"directory": directory},
        )
    delegate_everything(world, directory)
    store(f"preflight:{home.pk}:{principal.pk}", {"name": home.name}, 600)


def delegate_everything(world: World, directory: str) -> None:
    """Delegate subscriptions of the customer to the organization: one is assigned, one waits for a decision, and one is
    excluded with a reason that names the customer.
    """
    managing = world.of(world.home)["managing_principal"]
    assigned = factories.delegation(managing, home=directory, name="Alder & Finch Clinics shop")
    factories.delegation(managing, home=directory, name="Alder & Finch Clinics test")
    factories.delegation(
        managing,
        name="Of nobody",
        decision="excluded",
        decision_reason="Belongs to Alder & Finch Clinics, they say",
        decided_at=timezone.now(),
    )
    with organization_scope(world.organization):
        place = Directory.objects.select_related("tenant").get(tenant=world.home, directory_id=directory)
        organization = Organization.objects.get(pk=world.organization.pk)
        assign_delegations(by=OPERATOR, organization=organization, assignments={assigned.pk: place})


def rows_of(tenant: Tenant, *, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Return {table: digest of the rows of a tenant}."""
    found = {}
    with organization_scope(tenant.organization_id), connection.cursor() as cursor:
        for table in TENANT_TABLES:
            if table in without:
                continue
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM {table} t"
                " WHERE tenant_id = %s",
                [tenant.pk],
            )
            ((found[table],),) = cursor.fetchall()
    return found


def shared_report(world: World) -> tuple[Tenant, PortfolioReport]:
    """Create another customer, and a portfolio report about both customers. Return them."""
    neighbour = factories.tenant(world.organization, name="Neighbour Foods")
    with organization_scope(world.organization):
        report = PortfolioReport.objects.create(
            organization=world.organization,
            number=9,
            title="All",
            customers=[neighbour.pk, world.home.pk],
            requested_as="x",
        )
    return neighbour, report


def call(function: str, *arguments: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({', '.join(['%s'] * len(arguments))})", list(arguments))
        return cursor.fetchall()


def refused(function: str, *arguments: Any) -> None:
    expected = r"not confirmed|administrators|archived|other access|no table"
    with pytest.raises(DatabaseError, match=expected), transaction.atomic():
        call(function, *arguments)


def rename(world: World, *names: str) -> None:
    """Rename the customer several times. The earlier names still count as names of the customer."""
    with factories.in_tenant(world.home):
        for name in names:
            change_tenant(tenant=world.home, by=OPERATOR, name=name)
        world.home.refresh_from_db()


def add_organization_schedule(world: World, **given: Any) -> OrganizationReportSchedule:
    with organization_scope(world.organization):
        row = add_schedule(place=world.organization, by=OPERATOR, choices=choices(**given))
    assert isinstance(row, OrganizationReportSchedule)
    return row
