"""How rules, customers, projects and limits decide which tickets are opened, and how ticket systems can be changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.tickets.actions import plan as plan_module
from portal.tickets.actions.plan import plan_tickets
from portal.tickets.actions.rules import save_rule
from portal.tickets.actions.systems import (
    add_system,
    change_system,
    delete_system,
    drop_ticket,
    retry_ticket,
    set_places,
    switch_system,
)
from portal.tickets.models import Ticket, TicketCursor, TicketRule, TicketSystem
from portal.tickets.preview import preview
from portal.treatment.models import Treatment
from tenants.errors import Conflict, InvalidInput
from tenants.models import OrganizationJournalEntry
from tenants.scope import organization_scope, tenant_scope
from tests import factories
from tests.portal.tickets.cases import BY, CONTROL, PASSING, CustomerWithTickets, add_rule, connect
from tests.portal.tickets.fakes.server import FakeSystem

pytestmark = pytest.mark.django_db


@pytest.fixture
def github(fakes: dict[str, FakeSystem]) -> FakeSystem:
    return fakes["github"]


def keys(case: CustomerWithTickets) -> list[str]:
    return sorted(one.key for one in case.tickets())


def test_conditions_of_rules(github: FakeSystem) -> None:
    case = CustomerWithTickets(github, severities=["critical"])
    case.add(1)
    assert case.work() == 0
    with organization_scope(case.organization):
        add_rule(case.system, name="Storage", controls=[CONTROL], labels=["gold"])
    case.work()
    assert keys(case) == [], "the customer has not the label"
    with organization_scope(case.organization):
        case.tenant.labels = ["gold", "eu"]
        case.tenant.save(update_fields=["labels"])
    case.work()
    assert keys(case) == [f"control:{CONTROL}"]


def test_the_oldest_matching_rule_decides_how_findings_share_tickets(github: FakeSystem) -> None:
    case = CustomerWithTickets(github, per="finding")
    finding = case.add(1)
    with organization_scope(case.organization):
        add_rule(case.system, name="Second", per="control")
    case.work()
    assert keys(case) == [f"finding:{finding.pk}"]


def test_customers_and_projects(github: FakeSystem) -> None:
    case = CustomerWithTickets(github)
    other = factories.tenant(case.organization, name="Fabrikam")
    case.add(1)
    case.add(2, tenant=other)
    with organization_scope(case.organization):
        set_places(system=case.system, by=BY, projects=[(other, "")])
    case.work(other)
    assert github.titles() == []
    with organization_scope(case.organization):
        set_places(system=case.system, by=BY, projects=[(other, None)])
        save_rule(
            organization=case.organization,
            by=BY,
            rule=case.rule,
            customers=[case.tenant],
            system=case.system,
            name="All",
            per="control",
        )
    case.work(other)
    assert github.titles() == [], "the rule names the other customer"
    case.work()
    assert len(github.titles()) == 1
    with organization_scope(case.organization):
        with pytest.raises(InvalidInput, match="owner/repository"):
            set_places(system=case.system, by=BY, projects=[(other, "../../user")])
        TicketSystem.objects.update(project="")
    case.change(case.add(3, control="sql-tls"), PASSING)
    case.add(4, control="vm-disk")
    case.work()
    assert len(github.titles()) == 1, "a customer without a project gets no tickets"


def test_tickets_of_other_organizations_are_untouched(github: FakeSystem) -> None:
    mine, theirs = CustomerWithTickets(github), CustomerWithTickets(github)
    mine.add(1)
    theirs.add(1)
    mine.work()
    assert len(github.titles()) == 1
    assert theirs.tickets() == []
    theirs.work()
    theirs.poll()
    with tenant_scope(mine.tenant.pk):
        assert Ticket.objects.count() == 1
        assert list(TicketSystem.objects.all()) == [], "a customer reads no credentials of its organization"
    foreign = Ticket(
        tenant=theirs.tenant,
        organization=theirs.organization,
        system_id=mine.system.pk,
        kind="github",
        key="control:x",
        control="x",
        project="acme/security",
        due_at=timezone.now(),
        created_at=timezone.now(),
    )
    with organization_scope(theirs.organization), transaction.atomic():
        foreign.save(force_insert=True)
        with pytest.raises(IntegrityError, match="tickets_ticket_system"):
            connection.check_constraints()
        transaction.set_rollback(True)


def test_the_database_refuses_a_second_ticket_about_the_same(github: FakeSystem) -> None:
    case = CustomerWithTickets(github)
    case.add(1)
    case.work()
    row = case.ticket()
    row.pk = None
    row.remote_id = "99"
    with organization_scope(case.organization), pytest.raises(IntegrityError, match="tickets_ticket_once"):
        row.save(force_insert=True)


def test_an_approved_exception_closes_the_ticket(github: FakeSystem) -> None:
    case = CustomerWithTickets(github)
    finding = case.add(1)
    case.work()
    now = timezone.now()
    with tenant_scope(case.tenant.pk):
        Treatment.objects.create(
            tenant=case.tenant,
            finding=finding,
            excepted_sha256=finding.observed_sha256,
            excepted_from=now - timedelta(days=1),
            excepted_until=now + timedelta(days=1),
        )
    assert case.work() == 1
    assert not github.is_open("Contoso")


def test_a_ticket_that_was_fixed_before_it_was_sent_is_never_opened(github: FakeSystem) -> None:
    case = CustomerWithTickets(github)
    finding = case.add(1)
    plan_tickets(tenant_id=case.tenant.pk)
    case.change(finding, PASSING)
    assert case.work() == 0
    assert github.requests == []


def test_the_number_of_open_tickets_is_limited_and_the_rest_counted(
    github: FakeSystem, monkeypatch: Any
) -> None:
    monkeypatch.setattr(plan_module, "MAX_OPEN_TICKETS", 2)
    case = CustomerWithTickets(github, per="finding")
    for number in range(5):
        case.add(number)
    case.work()
    assert len(github.titles()) == 2
    with organization_scope(case.organization):
        assert TicketCursor.objects.get().left_out == 3


def test_a_switched_off_or_archived_one_sends_nothing(github: FakeSystem) -> None:
    case = CustomerWithTickets(github)
    case.add(1)
    with organization_scope(case.organization):
        switch_system(system=case.system, by=BY, enabled=False)
    assert case.work() == 0
    with organization_scope(case.organization):
        switch_system(system=case.system, by=BY, enabled=True)
        case.tenant.archived_at = timezone.now()
        case.tenant.save(update_fields=["archived_at"])
    assert case.work() == 0
    assert github.requests == []


def test_the_preview_counts_what_the_rule_opens(github: FakeSystem) -> None:
    case = CustomerWithTickets(github)
    case.add(1)
    case.add(2)
    case.add(3, control="sql-tls")
    with organization_scope(case.organization):
        for per, number in (("control", 2), ("finding", 3)):
            rule = TicketRule(organization=case.organization, system=case.system, per=per)
            seen = preview(rule, [case.tenant], timezone.now())
            assert (seen.new, seen.present) == (number, 0)
    case.work()
    with organization_scope(case.organization):
        rule = TicketRule(organization=case.organization, system=case.system, per="control")
        seen = preview(rule, [case.tenant], timezone.now())
        assert (seen.new, seen.present) == (0, 2)
        TicketSystem.objects.update(project="")
        rule.system.refresh_from_db()
        seen = preview(rule, [case.tenant], timezone.now())
        assert (seen.new, [one.project for one in seen.customers]) == (0, [""])
    assert len(github.titles()) == 2


def test_failed_tickets_are_retried_or_discarded(github: FakeSystem) -> None:
    case = CustomerWithTickets(github, per="finding")
    case.add(1)
    case.add(2)
    github.fail(github.refused_field, times=2, method="POST", path="/issues$")
    case.work()
    first_dead, second_dead = case.tickets()
    with organization_scope(case.organization):
        retry_ticket(ticket=first_dead, by=BY)
        drop_ticket(ticket=second_dead, by=BY)
        with pytest.raises(Conflict):
            retry_ticket(ticket=second_dead, by=BY)
    assert case.send() == 1
    assert len(github.titles()) == 1


def test_credentials_stay_only_for_the_same_address(github: FakeSystem) -> None:
    case = CustomerWithTickets(github)
    values = {"name": "Ours", "address": case.system.address, "project": github.project}
    with organization_scope(case.organization):
        kept = change_system(system=case.system, by=BY, values={"token": ""}, **values)
        assert bytes(kept.secrets) == bytes(case.system.secrets)
        with pytest.raises(InvalidInput, match="The address has changed"):
            change_system(
                system=kept, by=BY, values={"token": ""}, **{**values, "address": f"{case.system.address}/v3"}
            )
        changed = change_system(system=kept, by=BY, values={"token": "github_pat_new"}, **values)
        assert bytes(changed.secrets) != bytes(kept.secrets)
        entries = OrganizationJournalEntry.objects.filter(action__startswith="ticket_")
        texts = str(list(entries.values_list("details", flat=True)))
        assert "github_pat" not in texts
        assert "github_pat" not in repr(changed.__dict__)
        delete_system(system=changed, by=BY)
        assert not TicketRule.objects.exists()


def test_the_address_stays_after_a_ticket_was_opened(github: FakeSystem) -> None:
    """In a system at another address, the same ids could belong to tickets of other people."""
    case = CustomerWithTickets(github)
    case.add(1)
    case.work()
    with organization_scope(case.organization), pytest.raises(InvalidInput, match="as another ticket system"):
        change_system(
            system=case.system,
            by=BY,
            name="Ours",
            address="https://github.example.com/api/v3",
            project=github.project,
            values=github.values,
        )


def test_invalid_systems_are_refused_with_the_field(github: FakeSystem) -> None:
    organization = factories.organization()
    with organization_scope(organization):
        for change, field in (
            ({"name": ""}, "name"),
            ({"address": "ftp://example.com"}, "address"),
            ({"address": "https://10.0.0.1"}, "address"),
            ({"address": f"{github.address}/?a=b"}, "address"),
            ({"project": "no-slash"}, "project"),
            ({"values": {"token": "two\nlines"}}, "token"),
        ):
            with pytest.raises(InvalidInput) as refused:
                connect(github, organization, **change)
            assert list(refused.value.fields) == [field], change
        connect(github, organization)
        with pytest.raises(Conflict):
            connect(github, organization)
        with pytest.raises(InvalidInput):
            add_system(
                organization=organization, by=BY, kind="trello", name="x", address="", project="", values={}
            )
