"""All lists of objects of customers: their pages, rights, isolation and numbers of queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.signing import Signer
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.api.listing import Listing
from portal.changes.actions.plans import plan_change
from portal.changes.actions.rules import save_rule
from portal.changes.models import ResourceChange
from portal.notify.actions.channels import add_channel
from portal.tickets.models import Ticket
from portal.treatment.actions.comments import add_comment
from portal.treatment.actions.exceptions import add_exception_comment, request_exception
from portal.treatment.actions.owners.rules import create_rule
from portal.treatment.models import FindingException
from tenants.actions import invite
from tenants.actions.exclusion_rules import add_exclusion_rule
from tenants.ids import uuid7
from tenants.models import Person, Tenant
from tenants.roles import CAPABILITIES, Role
from tenants.scope import person_scope
from tests import factories
from tests.for_each import for_each
from tests.portal.api.addresses import items, listings
from tests.portal.api.conftest import Api
from tests.portal.web.world import (
    World,
    make_bulk_job,
    make_report_delivery,
    make_report_link,
    make_report_schedule,
    make_scan_import,
    stored_report,
)

pytestmark = pytest.mark.slow(seconds=15)

LISTINGS = {one.plural: one for one in listings()}
ONLY_ALONE = {"tickets": ("comments",)}
"""Fields that are in the answer for a single object, but not in the items of the list."""
# The number of queries of each list, whatever the number of its objects.
QUERIES = {
    "directories": 25,
    "service-principals": 25,
    "foreign-subscriptions": 29,
    "subscriptions": 25,
    "members": 25,
    "invitations": 25,
    "channels": 25,
    "failed-posts": 25,
    "failed-mails": 25,
    "assessments": 25,
    "findings": 33,
    "comments": 25,
    "exception-comments": 25,
    "bulk-jobs": 25,
    "scan-imports": 25,
    "exceptions": 26,
    "attestations": 27,
    "resources": 29,
    "changes": 27,
    "reports": 26,
    "report-schedules": 26,
    "report-links": 25,
    "report-deliveries": 25,
    "tickets": 25,
    "journal": 26,
    "owner-rules": 25,
    "watch-rules": 25,
    "exclusion-rules": 25,
    "planned-changes": 25,
}
# Filters that name an object or a person. An object or person of another customer matches nothing.
NAMING = {
    "exceptions": ("asked",),
    "changes": ("resource",),
    "findings": ("owner",),
    "comments": ("finding",),
    "tickets": ("finding",),
    "journal": ("by",),
}


def address(listing: Listing[Any], world: World, value: object = None) -> str:
    base = f"/api/v1/customers/{world.home.slug}/{listing.plural}"
    return base if value is None else f"{base}/{value}"


def signed(path: str, value: object) -> str:
    """Return a cursor for the position `value` in the list at this address, signed as Surety signs it."""
    return Signer(salt=f"portal.api.cursor:{path}:", sep=".").sign_object([0, str(value)])


def lookup_in(listing: Listing[Any], item: dict[str, Any]) -> Any:
    return item["id" if listing.lookup == "pk" else listing.lookup]


@for_each("plural", LISTINGS)
def test_list_has_pages_and_each_object_its_address(world: World, api: Api, plural: str) -> None:
    listing, client = LISTINGS[plural], _client(api)
    everything = client.get(address(listing, world, None) + "?limit=500").json()["items"]
    assert everything
    in_pages = items(client, address(listing, world) + "?limit=2")
    assert [lookup_in(listing, one) for one in in_pages] == [lookup_in(listing, one) for one in everything]
    got = client.get(address(listing, world, lookup_in(listing, everything[0])))
    shown = {name: value for name, value in got.json().items() if name not in ONLY_ALONE.get(plural, ())}
    assert (got.status_code, shown) == (200, everything[0])
    assert len(got.headers["ETag"]) == 34
    again = client.get(address(listing, world, lookup_in(listing, everything[0])))
    assert again.headers["ETag"] == got.headers["ETag"]
    last = client.get(address(listing, world, lookup_in(listing, everything[-1])))
    assert (last.headers["ETag"] == got.headers["ETag"]) == (len(everything) == 1)


@pytest.mark.parametrize("role", list(Role))
def test_role_decides_who_reads(world: World, api: Api, role: Role) -> None:
    client = api(str(role))
    for listing in LISTINGS.values():
        needed = listing.list_needs or listing.needs
        expected = 200 if needed in CAPABILITIES[role] else 403
        assert client.get(address(listing, world)).status_code == expected, listing.plural


def test_token_decides_what_is_read(world: World, api: Api) -> None:
    client = api("organization_administrator", capabilities=["view"])
    for listing in LISTINGS.values():
        needed = listing.list_needs or listing.needs
        assert client.get(address(listing, world)).status_code == (200 if needed == "view" else 403)


@for_each("plural", LISTINGS)
def test_objects_of_another_customer_are_not_found(world: World, api: Api, plural: str) -> None:
    listing, client = LISTINGS[plural], _client(api)
    foreign = world.foreign_id if listing.lookup == "pk" else 999_999
    assert client.get(address(listing, world, foreign)).status_code == 404
    missing = client.get(address(listing, world, uuid7() if listing.lookup == "pk" else 999_998))
    assert missing.json()["code"] == "not_found"
    # A cursor only names a position in a list, and gives no access.
    own = client.get(address(listing, world) + "?limit=500").json()["items"]
    page = client.get(
        address(listing, world) + f"?cursor={signed(address(listing, world), foreign)}&limit=500"
    )
    assert page.status_code == 200
    assert all(one in own for one in page.json()["items"])
    of_foreign = signed(address(listing, world).replace(world.home.slug, world.foreign.slug), foreign)
    refused = client.get(address(listing, world) + f"?cursor={of_foreign}")
    assert (refused.status_code, [one["field"] for one in refused.json()["errors"]]) == (400, ["cursor"])
    # With a parameter for the order, a list still contains only the objects that the person may see.
    for order in listing.orders.labels if listing.orders else ():
        arranged = client.get(address(listing, world) + f"?sort={order}&limit=500").json()["items"]
        assert sorted(lookup_in(listing, one) for one in arranged) == sorted(
            lookup_in(listing, one) for one in own
        ), order
    for name in NAMING.get(plural, ()):
        matching = client.get(address(listing, world) + f"?{name}={world.foreign_id}")
        assert (matching.status_code, matching.json()["items"]) == (200, []), name


def test_unknown_values_of_filters_are_refused(world: World, api: Api) -> None:
    client, checked = _client(api), 0
    for listing in LISTINGS.values():
        for parameter in listing.parameters:
            if parameter.enum is None and parameter.pattern is None:
                continue
            refused = client.get(address(listing, world) + f"?{parameter.name}=nothing")
            assert refused.status_code == 400, (listing.plural, parameter.name)
            assert [one["field"] for one in refused.json()["errors"]] == [parameter.name]
            checked += 1
            if parameter.enum is not None:
                known = client.get(address(listing, world) + f"?{parameter.name}={parameter.enum[-1]}")
                assert known.status_code == 200
    assert checked >= 46


@for_each(
    "query",
    [
        "changes?resource=x",
        "journal?from=yesterday",
        "journal?to=x",
        "journal?of=x",
        # `by` takes a person's id or a recorded actor, not a name or an email address. An empty list would look as if
        # this person had done nothing.
        "journal?by=Robin Hale",
        "journal?by=robin@example.com",
        "exceptions?control=storage-min-tlss",
        "tickets?control=storage-min-tlss",
    ],
)
def test_values_that_pages_ignore_are_refused(world: World, api: Api, query: str) -> None:
    refused = _client(api).get(f"/api/v1/customers/{world.home.slug}/{query}")
    assert refused.status_code == 400
    assert [one["field"] for one in refused.json()["errors"]] == [query.partition("?")[2].partition("=")[0]]
    assert "ignored" not in refused.json()["detail"]


def test_journal_is_filtered_by_each_recorded_actor(world: World, api: Api) -> None:
    client, base = _client(api), f"/api/v1/customers/{world.home.slug}/journal?limit=500"
    everything = client.get(base).json()["items"]
    for actor in {one["actor"] for one in everything}:
        found = client.get(base, {"limit": 500, "by": actor}).json()["items"]
        assert found == [one for one in everything if one["actor"] == actor] != [], actor


def test_number_of_queries_is_fixed(world: World, api: Api) -> None:
    """Each list needs the same number of queries for one object and for several."""
    client = _client(api)
    client.get(f"/api/v1/customers/{world.home.slug}")
    first = {plural: _count(client, address(one, world) + "?limit=1") for plural, one in LISTINGS.items()}
    _add_objects(world)
    for plural, one in LISTINGS.items():
        assert len(client.get(address(one, world) + "?limit=500").json()["items"]) > 1, plural
    second = {plural: _count(client, address(one, world) + "?limit=500") for plural, one in LISTINGS.items()}
    assert second == first == QUERIES


def _count(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def _add_objects(world: World) -> None:
    """Add an object to each list that has only one."""
    home, engineer = world.home, world.people["organization_engineer"]
    directory = factories.directory(home, name="Second directory")
    factories.subscription(factories.service_principal(directory), "Second")
    factories.foreign_subscription(world.of(home)["principal"], name="Second")
    administrator = world.people["organization_administrator"]
    with person_scope(administrator):
        invite(
            by=administrator,
            organization=world.organization,
            tenant=home,
            email="second@contoso.example",
            role=Role.OWNER,
        )
    make_scan_import(home, engineer, "192.0.2.5")
    make_bulk_job(home, world.of(home)["finding"], world.of(home)["api_token"], engineer)
    with factories.in_tenant(home):
        request_exception(
            tenant=home,
            by=engineer,
            scope=FindingException.Scope.RULE,
            reason="All of them are known.",
            rule={"section": "storage"},
            ends_at=timezone.now() + timedelta(days=30),
        )
        change = ResourceChange.objects.get(pk=world.of(home)["change"].pk)
        change.pk, change.key = uuid7(), "1" * 64
        change.save(force_insert=True)
        for row in (world.of(home)["post"], world.of(home)["mail"]):
            again = type(row).objects.get(pk=row.pk)
            again.pk, again.key = uuid7(), "second"
            again.save(force_insert=True)
        ticket = Ticket.objects.get(pk=world.of(home)["ticket"].pk)
        ticket.pk, ticket.key, ticket.remote_id = uuid7(), "control:second", "10002"
        ticket.save(force_insert=True)
        report = stored_report(home, world.of(home)["assessment"], engineer)
        make_report_link(home, report, engineer, token="second")
        make_report_delivery(home, report)
        add_comment(finding=world.of(home)["finding"], by=engineer, body="Second comment")
        add_exception_comment(exception=world.of(home)["exception"], by=engineer, body="Second comment")
        _add_rules(home, engineer)
        add_channel(
            tenant=home,
            by=engineer,
            name="Second",
            kind="teams",
            address="https://hooks.example.com/second",
            kinds=["exception_returned"],
        )


def _add_rules(home: Tenant, engineer: Person) -> None:
    make_report_schedule(home, engineer, name="Second")
    create_rule(tenant=home, by=engineer, name="Second", owner=engineer, enabled=False, section="sql")
    save_rule(tenant=home, by=engineer, rule=None, name="Second", severity="low", enabled=False)
    add_exclusion_rule(by=engineer, tenant=home, name="Second", reason="Only tests", tag="stage=test")
    now = timezone.now()
    times = {"starts_at": now, "ends_at": now + timedelta(days=1)}
    plan_change(tenant=home, by=engineer, name="Second", groups=["rg-second"], **times)


def _client(api: Api) -> Client:
    """Return a client that may read everything."""
    return api("organization_administrator")
