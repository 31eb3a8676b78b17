"""The pages of tickets: systems, customers, rules with their preview, failed tickets; and tickets beside findings."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.tickets.models import Ticket, TicketPlace, TicketRule, TicketSystem
from tenants.models import Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.assessments.own.published import publish_control
from tests.portal.web.forms import filled, forms, start_of
from tests.portal.web.requests import page
from tests.portal.web.world import World


def at(world: World, name: str, *more: object) -> str:
    return reverse(name, args=[world.organization.slug, *more])


def html_of(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


@pytest.mark.slow(seconds=1)
def test_a_rule_that_somebody_else_changed_is_not_overwritten(administrator: Client, world: World) -> None:
    system = world.of(world.home)["ticket_system"]
    new = {"name": "All", "system": str(system.pk), "per": "finding", "applies_to": "all", "enabled": "on"}
    assert administrator.post(at(world, "ticket-rule-add"), new).status_code == 302
    with organization_scope(world.organization):
        made = TicketRule.objects.get(name="All")
    url = at(world, "ticket-rule", made.pk)
    opened = filled(html_of(administrator, url))
    with organization_scope(world.organization):
        TicketRule.objects.filter(pk=made.pk).update(severities=["critical"], per="control")
    answer = administrator.post(url, {**opened, "name": "Everything"})
    html = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "Your changes were not saved: the rule was changed while you edited it" in " ".join(html.split())
    merged = filled(answer.content.decode())
    assert (merged["name"], merged["per"], merged["severities"]) == ("Everything", "control", ["critical"])
    assert administrator.post(url, merged).status_code == 302
    with organization_scope(world.organization):
        made.refresh_from_db()
    assert (made.name, made.per, made.severities) == ("Everything", "control", ["critical"])
    assert administrator.post(url, {**new, "name": "Without start"}).status_code == 400


def test_a_system_that_somebody_else_changed_is_not_overwritten(administrator: Client, world: World) -> None:
    system = world.of(world.home)["ticket_system"]
    url = at(world, "ticket-system", system.pk)
    opened = filled(html_of(administrator, url))
    with organization_scope(world.organization):
        TicketSystem.objects.filter(pk=system.pk).update(project="NEW")
    answer = administrator.post(url, {**opened, "name": "Our Jira", "token": "a-new-token"})
    html = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "the ticket system was changed while you edited it" in " ".join(html.split())
    assert "The credentials that you entered were not saved. Enter them again." in html
    assert "a-new-token" not in html
    merged = filled(answer.content.decode())
    assert (merged["name"], merged["project"]) == ("Our Jira", "NEW")
    assert administrator.post(url, merged).status_code == 302
    with organization_scope(world.organization):
        system.refresh_from_db()
    assert (system.name, system.project) == ("Our Jira", "NEW")


def test_list_with_systems_rules_and_failed_tickets(administrator: Client, world: World) -> None:
    html = html_of(administrator, at(world, "tickets"))
    for text in (
        "Jira Cloud, OPS",
        "Severe findings",
        "Critical, high",
        "chosen customers",
        "temporary error (503)",
    ):
        assert text in html, text
    ticket = world.of(world.home)["ticket"]
    answer = administrator.post(at(world, "ticket-retry", ticket.pk), follow=True)
    assert "The ticket is sent again." in answer.content.decode()
    answer = administrator.post(at(world, "ticket-drop", ticket.pk), follow=True)
    assert "Only failed tickets can be retried or discarded" in answer.content.decode()
    with organization_scope(world.organization):
        assert Ticket.objects.get(pk=ticket.pk).work == Ticket.Work.WAITING


@pytest.mark.slow(seconds=1)
def test_a_system_is_connected_changed_switched_and_deleted(administrator: Client, world: World) -> None:
    form = {
        "name": "Issues",
        "address": "https://api.github.com",
        "token": "github_pat_secret",
        "project": "acme/security",
    }
    add = at(world, "ticket-system-add", "github")
    assert "personal access token" in html_of(administrator, add)
    answer = administrator.post(add, {**form, "project": "acme security"})
    assert answer.status_code == 400
    assert "such as owner/repository" in answer.content.decode()
    assert "github_pat_secret" not in answer.content.decode()
    answer = administrator.post(add, form, follow=True)
    html = answer.content.decode()
    assert "Waiting for a worker" in html
    with organization_scope(world.organization):
        made = TicketSystem.objects.get(name="Issues")
        assert made.check_due
    shown = at(world, "ticket-system", made.pk)
    form |= start_of(administrator, shown)
    assert "github_pat_secret" not in html + html_of(administrator, shown)
    answer = administrator.post(shown, {**form, "token": "", "address": "https://github.example.com/api/v3"})
    assert answer.status_code == 400
    assert "The address has changed" in answer.content.decode()
    answer = administrator.post(
        shown, {**form, "token": "", "name": "Our issues", "project": ""}, follow=True
    )
    assert "Ticket system saved." in answer.content.decode()
    answer = administrator.post(at(world, "ticket-system-switch", made.pk), {"enabled": "0"}, follow=True)
    assert "turned off" in answer.content.decode()
    answer = administrator.post(at(world, "ticket-system-delete", made.pk), follow=True)
    assert "The tickets remain in the ticket system" in answer.content.decode()
    assert administrator.get(shown).status_code == 404
    assert administrator.get(at(world, "ticket-system-add", "trello")).status_code == 404


def test_projects_of_customers(administrator: Client, world: World) -> None:
    system = world.of(world.home)["ticket_system"]
    url = at(world, "ticket-customers", system.pk)
    name = f"project-{world.home.pk}"
    html = html_of(administrator, url)
    assert 'value="ONE"' in html
    answer = administrator.post(url, {name: "not a key"})
    assert answer.status_code == 400
    assert "Enter a valid project key, such as OPS." in answer.content.decode()
    for typed, stored in (("TWO", ["TWO"]), ("-", [""]), ("", [])):
        assert administrator.post(url, {name: typed}).status_code == 302
        with organization_scope(world.organization):
            rows = TicketPlace.objects.filter(system=system, tenant=world.home)
            assert list(rows.values_list("project", flat=True)) == stored


def projects(html: str) -> dict[str, Any]:
    return next(fields for _, fields in forms(html) if any(name.startswith("project-") for name in fields))


def test_projects_that_somebody_else_entered_are_not_overwritten(administrator: Client, world: World) -> None:
    system = world.of(world.home)["ticket_system"]
    url = at(world, "ticket-customers", system.pk)
    opened = projects(html_of(administrator, url))
    name = f"project-{world.home.pk}"

    def stored() -> list[str]:
        with organization_scope(world.organization):
            rows = TicketPlace.objects.filter(system=system, tenant=world.home)
            return list(rows.values_list("project", flat=True))

    with organization_scope(world.organization):
        TicketPlace.objects.filter(system=system, tenant=world.home).update(project="THEIRS")
    assert administrator.post(url, opened).status_code == 302
    assert stored() == ["THEIRS"], "a field that the person did not change was saved"
    answer = administrator.post(url, {**opened, name: "MINE"})
    assert answer.status_code == 400
    assert "Somebody else has entered “THEIRS” meanwhile." in answer.content.decode()
    assert stored() == ["THEIRS"]
    again = projects(answer.content.decode())
    assert again[name] == "MINE"
    assert administrator.post(url, again).status_code == 302
    assert stored() == ["MINE"]


@pytest.mark.slow(seconds=1)
def test_a_rule_is_previewed_saved_and_deleted(administrator: Client, world: World) -> None:
    system = world.of(world.home)["ticket_system"]
    form = {
        "name": "Every failure",
        "system": str(system.pk),
        "per": "finding",
        "applies_to": "all",
        "enabled": "on",
    }
    url = at(world, "ticket-rule-add")
    assert "Choose a system and conditions" in html_of(administrator, url)
    answer = administrator.get(url, form, headers={"HX-Request": "true"})
    assert "The rule would open <strong>" in answer.content.decode()
    assert world.home.name in unescape(answer.content.decode())
    answer = administrator.get(url, {**form, "system": ""}, headers={"HX-Request": "true"})
    assert "The rule would open" not in answer.content.decode()
    assert administrator.post(url, {**form, "per": "both"}).status_code == 400
    assert administrator.post(url, {**form, "severities": ["low"]}).status_code == 302
    with organization_scope(world.organization):
        made = TicketRule.objects.get(name="Every failure")
        assert (made.per, made.severities, made.only_chosen) == ("finding", ["low"], False)
    shown = at(world, "ticket-rule", made.pk)
    form |= start_of(administrator, shown)
    assert "The rule would open" in html_of(administrator, shown)
    home = [str(world.home.pk)]
    for change in ({"customers": home}, {"applies_to": "chosen"}):
        assert administrator.post(shown, {**form, **change}).status_code == 400, (
            "the choice contradicts itself"
        )
    answer = administrator.post(shown, {**form, "applies_to": "chosen", "customers": home})
    assert answer.status_code == 302
    with organization_scope(world.organization):
        made.refresh_from_db()
        assert made.only_chosen
        assert list(made.customers.values_list("tenant_id", flat=True)) == [world.home.pk]
        # Store what the erasure of the customer would store (`portal.tickets.actions.erasure`).
        TicketRule.objects.filter(pk=made.pk).update(
            ended="The last customer to which this rule applied was erased on 28 November 2026."
        )
        TicketSystem.objects.filter(pk=system.pk).update(problem="", read_problem="OPS: it does not exist.")
    html = html_of(administrator, shown)
    assert "Surety turned the rule off." in html
    listed = html_of(administrator, at(world, "tickets"))
    assert "was erased on 28 November 2026" in listed
    assert "Reading incomplete" in listed
    administrator.post(at(world, "ticket-rule-delete", made.pk))
    with organization_scope(world.organization):
        assert not TicketRule.objects.filter(pk=made.pk).exists()


@pytest.mark.parametrize(
    ("switch", "effect"),
    [
        ({"enabled": "on"}, "Surety opens the tickets of the rule within minutes."),
        ({}, "Surety opens no tickets for the rule until you switch it on."),
    ],
)
def test_saving_a_rule_says_what_it_does_next(
    administrator: Client, world: World, switch: dict[str, str], effect: str
) -> None:
    system = world.of(world.home)["ticket_system"]
    form = {"name": "All", "system": str(system.pk), "per": "finding", "applies_to": "all", **switch}
    answer = administrator.post(at(world, "ticket-rule-add"), form, follow=True)
    assert f"Rule saved. {effect}" in unescape(answer.content.decode())


def test_a_rule_keeps_its_own_and_former_controls(administrator: Client, world: World) -> None:
    own = publish_control(world.organization)
    system = world.of(world.home)["ticket_system"]
    form = {"name": "Tags", "system": str(system.pk), "per": "control", "applies_to": "all"}
    url = at(world, "ticket-rule-add")
    assert administrator.post(url, {**form, "controls": [own.slug]}).status_code == 302
    with organization_scope(world.organization):
        made = TicketRule.objects.get(name="Tags")
    shown = at(world, "ticket-rule", made.pk)
    fields = next(fields for _, fields in forms(html_of(administrator, shown)) if "per" in fields)
    assert administrator.post(shown, {**fields, "name": "Our tags"}).status_code == 302
    with organization_scope(world.organization):
        made.refresh_from_db()
        assert (made.name, made.controls) == ("Our tags", [own.slug])
        TicketRule.objects.filter(pk=made.pk).update(controls=["storage-former"])
    answer = administrator.post(shown, {**fields, "controls": ["storage-former"]})
    assert answer.status_code == 400
    assert "There is no control “storage-former”" in answer.content.decode()


@pytest.mark.slow(seconds=1)
def test_a_rule_keeps_its_archived_customers(administrator: Client, world: World) -> None:
    system = world.of(world.home)["ticket_system"]
    former = factories.tenant(world.organization, "Former")
    form = {"name": "Both", "system": str(system.pk), "per": "control", "applies_to": "chosen"}
    both = [str(world.home.pk), str(former.pk)]
    assert administrator.post(at(world, "ticket-rule-add"), {**form, "customers": both}).status_code == 302
    with organization_scope(world.organization):
        made = TicketRule.objects.get(name="Both")
        Tenant.objects.filter(pk=former.pk).update(archived_at=timezone.now())
    shown = at(world, "ticket-rule", made.pk)
    html = html_of(administrator, shown)
    assert "Former (archived)" in html
    fields = next(fields for _, fields in forms(html) if "per" in fields)
    preview = administrator.get(shown, fields, headers={"HX-Request": "true"}).content.decode()
    assert "The rule would open" in preview
    assert administrator.post(shown, {**fields, "name": "Our two"}).status_code == 302
    with organization_scope(world.organization):
        made.refresh_from_db()
        assert made.name == "Our two"
        assert set(made.customers.values_list("tenant_id", flat=True)) == {world.home.pk, former.pk}


def test_engineers_of_the_organization_may_not_open_the_pages(engineer: Client, world: World) -> None:
    assert engineer.get(at(world, "tickets")).status_code == 403


@pytest.mark.slow(seconds=1)
def test_tickets_beside_findings(engineer: Client, owner: Client, world: World) -> None:
    finding = world.of(world.home)["finding"]
    html = page(engineer, "finding", world.home.slug, finding.pk)
    for text in ("ONE-1", "In Progress", "Planned for May.", "https://tickets.example.com/browse/ONE-1"):
        assert text in html, text
    ticket = world.of(world.home)["ticket"]
    with organization_scope(world.organization):
        Ticket.objects.filter(pk=ticket.pk).update(remote_state="closed", remote_status="Done")
        Ticket.objects.filter(pk=ticket.pk).update(unread_at=timezone.now(), read_error="Resource not found")
    html = page(engineer, "finding", world.home.slug, finding.pk)
    assert "closed, but its findings still fail" in html
    assert "Surety could not read this ticket" in html
    listed = page(engineer, "findings", world.home.slug, query=f"?control={finding.control}")
    assert "https://tickets.example.com/browse/ONE-1" in listed
    owned = world.of(world.home)["owned"]
    for url in (
        reverse("findings", args=[world.home.slug]),
        reverse("finding", args=[world.home.slug, owned.pk]),
    ):
        assert "ONE-1" not in owner.get(url).content.decode(), "owners do not see what is about all findings"
