"""Names of an erased customer are removed from other customers' and the organization's data. All other text stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.utils import timezone

from portal.audit.verify import verify_chain
from portal.distribution.models import OrganizationReportSchedule, ReportRun, ReportSchedule
from portal.offboarding.models import Erasure
from portal.reports.journal_head import compare_head
from portal.treatment.models import Baseline, BaselineChannel, Campaign
from portal.web.journal.check import Check
from portal.web.journal.export import json_lines
from tenants import journal
from tenants.actions import change_tenant
from tenants.actions.service_principals import record_refused_credential
from tenants.models import (
    Directory,
    JournalEntry,
    Organization,
    OrganizationJournalEntry,
    Person,
    ServicePrincipal,
    Subscription,
)
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.offboarding.erasure_cases import (
    OPERATOR,
    add_organization_schedule,
    confirmed,
    first,
    rename,
    run,
    stored,
)
from tests.portal.web.journal.offline_verification import verify_offline
from tests.portal.web.world import World

pytestmark = pytest.mark.slow(seconds=10)

State = Erasure.State


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


def test_changed_entries_are_found_although_others_are_redacted(committed: World, tmp_path: Path) -> None:
    second = factories.member(Role.ORGANIZATION_ADMINISTRATOR, committed.organization)
    run(confirmed(committed, second))
    owner = committed.organization

    def wrong() -> set[int]:
        with organization_scope(owner):
            numbers = {one.sequence for one in journal.verify(owner)}
            code, words = verify_offline(tmp_path, b"".join(json_lines(owner)))
        assert (code == 0) == (numbers == set()), words
        assert not numbers or f"Entry {min(numbers)} was changed" in words
        return numbers

    assert wrong() == set()
    with organization_scope(owner):
        listed = journal.redactions(owner)
        _, words = verify_offline(tmp_path, b"".join(json_lines(owner)))
        for one in listed:
            assert f"Text of entry {one} was removed or replaced later" in words
        last = journal.head(owner)
        sentence = compare_head(owner, last, whole=True).sentence
        assert f"{last.sequence - len(listed)} of {last.sequence} entries are unchanged." in sentence
        checked = Check.start(owner).advance(owner)
        assert (checked.intact, checked.redacted) == (True, len(listed))
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
    """Before an erasure, an administrator can rename the customer to a word, such as “password”, that occurs in
    entries about accounts and access. The erasure must not change these entries.
    """
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
    """The customer's name and former names also occur as ordinary words in entries about other things."""
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


def test_names_that_become_equal_or_longer_do_not_stop_the_erasure(world: World, second: Person) -> None:
    neighbour = factories.tenant(world.organization, name="Neighbour Foods")
    rename(world, "Contoso Logistics", "Contoso", "Ab")
    long = f"{'Ab ' * 33}x"
    # The first of these names looks as if an earlier erasure had changed it.
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
    """The names of this customer are also words of settings. Labels, timetables and addresses must still work."""
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


def test_chosen_and_shared_ids_redact_nothing_of_others(world: World, second: Person) -> None:
    """An administrator of the customer can enter any client ID, and customers can share an application. So a text with
    such an ID may be about another customer.
    """
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
    """The erasure builds a regular expression from stored IDs. A stored ID can be any text, such as `.*`."""
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
