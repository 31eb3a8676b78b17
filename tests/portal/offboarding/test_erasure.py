"""The erasure of a customer: four eyes, nothing names the customer afterwards, interruptions, and the certificate."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.db.utils import DatabaseError
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone
from psycopg import sql as psql

from assessments.actions.archive import archive_customer
from assessments.actions.sealed_cache import store
from assessments.models import Finding
from portal.audit.verify import verify_chain
from portal.configuration.models import ConfigurationFile
from portal.distribution.actions.schedules import add_schedule
from portal.distribution.models import OrganizationReportSchedule, ReportRun, ReportSchedule
from portal.embedded import Valkey
from portal.notify.models import Notice
from portal.offboarding.erasures import erase_customer
from portal.offboarding.erasures.erase_customer import run_erasure
from portal.offboarding.erasures.order import deletion_order
from portal.offboarding.erasures.requests import (
    announce_waiting,
    confirm_erasure,
    customer_pseudonym,
    delete_old_certificates,
    request_erasure,
    withdraw_erasure,
)
from portal.offboarding.erasures.waiting_period import set_waiting_period
from portal.offboarding.exports.actions import request_export
from portal.offboarding.models import Erasure
from portal.portfolio_reports.models import PortfolioReport
from portal.portfolio_reports.retention import delete_of_erased
from portal.portfolio_reports.revocation import revoke_portfolio
from portal.reports.models import RegisterEntry, Report, SignedReport
from portal.reports.models.signed_report import ERASED_REASON
from portal.reports.records.installation_trust import installation_trust
from portal.reports.records.register import standing
from portal.reports.records.revocation import revoke_report
from portal.reports.verification.verify import verify_pdf
from portal.retention.actions.holds import lift_hold, place_hold
from portal.retention.actions.policy import set_organization_periods
from portal.tickets.models import TicketRule
from portal.treatment.actions.baselines import save_baseline
from portal.treatment.models import Baseline, BaselineChannel, Campaign, ListView
from portal.web.journal.export import json_lines
from tenants import journal
from tenants.actions import change_tenant, grant_membership, restore_tenant
from tenants.actions.delegations import assign_delegations
from tenants.actions.service_principals import record_refused_credential
from tenants.actors import System
from tenants.errors import Conflict, InvalidInput, PermissionDenied
from tenants.models import (
    Directory,
    JournalEntry,
    Organization,
    OrganizationJournalEntry,
    Person,
    ServicePrincipal,
    Subscription,
    Tenant,
    TenantKey,
)
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.as_owner import change_as_owner
from tests.databases import databases
from tests.isolation.test_row_level_security import TENANT_TABLES
from tests.portal.distribution.schedules import choices
from tests.portal.web.journal.test_chain import offline
from tests.portal.web.world import World, make_customer
from tests.portal.web.world_files import folders_of
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.slow(seconds=25)

State = Erasure.State
OPERATOR = System("operator tests")


@pytest.fixture
def second(world: World) -> Person:
    return factories.member(Role.ORGANIZATION_ADMINISTRATOR, world.organization)


def first(world: World) -> Person:
    return world.people["organization_administrator"]


def archive(world: World, hours: int = 0) -> Tenant:
    """Archive the customer. The organization of `World` has no waiting period; a longer one takes effect at once."""
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
    """Return {table: all rows as text}, read as the owner of the tables without row-level security. Needs
    committed data.
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
    """Return the files below the state directory whose path or content contains one of the words."""
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
            continue  # A world of another test run.
        content = str(path).encode() + (path.read_bytes() if path.is_file() else b"")
        if any(word.casefold().encode() in content.lower() for word in words):
            found.append(path)
    return found


@pytest.fixture
def committed(stored_world: bytes, transactional_db: None) -> Iterator[World]:
    """Return a `World` in a database in which the test commits."""
    databases.use_copy("world")
    made: World = pickle.loads(stored_world)
    yield made
    databases.use_empty()


@pytest.fixture
def valkey(settings: Any) -> Any:
    """Use the real cache."""
    server = Valkey(settings.EMBEDDED_HOME)
    server.ensure()
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": server.cache_url(),
            "KEY_PREFIX": "surety",
            "OPTIONS": {"serializer": "portal.cache_serializer.JSONCacheSerializer"},
        }
    }
    return server


