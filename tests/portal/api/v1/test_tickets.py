"""Programs set up ticket systems and rules, read tickets and retry failed ones, as the pages do."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from portal.accounts.mails import send_due
from portal.tickets.actions.systems import set_places
from portal.tickets.models import Ticket, TicketPlace, TicketRule, TicketSystem
from tenants.models import Person
from tenants.roles import CAPABILITIES, ORGANIZATION_ROLES, Capability, Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.api.addresses import address_of, addresses, items
from tests.portal.api.changes import changed, post
from tests.portal.api.conftest import Api
from tests.portal.web.world import World

SECRET = "github_pat_the-secret-of-this-test"
GITHUB = {
    "kind": "github",
    "name": "Issues",
    "address": "https://api.github.com",
    "project": "acme/security",
    "credentials": {"token": SECRET},
}


def below(world: World, path: str) -> str:
    own = world.of(world.home)
    names = {name: own[name].pk for name in ("ticket_system", "ticket_rule", "ticket")}
    return f"/api/v1/organizations/{world.organization.slug}/{path.format(**names)}"


@pytest.fixture
def client(api: Api) -> Client:
    return api("organization_administrator")


@pytest.mark.slow(seconds=1)
def test_only_the_right_in_the_organization_opens_the_addresses(world: World, api: Api) -> None:
    patterns = [
        pattern
        for name, pattern in addresses().items()
        if name.startswith(("api-organization-ticket", "api-organization-failed"))
    ]
    assert len(patterns) == 16
    for role in Role:
        asking = api(str(role))
        if role in ORGANIZATION_ROLES and Capability.ORGANIZATION in CAPABILITIES[role]:
            assert asking.get(below(world, "ticket-systems")).status_code == 200
            continue
        for pattern in patterns:
            for method in ("get", "post"):
                address = address_of(pattern, world, world.home)
                answer = getattr(asking, method)(address, content_type="application/json")
                assert answer.status_code in (403, 405), (role, pattern, method)
    limited = api("organization_administrator", capabilities=["view", "view_all", "administer", "members"])
    assert limited.get(below(world, "ticket-systems")).status_code == 403
    some = api("organization_administrator", tenants=[world.home])
    assert some.get(below(world, "ticket-systems")).status_code == 403


@pytest.mark.slow(seconds=1)
def test_another_organization_is_not_found(world: World, client: Client) -> None:
    for name, pattern in addresses().items():
        if not name.startswith(("api-organization-ticket", "api-organization-failed")):
            continue
        theirs = address_of(pattern, world, world.foreign)
        mixed = theirs.replace(world.foreign.organization.slug, world.organization.slug)
        tried = (theirs,) if "pk" not in pattern.pattern.converters else (theirs, mixed)
        for address in tried:
            for method in ("get", "post"):
                answer = getattr(client, method)(
                    address, content_type="application/json", headers={"If-Match": '"0"'}
                )
                assert answer.status_code in (404, 405), (name, method, answer.content)
                assert world.foreign.name not in answer.content.decode()


@pytest.mark.slow(seconds=1)
def test_system_is_connected_changed_switched_and_deleted(
    world: World, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        made = post(client, below(world, "ticket-systems"), GITHUB)
        assert made.status_code == 201, made.content
        own = made.headers["Location"]
        got = client.get(own)
        assert (got.json(), got.headers["ETag"]) == (made.json(), made.headers["ETag"])
        assert (got.json()["values"], got.json()["has_credentials"]) == ({}, True)
        status = client.get(f"{own}/status").json()
        assert (status["is_test_waiting"], status["open"], status["failed"]) == (True, 0, 0)
        again = post(client, below(world, "ticket-systems"), GITHUB)
        assert (again.status_code, again.json()["code"]) == (409, "already_there")
        moved = changed(client, own, {"address": "https://github.example.com/api/v3"})
        assert (moved.status_code, moved.json()["errors"][0]["field"]) == (400, "credentials.token")
        etag = client.get(own).headers["ETag"]
        replaced = changed(client, own, {"name": "Ours", "credentials": {"token": SECRET + "2"}})
        assert (replaced.status_code, replaced.json()["name"]) == (200, "Ours"), replaced.content
        assert post(client, own, {"name": "X"}, **{"If-Match": etag}).status_code == 412
        assert post(client, own, {"name": "X"}).status_code == 428
        off = changed(client, f"{own}/disable", read=own)
        assert off.json()["is_enabled"] is False
        assert changed(client, f"{own}/enable", read=own).json()["is_enabled"] is True
        tested = post(client, f"{own}/test")
        assert (tested.status_code, tested.headers["Location"]) == (202, f"{own}/status")
        gone = changed(client, f"{own}/delete", read=own)
        assert (gone.status_code, client.get(own).status_code) == (204, 404)
    answers = (made, got, again, moved, replaced, off, tested)
    assert all(SECRET not in one.content.decode() + json.dumps(dict(one.headers)) for one in answers)
    assert SECRET not in caplog.text


@pytest.mark.slow(seconds=1)
def test_all_administrators_get_a_mail_about_a_new_destination(
    world: World, client: Client, mailoutbox: list[EmailMessage]
) -> None:
    """The person of the token gets the mail too, because somebody else may use the token."""
    second = factories.member(Role.ORGANIZATION_ADMINISTRATOR, world.organization, factories.person())
    left = factories.member(Role.ORGANIZATION_ADMINISTRATOR, world.organization, factories.person())
    Person.objects.filter(pk=left.pk).update(is_active=False)
    by = world.people["organization_administrator"]

    def mails() -> dict[str, str]:
        mailoutbox.clear()
        send_due()
        return {address: str(mail.body) for mail in mailoutbox for address in mail.to}

    own = post(client, below(world, "ticket-systems"), GITHUB).headers["Location"]
    found = mails()
    assert set(found) == {by.email, second.email}
    for text in (
        "was connected to",
        "https://api.github.com",
        "acme/security",
        by.email,
        "when the token is revoked",
    ):
        assert text in found[second.email]
    assert SECRET not in found[second.email]
    for change, words in (
        ({"name": "Ours"}, ""),
        ({"credentials": {"token": SECRET + "2"}}, "was changed: the credentials."),
        ({"project": "evil/copies"}, "was changed: the project."),
        (
            {"address": "https://github.example.com/api/v3", "credentials": {"token": SECRET}},
            "was changed: the address, the credentials.",
        ),
    ):
        assert changed(client, own, change).status_code == 200
        found = mails()
        assert set(found) == ({by.email, second.email} if words else set())
        assert all(words in text for text in found.values())
    customer = f"{own}/customers/{world.home.slug}"
    for project, is_new in (("acme/contoso", True), ("acme/contoso", False), ("", False), (None, False)):
        assert changed(client, customer, {"project": project}).status_code == 200
        found = mails()
        assert set(found) == ({by.email, second.email} if is_new else set()), project
        for text in found.values():
            assert f"opened in other projects from now on:\n\n{world.home.name}: acme/contoso\n" in text
            assert "Changed by" in text
            assert "Project:" not in text
    tenants = [world.home, *(factories.tenant(world.organization) for _ in range(21))]
    with organization_scope(world.organization):
        system = TicketSystem.objects.get(pk=own.rpartition("/")[2])
        set_places(system=system, by=factories.BY, projects=[(one, "acme/one") for one in tenants])
    found = mails()
    assert set(found) == {by.email, second.email}, "one mail to each, whatever the number of customers"
    assert found[by.email].count(": acme/one") == 20
    assert "Further customers: 2\n" in found[by.email]


def test_invalid_systems_name_the_field(world: World, client: Client) -> None:
    for change, field in (
        ({"kind": "trello"}, "kind"),
        ({"address": "ftp://example.com"}, "address"),
        ({"project": "no slash"}, "project"),
        ({"values": {"token": "x"}}, "values.token"),
        ({"credentials": {"password": "x"}}, "credentials.password"),
        ({"kind": "jira", "project": "OPS", "credentials": {}}, "values.email"),
        ({"token": "x"}, "token"),
    ):
        refused = post(client, below(world, "ticket-systems"), {**GITHUB, **change})
        assert refused.status_code == 400, (change, refused.content)
        assert field in [one["field"] for one in refused.json()["errors"]], (change, refused.content)
    with organization_scope(world.organization):
        assert not TicketSystem.objects.filter(kind="github").exists()


def test_projects_of_customers_are_read_and_set(world: World, client: Client) -> None:
    every = below(world, "ticket-systems/{ticket_system}/customers")
    assert {"customer": world.home.slug, "project": "ONE"} in items(client, every)
    own = f"{every}/{world.home.slug}"
    for project, stored in (("TWO", ["TWO"]), ("", [""]), (None, [])):
        now = changed(client, own, {"project": project})
        assert (now.status_code, now.json()["project"]) == (200, project), now.content
        with organization_scope(world.organization):
            places = TicketPlace.objects.filter(tenant=world.home)
            assert list(places.values_list("project", flat=True)) == stored
    wrong = changed(client, own, {"project": "not a key"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "project")
    assert post(client, own, {"project": None}).status_code == 428
    assert client.get(f"{every}/{world.foreign.slug}").status_code == 404


@pytest.mark.slow(seconds=1)
def test_rule_is_added_changed_and_deleted(world: World, client: Client) -> None:
    system = str(world.of(world.home)["ticket_system"].pk)
    body: dict[str, Any] = {"name": "Critical ones", "system": system, "severities": ["critical"]}
    made = post(client, below(world, "ticket-rules"), body)
    assert made.status_code == 201, made.content
    own = made.headers["Location"]
    assert (made.json()["customers"], made.json()["per"], made.json()["is_enabled"]) == (
        None,
        "control",
        True,
    )
    assert client.get(own).json() == made.json()
    limited = changed(client, own, {"customers": [world.home.slug], "is_enabled": False})
    assert limited.json() == made.json() | {"customers": [world.home.slug], "is_enabled": False}
    # Fields that the request leaves out do not change, not even the customers.
    assert changed(client, own, {"per": "finding"}).json() == limited.json() | {"per": "finding"}
    for change, field in (
        ({"customers": []}, "customers"),
        ({"customers": [world.foreign.slug]}, "customers"),
        ({"controls": ["no-such-control"]}, "controls"),
        ({"system": str(world.foreign_id)}, "system"),
        ({"severities": ["worst"]}, "severities.0"),
    ):
        refused = changed(client, own, change)
        assert refused.status_code == 400, (change, refused.content)
        assert [one["field"] for one in refused.json()["errors"]] == [field], (change, refused.content)
    assert changed(client, f"{own}/delete", read=own).status_code == 204
    with organization_scope(world.organization):
        assert not TicketRule.objects.filter(name="Critical ones").exists()


def test_failed_tickets_are_retried_and_discarded(world: World, client: Client) -> None:
    (failed,) = items(client, below(world, "failed-tickets"))
    assert (failed["customer"], failed["key"], failed["attempts"]) == (world.home.slug, "ONE-1", 12)
    own = below(world, "failed-tickets/{ticket}")
    assert client.get(own).json() == failed
    assert post(client, f"{own}/retry").status_code == 204
    assert client.get(own).status_code == 404, "it waits now"
    assert post(client, f"{own}/discard").status_code == 404
    with organization_scope(world.organization):
        row = Ticket.objects.get(pk=failed["id"])
        assert (row.work, row.attempts) == ("waiting", 0)
        Ticket.objects.filter(pk=row.pk).update(work="dead")
    assert post(client, f"{own}/discard").status_code == 204
    with organization_scope(world.organization):
        row.refresh_from_db()
        assert row.work == "dropped"


@pytest.mark.slow(seconds=1)
def test_tickets_of_a_customer_are_filtered_and_owners_see_their_own(
    world: World, client: Client, api: Api
) -> None:
    address = f"/api/v1/customers/{world.home.slug}/tickets"
    (ticket,) = items(client, address)
    assert (ticket["key"], ticket["state"], ticket["finding"]) == ("ONE-1", "open", None)
    # Comments can be long, so a list of tickets has only the number of comments.
    assert (ticket["comment_count"], "comments" in ticket) == (1, False)
    detail = client.get(f"{address}/{ticket['id']}").json()
    assert [one["text"] for one in detail.pop("comments")] == ["Planned for May."]
    assert detail == ticket
    assert items(api("owner"), address) == []
    owned = world.of(world.home)["owned"]
    with organization_scope(world.organization):
        Ticket.objects.filter(pk=ticket["id"]).update(finding=owned.pk, key=f"finding:{owned.pk}")
    (seen,) = items(api("owner"), address)
    assert seen["finding"] == str(owned.pk)
    for query, number in (
        (f"finding={owned.pk}", 1),
        (f"finding={world.of(world.home)['finding'].pk}", 0),
        (f"control={ticket['control']}", 1),
        ("control=sql-va", 0),
        ("state=closed", 0),
        ("state=open&kind=jira", 1),
    ):
        assert len(items(client, f"{address}?{query}")) == number, query
