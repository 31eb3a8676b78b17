"""The erasure of a customer: all its rows and files are deleted, and its name is removed from other data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError
from django.test import TestCase

from portal.audit.verify import verify_chain
from portal.configuration.models import ConfigurationFile
from portal.offboarding.erasures.order import deletion_order
from portal.offboarding.models import Erasure
from portal.portfolio_reports.models import PortfolioReport
from portal.portfolio_reports.retention import delete_of_erased
from portal.portfolio_reports.revocation import revoke_portfolio
from portal.reports.models import RegisterEntry
from portal.reports.models.signed_report import ERASED_REASON
from portal.reports.records.register import standing
from portal.retention.actions.policy import set_organization_periods
from portal.tickets.models import TicketRule
from portal.treatment.models import Baseline, Campaign
from tenants import journal
from tenants.actions import change_tenant
from tenants.models import OrganizationJournalEntry, Person, Subscription, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.isolation.raw_sql import TENANT_TABLES
from tests.portal.offboarding.erasure_cases import (
    OPERATOR,
    confirmed,
    files_with,
    first,
    needles_of,
    rows_of,
    run,
    spread_the_name,
    stored,
    texts_in_database,
)
from tests.portal.web.world import World, make_customer

pytestmark = pytest.mark.slow(seconds=10)

State = Erasure.State


@pytest.mark.slow(seconds=70)
def test_nothing_names_the_customer_after_its_erasure(committed: World, valkey: Any) -> None:
    """Search all tables as their owner, all files, and all keys and values of the cache.

    The name remains only in a journal entry about a baseline, because a person entered it as a part of the baseline's
    name.
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
    """Portfolio reports without the customer remain. Before the erasure starts, the database deletes no report."""
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


def test_customer_with_the_name_of_a_kind_of_data_is_erased(world: World, second: Person) -> None:
    """The erasure must not change retention rules, in which the word “reports” is a kind of data and not a name."""
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