def spread_the_name(world: World, neighbour: Tenant) -> None:
    """Write the customer's name into every place where other parts of the organization can write it."""
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
    """Delegate subscriptions of the customer to the organization: one is assigned, one waits for a decision, and the
    reason for excluding another one names the customer.
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


@pytest.mark.slow(seconds=70)
def test_nothing_names_the_customer_after_its_erasure(committed: World, valkey: Any) -> None:
    """Search all tables as their owner, all files, and all keys and values of the cache.

    The name remains in one journal entry, about a baseline, because a person wrote the name there.
    """
    world = committed
    second = factories.member(Role.ORGANIZATION_ADMINISTRATOR, world.organization)
    neighbour, _ = make_customer(world.organization, "Neighbour Foods", first(world))
    spread_the_name(world, neighbour)
    former = ["Alder & Finch Clinics", *needles_of(world.home)]
    erasure = confirmed(world, second)
    own_tables = {table for table in TENANT_TABLES if f"{world.home.pk}" in texts_in_database()[table]}
    assert {"tenants_journalentry", "assessments_finding", "treatment_treatmentevent"} <= own_tables
    assert files_with(world, [str(world.home.pk)])
    before = {
        other: rows_of(other, without=("tenants_journalentry", "tenants_subscription"))
        for other in (neighbour, world.foreign)
    }
    entries_before = {table: texts_in_database()[table].count("\n") for table in ("reports_signedreport",)}
    (revoked,) = RegisterEntry.objects.all()
    run(erasure)
    done = stored(erasure)
    assert (done.state, done.problem) == (State.DONE, "")
    # The register of reports still says that the report is revoked.
    assert standing(revoked.report).revoked_at == revoked.entered_at
    assert standing(revoked.report).reason == ERASED_REASON
    texts = texts_in_database()
    with organization_scope(world.organization):
        (written,) = OrganizationJournalEntry.objects.filter(action="baseline.changed")
        assert written.details["name"] == "As at Alder & Finch Clinics"
        assert Baseline.objects.filter(name="As at [erased customer]").exists()
    for needle in former:
        named = {
            table: [line for line in text.splitlines() if needle.casefold() in line.casefold()]
            for table, text in texts.items()
        }
        found = {table: lines for table, lines in named.items() if lines}
        if needle == "Alder & Finch Clinics":
            (line,) = found.pop("tenants_organizationjournalentry")
            assert str(written.pk) in line
        assert found == {}, needle
    assert files_with(world, former) == []
    with valkey.client() as client:
        client.select(1)
        keys = list(client.scan_iter("*"))
        values = [client.get(key) or b"" for key in keys if client.type(key) == b"string"]
    cached = b" ".join([*keys, *values]).decode(errors="replace").casefold()
    assert not [needle for needle in former if needle.casefold() in cached]
    for other, rows in before.items():
        assert rows_of(other, without=("tenants_journalentry", "tenants_subscription")) == rows, other.name
    with organization_scope(world.organization):
        assert not Tenant.objects.filter(pk=world.home.pk).exists()
        assert {"tenants_journalentry", "assessments_finding", "tenants_tenant"} <= done.rows.keys()
        assert (done.reason, done.salt, done.needles, done.subject) == ("", "", None, None)
        assert not ConfigurationFile.objects.exists()
        assert Campaign.objects.get().note == "Starts with [erased customer], then all others"
        ended = TicketRule.objects.get(
            ended__startswith="The last customer to which this rule applied was erased on "
        )
        assert (ended.enabled, ended.only_chosen, ended.customers.count()) == (False, True, 0)
        for owner in (world.organization, neighbour):
            assert verify_chain(owner).problems == ()
            assert journal.redactions(owner), owner
        assert Subscription.objects.filter(tenant=neighbour).count() == 2
        redacted = OrganizationJournalEntry.objects.filter(details__redacted=str(done.pk))
        assert {"tenant.registered", "view.saved"} <= set(redacted.values_list("action", flat=True))
        assert not redacted.filter(action__startswith="erasure.").exists()
    assert entries_before["reports_signedreport"] <= texts["reports_signedreport"].count("\n")


def test_portfolio_reports_with_the_customer_are_deleted(world: World, second: Person) -> None:
    """Reports on other customers stay. The application cannot delete one without an erasure."""
    neighbour = factories.tenant(world.organization, name="Neighbour Foods")
    report = world.of(world.home)["portfolio_report"]
    with organization_scope(world.organization):
        other = PortfolioReport.objects.create(
            organization=world.organization,
            number=9,
            title="Other",
            customers=[neighbour.pk],
            requested_as="x",
        )
        revoke_portfolio(report=report, by=OPERATOR, reason="A subscription was missing.")
    path = Path(report.file.path)
    assert path.exists()
    erasure = confirmed(world, second)
    with (
        organization_scope(world.organization),
        pytest.raises(DatabaseError, match="have not confirmed"),
        transaction.atomic(),
    ):
        delete_of_erased(world.organization, erasure.pk)  # The erasure has not started.
    with TestCase.captureOnCommitCallbacks(execute=True):
        run(erasure)
    done = stored(erasure)
    assert (done.state, done.problem) == (State.DONE, "")
    assert done.rows["portfolio_reports_portfolioreport"] == 1
    with organization_scope(world.organization):
        assert list(PortfolioReport.objects.all()) == [other]
        entry = OrganizationJournalEntry.objects.get(action="portfolio_report.deleted")
    assert entry.details == {"reports": 1, "because": "erasure"}
    assert not path.exists()
    assert standing(report.pk).reason == ERASED_REASON


def shared_report(world: World) -> tuple[Tenant, PortfolioReport]:
    """A portfolio report about the customer and a neighbour."""
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


def test_reports_about_a_customer_on_hold_prevent_the_confirmation(world: World, second: Person) -> None:
    """Otherwise, two administrators could delete a report about a held customer by erasing another customer that
    the report is about.
    """
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
    with person_scope(second), pytest.raises(Conflict, match="ends seven days later"):
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


def test_certificate_names_what_was_erased_and_is_verified(world: World, second: Person) -> None:
    erasure = confirmed(world, second)
    salt = stored(erasure).salt
    run(erasure)
    done = stored(erasure)
    content = done.open_certificate()
    result = verify_pdf(content, installation_trust())
    assert (result.valid, result.kind, result.recorded) == (True, "erasure", True)
    assert result.title == "Certificate of erasure"
    assert hashlib.sha256(content).hexdigest() == done.certificate_sha256
    assert done.pseudonym == customer_pseudonym(salt, world.home.pk)
    text = pdf_text(content)
    for word in ("Alder & Finch Clinics", str(world.home.pk), salt, done.pseudonym, done.head_hash, "Person"):
        assert word in text, word
    assert "Texts that people wrote about something else, even if they contain the customer’s name" in text
    for table, number in done.rows.items():
        assert f"{table} {number} row" in text, table
    with organization_scope(world.organization):
        chain = list(OrganizationJournalEntry.objects.order_by("-sequence")[:1])
        assert chain[0].details["certificate"] == done.certificate_sha256
        assert SignedReport.objects.get(report=done.pk).kind == "erasure"
        assert delete_old_certificates(organization_id=world.organization.pk) == 0
        Erasure.objects.filter(pk=done.pk).update(certificate_until=timezone.now())
        assert delete_old_certificates(organization_id=world.organization.pk) == 1
        assert not stored(done).has_certificate
    assert verify_pdf(content[:-40] + b"0" * 40, installation_trust()).valid is False


def pdf_text(content: bytes) -> str:
    """Return the text of a PDF as words separated by single spaces, with words that are broken at lines rejoined."""
    import subprocess

    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_four_eyes(world: World, second: Person) -> None:
    erasure = requested(world)
    by = first(world)
    with person_scope(by), pytest.raises(PermissionDenied, match="Somebody else must confirm"):
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
    with person_scope(second), pytest.raises(Conflict, match="cannot be cancelled"):
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
    """Otherwise, the erasure would start when the customer is archived again, months later."""
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


@contextmanager
def changed(organization: Organization, number: int, column: str, value: str) -> Iterator[None]:
    """Change an entry as the owner of the tables, who can disable triggers; restore the entry at the end."""
    table = "tenants_organizationjournalentry"
    with psycopg.connect(**connections["owner"].get_connection_params(), autocommit=True) as own:
        own.execute("SELECT set_config('surety.organizations', %s, false)", [f"{{{organization.pk}}}"])
        own.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        ((before,),) = own.execute(
            f"SELECT {column}::text FROM {table} WHERE sequence = %s".encode(), [number]
        )
        own.execute(f"UPDATE {table} SET {column} = %s WHERE sequence = %s".encode(), [value, number])
        yield
        own.execute(f"UPDATE {table} SET {column} = %s WHERE sequence = %s".encode(), [before, number])
        own.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())


class Killed(BaseException):
    """The worker process ends without handling anything."""


@pytest.mark.parametrize("calls", [1, 3, 12, 40])
def test_erasure_continues_after_the_worker_was_killed(
    world: World, second: Person, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    erasure = confirmed(world, second)
    made = 0
    original = erase_customer._Work.call

    def dying(self: Any, function: str, *arguments: Any) -> Any:
        nonlocal made
        made += 1
        result = original(self, function, *arguments)
        if made == calls:
            raise Killed
        return result

    monkeypatch.setattr(erase_customer._Work, "call", dying)
    with pytest.raises(Killed):
        run(erasure)
    assert stored(erasure).state == State.RUNNING
    run(erasure)
    assert stored(erasure).attempt == 1, "another worker waits until the first is lost"
    with organization_scope(world.organization):
        Erasure.objects.update(worked_at=timezone.now() - timedelta(minutes=6))
    run(erasure)
    done = stored(erasure)
    assert (done.state, done.attempt) == (State.DONE, 2)
    with organization_scope(world.organization):
        assert not Tenant.objects.filter(pk=world.home.pk).exists()
        assert verify_chain(world.organization).problems == ()


def test_rows_are_counted_once_even_if_the_erasure_was_interrupted(
    world: World, second: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erase_customer, "PAGE", 3)
    with factories.in_tenant(world.home), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM assessments_finding")
        ((findings,),) = cursor.fetchall()
    erasure = confirmed(world, second)
    run(erasure)
    assert stored(erasure).rows["assessments_finding"] == findings > 3


def test_worker_that_was_taken_over_deletes_nothing(world: World, second: Person) -> None:
    erasure = confirmed(world, second)
    stale = erase_customer._claimed(erasure.organization_id, erasure.pk)
    with organization_scope(world.organization):
        Erasure.objects.update(attempt=2)
    work = erase_customer._Work(erasure.organization_id, erasure.pk, stale.attempt, world.home.pk, True)
    with pytest.raises(erase_customer._Stopped):
        erase_customer._erase(work)
    with factories.in_tenant(world.home):
        assert Directory.objects.exists()


def test_file_that_cannot_be_deleted_is_reported_and_tried_again(
    world: World, second: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure = confirmed(world, second)
    # Tests of the same process may have left further files of this customer.
    stored_files = sum(path.is_file() for folder in folders_of(world.home) for path in folder.rglob("*"))
    # Portfolio reports that name the customer are deleted with it.
    with organization_scope(world.organization):
        stored_files += PortfolioReport.objects.exclude(file="").count()
    original = Path.unlink

    def refusing(self: Path, missing_ok: bool = False) -> None:
        if self.suffix == ".pdf":
            raise PermissionError(13, "Permission denied")
        original(self, missing_ok=missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refusing)
        run(erasure)
    row = stored(erasure)
    assert row.state == State.RUNNING
    assert ".pdf (Permission denied)" in row.problem
    assert "tries again every ten minutes" in row.problem
    run(erasure)
    done = stored(erasure)
    assert (done.state, done.problem) == (State.DONE, "")
    assert done.files == stored_files >= 3
    assert files_with(world, [str(world.home.pk)]) == []


def test_closed_customer_cannot_be_opened_by_anybody(world: World, second: Person) -> None:
    erasure = confirmed(world, second)
    erase_customer._claimed(erasure.organization_id, erasure.pk)
    work = erase_customer._Work(erasure.organization_id, erasure.pk, 1, world.home.pk, True)
    erase_customer._close(work)
    with person_scope(first(world)) as scope:
        assert world.home.pk not in scope.tenant_ids
    assert not TenantKey.objects.filter(pk=world.home.pk).exists()


def call(function: str, *arguments: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({', '.join(['%s'] * len(arguments))})", list(arguments))
        return cursor.fetchall()


def refused(function: str, *arguments: Any) -> None:
    expected = r"not confirmed|administrators|archived|other access|no table"
    with pytest.raises(DatabaseError, match=expected), transaction.atomic():
        call(function, *arguments)


def test_database_functions_refuse_what_two_people_have_not_confirmed(world: World, second: Person) -> None:
    """Attack as the application's role, which can set every scope."""
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
        for function, more in functions:  # The erasure has not started.
            refused(function, place, erasure.pk, *more)
    erase_customer._claimed(place, erasure.pk)
    with organization_scope(world.foreign.organization):
        for function, more in functions:  # In the scope of another organization, and for its customer.
            refused(function, world.foreign.organization_id, erasure.pk, *more)
    with organization_scope(world.organization):
        refused("leaving_delete_rows", place, erasure.pk, "tenants_person", 10)
        refused("leaving_delete_rows", place, erasure.pk, "tenants_organizationjournalentry", 10)
        engineer = world.people["organization_engineer"].pk
        refused("leaving_pseudonymise", place, erasure.pk, "customer", engineer, "Former person 7K3QXM")
        refused("leaving_pseudonymise", place, erasure.pk, "person", world.home.pk, "Former person 7K3QXM")
        assert call("leaving_delete_rows", place, erasure.pk, "notify_notice", 10)[0][0] > 0


