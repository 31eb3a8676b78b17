"""Ticket systems, the projects of customers in them, and ticket rules in configuration files."""

from __future__ import annotations

from typing import Any

import pytest

from portal.configuration.yaml_text import read
from portal.tickets.actions.systems import change_system
from portal.tickets.models import TicketPlace, TicketRule, TicketRuleCustomer, TicketSystem
from tenants.actors import System
from tenants.scope import organization_scope
from tests.assessments.own.published import publish_control
from tests.portal.configuration.conftest import ConfiguredCustomer

pytestmark = pytest.mark.django_db

GITHUB: dict[str, Any] = {"name": "Issues", "kind": "github", "address": "https://api.github.com"}
JIRA: dict[str, Any] = {
    "name": "Jira",
    "kind": "jira",
    "address": "https://example.atlassian.net",
    "project": "OPS",
    "values": {"email": "surety@example.com"},
}
RULE: dict[str, Any] = {"name": "Severe", "system": "Jira", "severities": ["critical", "high"]}


@pytest.mark.slow(seconds=1)
def test_systems_projects_and_rules_are_added_changed_removed_exported_and_repeatable(
    configured: ConfiguredCustomer,
) -> None:
    slug = configured.tenant.slug
    content = configured.file(ticket_systems=[{**JIRA, "customers": {slug: "ONE"}}], ticket_rules=[RULE])
    assert configured.apply(content) == [
        "Ticket system “Jira”: adds Jira Cloud, https://example.atlassian.net, without credentials",
        "Tickets of Contoso in “Jira”: the project of the system → ONE",
        "Ticket system “Jira”: enter its credentials under Settings, Tickets",
        "Ticket rule “Severe”: opens tickets in “Jira” for severities critical, high, all customers, one per control",
    ]
    to_do = ["Ticket system “Jira”: enter its credentials under Settings, Tickets"]
    assert configured.apply(content) == to_do, "the step stays until somebody has done it"
    with organization_scope(configured.organization):
        row = TicketSystem.objects.get()
        assert (row.has_secrets, row.fields) == (False, {"email": "surety@example.com", "issue_type": "Task"})
        change_system(
            system=row,
            by=System("tests"),
            name=row.name,
            address=row.address,
            project=row.project,
            values={**row.fields, "token": "the-secret-token"},
        )
    exported = configured.export()
    assert "the-secret-token" not in exported
    organization = read(exported.encode()).data["organization"]
    assert organization["ticket_systems"][0]["customers"] == {slug: "ONE"}
    assert organization["ticket_systems"][0]["credentials"] == "set on the page"
    assert configured.apply(exported.encode()) == []
    assert configured.apply(configured.file()) == [], "a missing key changes nothing"
    changed = configured.file(
        ticket_systems=[GITHUB | {"enabled": False}, {**JIRA, "project": "SEC", "customers": {slug: ""}}],
        ticket_rules=[{**RULE, "customers": [slug], "per": "finding"}],
    )
    assert configured.apply(changed) == [
        "Ticket system “Issues”: adds GitHub issues, https://api.github.com, without credentials and turned off",
        "Ticket system “Jira”: project OPS → SEC",
        "Tickets of Contoso in “Jira”: ONE → no tickets",
        f"Ticket rule “Severe”: per control → finding; customers none → {slug}",
    ]
    assert configured.apply(changed) == []
    with organization_scope(configured.organization):
        assert TicketSystem.objects.get(name="Jira").has_secrets, "the credentials stay"
        assert list(TicketPlace.objects.values_list("project", flat=True)) == [""]
        assert list(TicketRuleCustomer.objects.values_list("tenant", flat=True)) == [configured.tenant.pk]
    # The rule moves to the system “Issues”, and its former system “Jira” is deleted.
    moved = configured.file(
        ticket_systems=[GITHUB | {"enabled": False}], ticket_rules=[RULE | {"system": "Issues"}]
    )
    assert configured.apply(moved)[-1] == (
        "Ticket system “Jira”: deletes the system, its rules and Surety’s records of its tickets"
    )
    with organization_scope(configured.organization):
        assert TicketRule.objects.get().system.name == "Issues"
    assert configured.apply(configured.file(ticket_rules=[])) == [
        "Ticket rule “Severe”: deletes the rule. The tickets of the rule remain."
    ]


@pytest.mark.slow(seconds=1)
def test_export_of_a_rule_about_an_own_control_applies_without_a_change(
    configured: ConfiguredCustomer,
) -> None:
    own = publish_control(configured.organization).slug
    configured.apply(configured.file(ticket_systems=[JIRA], ticket_rules=[{**RULE, "controls": [own]}]))
    with organization_scope(configured.organization):
        assert TicketRule.objects.get().controls == [own]
    applied = configured.apply(configured.export().encode())
    assert applied == ["Ticket system “Jira”: enter its credentials under Settings, Tickets"]


@pytest.mark.slow(seconds=1)
def test_unusable_systems_and_rules_are_named_with_the_line(configured: ConfiguredCustomer) -> None:
    for systems, rules, words in (
        ([GITHUB, GITHUB], [], "has a ticket system with the same name"),
        (
            [{**GITHUB, "values": {"email": "x"}}],
            [],
            "GitHub issues has no value “email”. Remove it.",
        ),
        ([{**GITHUB, "project": "no slash"}], [], "Enter a valid repository, such as owner/repository."),
        ([{**GITHUB, "address": "ftp://example.com"}], [], "must start with https"),
        (
            [{**GITHUB, "customers": {"contosso": "a/b"}}],
            [],
            "No customer has the short name “contosso”. Did you",
        ),
        ([{**GITHUB, "credentials": "secret"}], [], "“credentials” is a secret."),
        ([GITHUB], [RULE], "There is no ticket system “Jira”."),
        ([JIRA], [RULE | {"customers": ["nobody"]}], "No customer has the short name “nobody”."),
        ([JIRA], [RULE | {"customers": []}], "is an empty list"),
    ):
        (problem,) = configured.problems(configured.file(ticket_systems=systems, ticket_rules=rules))
        assert problem.startswith("Line "), problem
        assert words in problem, problem


def test_the_kind_stays_and_a_new_address_needs_the_credentials(configured: ConfiguredCustomer) -> None:
    configured.apply(configured.file(ticket_systems=[JIRA]))
    (problem,) = configured.problems(configured.file(ticket_systems=[GITHUB | {"name": "Jira"}]))
    assert "The ticket system “Jira” is of the kind jira, which cannot be changed." in problem
    with organization_scope(configured.organization):
        row = TicketSystem.objects.get()
        values = {**row.fields, "token": "the-secret-token"}
        change_system(
            system=row, by=System("tests"), name="Jira", address=row.address, project="OPS", values=values
        )
    moved = JIRA | {"address": "https://other.atlassian.net"}
    (problem,) = configured.problems(configured.file(ticket_systems=[moved]))
    assert "The address has changed. Enter the credentials for the new address." in problem