def test_sql_cannot_shorten_the_wait_of_an_erasure(world: World, second: Person) -> None:
    """Attack as the application's role: confirm in the past, without a start, and with a start of the attacker's
    choice.
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
    """The owner of the tables has set the erasure to running before its waiting period has ended."""
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
    """While an erasure runs, only its database functions can change protected rows, even those of the customer."""
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


def test_changed_entries_are_found_although_others_are_redacted(committed: World, tmp_path: Path) -> None:
    second = factories.member(Role.ORGANIZATION_ADMINISTRATOR, committed.organization)
    run(confirmed(committed, second))
    owner = committed.organization

    def wrong() -> set[int]:
        with organization_scope(owner):
            numbers = {one.sequence for one in journal.verify(owner)}
            code, words = offline(tmp_path, b"".join(json_lines(owner)))
        assert (code == 0) == (numbers == set()), words
        assert not numbers or f"Entry {min(numbers)} was changed" in words
        return numbers

    assert wrong() == set()
    with organization_scope(owner):
        listed = journal.redactions(owner)
        number = next(iter(listed))
        entry = OrganizationJournalEntry.objects.get(sequence=number)
        assert entry.target == "redacted"
        assert journal.content_hash(journal.chain_of(owner), entry) != entry.hash
        whole = OrganizationJournalEntry.objects.exclude(sequence__in=listed).earliest("sequence").sequence
    for column, value in (("target", "other"), ("details", '{"redacted": "other"}'), ("actor", "system:x")):
        with changed(owner, number, column, value):
            assert wrong() == {number}, column
    with changed(owner, whole, "target", "redacted"):
        assert wrong() == {whole}
    (lists, _, _), *_ = listed[number]
    with organization_scope(owner):
        covered = {one for one, places in listed.items() if {place for place, _, _ in places} == {lists}}
    with changed(owner, lists, "details", '{"entries": []}'):
        assert wrong() == {*covered, lists}


def test_names_do_not_remove_entries_about_accounts_and_access(world: World, second: Person) -> None:
    """Otherwise, an administrator could remove such entries by naming the customer like a word in them."""
    with factories.in_tenant(world.home):
        change_tenant(tenant=world.home, by=OPERATOR, name="password")
        world.home.refresh_from_db()
    with organization_scope(world.organization):
        entry = journal.record(
            organization=world.organization,
            actor=first(world),
            action="account.signed_in",
            target=first(world),
            details={"method": "password"},
        )
    run(confirmed(world, second))
    with organization_scope(world.organization):
        assert OrganizationJournalEntry.objects.get(sequence=entry.sequence).details == {"method": "password"}


def test_entries_with_the_name_as_an_ordinary_word_keep_their_text(world: World, second: Person) -> None:
    """The name and former names of the customer are words of entries about something else."""
    with factories.in_tenant(world.home):
        for name in ("Storage", "evidence", "true", "High"):
            change_tenant(tenant=world.home, by=OPERATOR, name=name)
        world.home.refresh_from_db()
    slug, owner = world.home.slug, world.organization
    ordinary: list[tuple[str, str, dict[str, Any]]] = [
        ("retention.changed", "organization:1 Storage", {"evidence": {"before": "400", "after": "500"}}),
        ("campaign.changed", "campaign:1 storage-secure-transfer", {"due_on": "2026-12-01"}),
        ("baseline.changed", "baseline:1 High", {"due_days": {"high": 3}, "name": f"As at {slug}"}),
        ("configuration.applied", f"configuration {slug}.yml", {"plan": "1 to change"}),
        (
            "view.saved",
            "listview:1 High",
            {"page": "findings", "query": "severity=high&q=storage", "shared": True},
        ),
        ("view.saved", "listview:2 Other", {"query": f"customer={slug}-north&state={slug}"}),
    ]
    filtered = [
        ("view.saved", "listview:3 One", {"query": f"customer={slug}"}),
        ("view.deleted", "listview:4 Two", {"query": f"severity=high&customer=other&customer={slug}&q=x"}),
    ]
    with organization_scope(owner):
        numbers = [
            journal.record(organization=owner, actor=OPERATOR, action=a, target=t, details=d).sequence
            for a, t, d in [*ordinary, *filtered]
        ]
    run(confirmed(world, second))
    with organization_scope(owner):
        rows = {row.sequence: row for row in OrganizationJournalEntry.objects.filter(sequence__in=numbers)}
        found = [(rows[n].action, rows[n].target, rows[n].details) for n in numbers]
        assert found[: len(ordinary)] == ordinary
        assert {target for _, target, _ in found[len(ordinary) :]} == {"redacted"}
        assert verify_chain(owner).problems == ()


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


def test_names_that_become_equal_or_longer_do_not_stop_the_erasure(world: World, second: Person) -> None:
    neighbour = factories.tenant(world.organization, name="Neighbour Foods")
    rename(world, "Contoso Logistics", "Contoso", "Ab")
    long = f"{'Ab ' * 33}x"
    # An earlier erasure has left the first name.
    for name in ("[erased customer] monthly", "Contoso monthly", "Contoso Logistics monthly", long):
        add_organization_schedule(world, name=name)
    with organization_scope(world.organization):
        copy = ReportSchedule.objects.get(tenant=neighbour, name="Contoso monthly")
        now = timezone.now()
        ReportRun.objects.create(
            tenant=neighbour, schedule=copy, schedule_name=copy.name, due_at=now, start_at=now
        )
        baseline = Baseline.objects.all()[0]
        for name in ("Contoso", "Contoso Logistics"):
            BaselineChannel.objects.create(
                organization=world.organization, baseline=baseline, name=name, kind="teams", host="9.9.9.9"
            )
    erasure = confirmed(world, second)
    run(erasure)
    assert (stored(erasure).state, stored(erasure).problem) == (State.DONE, "")
    with organization_scope(world.organization):
        names = set(OrganizationReportSchedule.objects.values_list("name", flat=True))
        monthly = {f"[erased customer] monthly{end}" for end in ("", " 2", " 3")}
        assert monthly < names
        (shortened,) = names - monthly - {"Monthly report"}
        assert len(shortened) == 100
        assert shortened == ("[erased customer] " * 33)[:100]
        copies = ReportSchedule.objects.filter(tenant=neighbour)
        assert set(copies.values_list("name", flat=True)) == {*monthly, shortened}
        assert ReportRun.objects.get(tenant=neighbour).schedule_name in monthly
        channels = BaselineChannel.objects.filter(baseline=baseline).values_list("name", flat=True)
        assert {"[erased customer]", "[erased customer] 2"} <= set(channels)
        assert not {name for name in channels if "Contoso" in name}


def test_settings_keep_words_that_are_names_of_the_customer(world: World, second: Person) -> None:
    """The label must still equal the label of other customers. Timetable and address must still work."""
    rename(world, "Gold", "Monthly", "Executive", "Cis", "Example", "keep", "default")
    schedule = add_organization_schedule(world, name="For Gold customers", label="Gold")
    with organization_scope(world.organization):
        baseline = Baseline.objects.all()[0]
        Baseline.objects.filter(pk=baseline.pk).update(
            label="Gold", retention={"evidence": "keep", "reports": "default"}, name="Gold"
        )
        channel = BaselineChannel.objects.create(
            organization=world.organization,
            baseline=baseline,
            name="Operations",
            kind="teams",
            host="hooks.example",
        )
    before = {
        name: getattr(schedule, name) for name in ("timetable", "kind", "framework", "label", "addresses")
    }
    run(confirmed(world, second))
    with organization_scope(world.organization):
        schedule.refresh_from_db()
        baseline.refresh_from_db()
        channel.refresh_from_db()
        assert schedule.name == "For [erased customer] customers"
        assert {name: getattr(schedule, name) for name in before} == before
        assert baseline.name == "[erased customer]"
        assert (baseline.label, baseline.retention) == ("Gold", {"evidence": "keep", "reports": "default"})
        assert channel.host == "hooks.example"


def test_registration_of_a_customer_with_a_similar_name_stays(world: World, second: Person) -> None:
    similar = factories.tenant(world.organization, name=f"{world.home.name} North")
    erasure = confirmed(world, second)
    run(erasure)
    assert stored(erasure).state == State.DONE
    with organization_scope(world.organization):
        entry = OrganizationJournalEntry.objects.get(
            action="tenant.registered", target__startswith=f"tenant:{similar.pk}"
        )
        assert similar.name in entry.target + str(entry.details)
        assert verify_chain(world.organization).problems == ()


def test_chosen_and_shared_ids_redact_nothing_of_others(world: World, second: Person) -> None:
    """An administrator of the customer can enter any client ID, and customers can share an application."""
    with factories.in_tenant(world.home):
        directory = Directory.objects.get()
        shared = ServicePrincipal.objects.get().client_id
        record_refused_credential(
            by=OPERATOR, directory=directory, client_id=str(first(world).pk), error_code="AADSTS700016"
        )
    factories.service_principal(directory, client_id=str(second.pk))
    neighbour = factories.tenant(world.organization)
    factories.service_principal(
        factories.directory(neighbour, directory_id=directory.directory_id), client_id=shared
    )
    seen = factories.foreign_subscription(
        factories.service_principal(factories.directory(neighbour)), home=directory.directory_id
    )
    with organization_scope(world.organization):
        for who in (first(world), second):
            journal.record(
                organization=world.organization, actor=OPERATOR, action="account.enabled", target=who
            )
    run(confirmed(world, second))
    with organization_scope(world.organization):
        targets = OrganizationJournalEntry.objects.filter(action="account.enabled")
        assert [row.target.split()[0] for row in targets.order_by("sequence")] == [
            f"person:{who.pk}" for who in (first(world), second)
        ]
        assert not JournalEntry.objects.filter(tenant=neighbour, details__has_key="redacted").exists()
        assert Subscription.objects.filter(pk=seen.pk).exists()


def test_name_that_is_a_word_of_settings_changes_no_settings(world: World, second: Person) -> None:
    rule = {"name": "Storage of storage", "section": "storage", "owner": str(second.pk), "enabled": True}
    with factories.in_tenant(world.home):
        change_tenant(tenant=world.home, by=OPERATOR, name="Storage")
        change_tenant(tenant=world.home, by=OPERATOR, name="High")
        world.home.refresh_from_db()
    parameters = {"storage-sas-expiry": {"days": 7}}
    with organization_scope(world.organization):
        Baseline.objects.update(due_days={"high": 3}, parameters=parameters, owner_rules=[rule])
        Campaign.objects.update(control="storage-sas-expiry")
    run(confirmed(world, second))
    with organization_scope(world.organization):
        for row in Baseline.objects.all():
            assert (row.due_days, row.parameters) == ({"high": 3}, parameters)
            assert row.owner_rules == [{**rule, "name": "[erased customer] of [erased customer]"}]
        assert {row.control for row in Campaign.objects.all()} == {"storage-sas-expiry"}


def test_text_in_the_place_of_an_id_redacts_nothing_else(world: World, second: Person) -> None:
    """IDs become parts of a regular expression."""
    with factories.in_tenant(world.home):
        journal.record(
            tenant=world.home,
            actor=OPERATOR,
            action="service_principal.added",
            target="x",
            details={"client_id": ".*" + "x?" * 16},
        )
    with organization_scope(world.organization):
        entry = journal.record(
            organization=world.organization, actor=OPERATOR, action="account.signed_in", target="y"
        )
    run(confirmed(world, second))
    with organization_scope(world.organization):
        assert OrganizationJournalEntry.objects.get(sequence=entry.sequence).target == "y"


def test_customer_with_the_name_of_a_kind_of_data_is_erased(world: World, second: Person) -> None:
    """Rules of retention cannot be changed, and name no customer."""
    with factories.in_tenant(world.home):
        change_tenant(tenant=world.home, by=OPERATOR, name="Reports")
        world.home.refresh_from_db()
    with organization_scope(world.organization):
        set_organization_periods(organization=world.organization, by=OPERATOR, wanted={"reports": "keep"})
    erasure = confirmed(world, second)
    run(erasure)
    assert stored(erasure).state == State.DONE, stored(erasure).problem


def test_every_table_of_a_customer_is_emptied_and_references_come_first() -> None:
    from portal.offboarding.tables import tenant_models

    order = deletion_order()
    assert set(order) == {model._meta.db_table for model in tenant_models()} - {"tenants_tenantkey"}
    for model in tenant_models():
        for field in model._meta.concrete_fields:
            remote = getattr(field, "remote_field", None)
            target = remote.model._meta.db_table if remote is not None else ""
            if target in order and target != model._meta.db_table:
                assert order.index(model._meta.db_table) < order.index(target)


def run_command(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_command_and_an_administrator_erase_a_customer(world: World) -> None:
    slug = world.home.slug
    with pytest.raises(CommandError, match="There is no customer"):
        run_command("erase_customer", "nobody", "--run")
    with pytest.raises(CommandError, match="is not archived"):
        run_command("erase_customer", slug, "--reason", "The contract ended")
    archive(world)
    with pytest.raises(CommandError, match="No erasure is requested"):
        run_command("erase_customer", slug, "--run")
    assert "waiting for a second administrator" in run_command("erase_customer", slug, "--reason", "Ends")
    with pytest.raises(CommandError, match="so an administrator must confirm"):
        run_command("erase_customer", slug, "--confirm")
    assert "withdrawn" in run_command("erase_customer", slug, "--withdraw")
    run_command("erase_customer", slug, "--reason", "Ends")
    with person_scope(first(world)):
        confirm_erasure(
            erasure=Erasure.objects.get(subject=world.home.pk, state=State.REQUESTED), by=first(world)
        )
    assert "done" in run_command("erase_customer", slug, "--run")
    with pytest.raises(CommandError, match="There is no customer"):
        run_command("erase_customer", slug, "--run")


def test_operator_confirms_what_an_administrator_requested(world: World) -> None:
    requested(world)
    assert "confirmed" in run_command("erase_customer", world.home.slug, "--confirm")


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


def test_database_refuses_to_erase_a_customer_on_hold(world: World, second: Person) -> None:
    erasure = confirmed(world, second)
    erase_customer._claimed(erasure.organization_id, erasure.pk)
    with factories.in_tenant(world.home):
        place_hold(tenant=world.home, by=OPERATOR, reason="Litigation")
    with organization_scope(world.organization):
        refused("leaving_close_customer", erasure.organization_id, erasure.pk)
