"""Every list of the API has the orders and fields of the portal's list, even if it is read in several pages."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.models import Finding, Resource
from portal.api.contract_file import FILE
from portal.queries.findings.ordering import ORDERS, ordered
from portal.queries.inventory.filters import ORDER_LABELS, InventoryFilter, InventorySearch
from portal.queries.keyset import Column, Part, after, columns, ordered_part, place_of
from portal.queries.portfolio.customer_orders import ORDERS as FIGURE_ORDERS
from portal.treatment.selectors.findings import visible_findings
from portal.web.portfolio.choices import Choices
from portal.web.portfolio.reading import read_rows
from tenants.models import Tenant
from tenants.scope import person_scope
from tests import factories
from tests.portal.api.addresses import items
from tests.portal.api.conftest import Api
from tests.portal.api.empty_lists import EMPTY_LISTS
from tests.portal.web.world import World

pytestmark = pytest.mark.slow(seconds=25)

ADMINISTRATOR = "organization_administrator"
_OBJECTS = {
    "{id}/results": "bulk_job",
    "{id}/client-secrets": "service_account",
    "{id}/customers": "ticket_system",
    "{id}/entries": "scan_import",
}


def customer_address(world: World, rest: str) -> str:
    return f"/api/v1/customers/{world.home.slug}/{rest}"


def lists(world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return {operation: (address, parameters)} of all lists in pages."""
    found = {}
    for path, methods in json.loads(FILE.read_text(encoding="utf-8"))["paths"].items():
        operation = methods.get("get", {})
        parameters = {one["name"]: one for one in operation.get("parameters", ())}
        if "cursor" not in parameters:
            continue
        address = path
        for end, name in _OBJECTS.items():
            if path.endswith(end):
                address = path.replace("{id}", str(world.of(world.home)[name].pk))
        address = address.format(
            customer=world.home.slug, organization=world.organization.slug, framework="cis-6.0.0"
        )
        found[operation["operationId"]] = (address, parameters)
    return found


@pytest.mark.parametrize("order", list(ORDERS))
def test_findings_have_the_order_of_the_page(world: World, api: Api, order: str) -> None:
    spread_times(world.home)
    with person_scope(world.people[ADMINISTRATOR]):
        rows = ordered(visible_findings(world.home), order, world.home, timezone.now())
        expected = [str(one) for one in rows.values_list("pk", flat=True)]
        # The smallest pages are tested only with one section. The section has all outcomes, and findings without a due
        # date. So findings of each kind begin a page.
        of_section = [str(one) for one in rows.filter(section="storage").values_list("pk", flat=True)]
        outcomes = set(rows.values_list("outcome", flat=True))
        assert (
            set(rows.filter(section="storage").values_list("outcome", flat=True))
            == outcomes
            > {"fail", "pass"}
        )
    client = api(ADMINISTRATOR)
    assert len(expected) > len(of_section) > 40
    pages = ((500, "", expected), (20, "", expected), (1, "storage", of_section), (3, "storage", of_section))
    for limit, section, wanted in pages:
        chosen = f"&section={section}" if section else ""
        in_pages = items(client, customer_address(world, f"findings?sort={order}&limit={limit}{chosen}"))
        assert [one["id"] for one in in_pages] == wanted, (limit, section)


@pytest.mark.parametrize("order", list(ORDER_LABELS))
def test_resources_have_the_order_of_the_page(world: World, api: Api, order: str) -> None:
    now = timezone.now()
    with person_scope(world.people[ADMINISTRATOR]):
        for number, row in enumerate(Resource.objects.filter(tenant=world.home)):
            # Give each pair of resources the same time.
            Resource.objects.filter(pk=row.pk).update(changed_at=now - timedelta(hours=number // 2))
        search = InventorySearch(world.home, InventoryFilter.parse({"sort": [order]}), now)
        expected = [str(one.pk) for one in search.resources()]
    assert len(expected) > 2
    in_pages = items(api(ADMINISTRATOR), customer_address(world, f"resources?sort={order}&limit=1"))
    assert [one["id"] for one in in_pages] == expected


def test_customers_are_filtered_and_ordered_as_the_portfolio(world: World, api: Api) -> None:
    client = api(ADMINISTRATOR)
    with factories.in_tenant(world.home):
        Tenant.objects.filter(pk=world.home.pk).update(labels=["Gold"])
    for query, found in (
        ("sort=name", True),
        (f"q={world.home.name[2:6].upper()}", True),
        ("q=nothing-has-this-name", False),
        ("label=Gold&label=Silver", True),
        ("label=Silver", False),
    ):
        listed = client.get(f"/api/v1/customers?{query}").json()["items"]
        assert (world.home.slug in [one["short_name"] for one in listed]) is found, query


def test_figures_of_customers_are_those_of_the_portfolio_in_its_order(world: World, api: Api) -> None:
    other, client = factories.tenant(world.organization, name="A quiet customer"), api(ADMINISTRATOR)
    with person_scope(world.people[ADMINISTRATOR]):
        rows = read_rows([world.home, other])
    for order in (*FIGURE_ORDERS, ""):
        expected = Choices.from_query(QueryDict(f"sort={order or 'name'}")).apply(rows)
        in_pages = items(client, f"/api/v1/customer-figures?{f'sort={order}&' if order else ''}limit=1")
        assert [one["short_name"] for one in in_pages] == [row.tenant.slug for row in expected], order
        for one, row in zip(in_pages, expected, strict=True):
            assert (one["critical"], one["undecided_exceptions"]) == (row.critical, row.exceptions.pending)
            assert (one["score"], one["overdue"], one["is_known"]) == (row.score, row.overdue, row.is_known)
        assert {one["undecided_exceptions"] for one in in_pages} == {0, 1}


def test_figures_of_customers_are_filtered_and_need_the_right_to_see_all(world: World, api: Api) -> None:
    client, path = api(ADMINISTRATOR), "/api/v1/customer-figures"
    factories.tenant(world.organization, name="A quiet customer")
    for query, names in (
        ("show=approve", [world.home.name]),
        ("show=unread&show=approve", ["A quiet customer", world.home.name]),
        ("q=QUIET", ["A quiet customer"]),
        ("label=Nobody", []),
    ):
        found = client.get(f"{path}?{query}").json()["items"]
        assert [one["name"] for one in found] == names, query
    assert api("owner").get(path).json()["items"] == []
    assert world.foreign.name not in client.get(path).content.decode()
    counts = []
    for query in ("q=QUIET", ""):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{path}?{query}").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_pages_neither_repeat_nor_skip_when_findings_come_and_go(world: World, api: Api) -> None:
    client = api(ADMINISTRATOR)
    whole = [
        one["id"]
        for one in client.get(customer_address(world, "findings?sort=severity&limit=500")).json()["items"]
    ]
    first = client.get(customer_address(world, "findings?sort=severity&limit=3")).json()
    with factories.in_tenant(world.home):
        # The first finding of this page moves to the end of the list. The first finding of the next page moves to the
        # beginning.
        Finding.objects.filter(pk=whole[0]).update(severity_rank=9)
        Finding.objects.filter(pk=whole[3]).update(severity_rank=0, control="a-first-one")
    rest = [one["id"] for one in items(client, first["next"])]
    assert rest == [*whole[4:], whole[0]]


def test_cursor_is_bound_to_list_and_order(world: World, api: Api) -> None:
    client = api(ADMINISTRATOR)
    cursor = client.get(customer_address(world, "findings?sort=severity&limit=1")).json()["next_cursor"]
    assert client.get(customer_address(world, f"findings?sort=severity&cursor={cursor}")).status_code == 200
    plain = client.get(customer_address(world, "findings?limit=1")).json()["next_cursor"]
    changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for refused in (
        f"findings?cursor={cursor}",
        f"findings?sort=subject&cursor={cursor}",
        f"findings?sort=severity&cursor={plain}",
        f"findings?sort=severity&cursor={changed}",
        f"findings?sort=severity&cursor={'A' * 5000}.{cursor[-43:]}",
        f"findings?sort=severity&cursor={cursor}%00",
        f"resources?cursor={plain}",
    ):
        answer = client.get(customer_address(world, refused))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "cursor"), refused


def test_every_list_has_fields_and_refuses_unknown_names(world: World, api: Api) -> None:
    client, checked = api(ADMINISTRATOR), 0
    for operation, (address, parameters) in lists(world).items():
        known = parameters["fields"]["schema"]["items"]["enum"]
        whole = client.get(address).json()["items"]
        assert bool(whole) == (operation not in EMPTY_LISTS), operation
        assert all(set(one) == set(known) for one in whole), operation
        chosen = list(whole[0] if whole else known)[:2]
        some = client.get(f"{address}?fields={chosen[0]}&fields={chosen[1]}&limit=500").json()["items"]
        assert all(list(one) == chosen for one in some), operation
        assert some[: len(whole)] == [{name: one[name] for name in chosen} for one in whole], operation
        for parameter in {"fields", "sort"} & parameters.keys():
            _refused(client, f"{address}?{parameter}=nothing", parameter, parameters[parameter])
        checked += 1
    assert checked >= 28


def _refused(client: Client, address: str, parameter: str, described: dict[str, Any]) -> None:
    refused = client.get(address)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["field"]) == (400, parameter), address
    schema = described["schema"]
    for name in schema.get("items", schema)["enum"]:
        assert name in error["message"], address


def test_fields_and_orders_show_nothing_of_another_customer(world: World, api: Api) -> None:
    client = api("owner")
    own = str(world.of(world.home)["owned"].pk)
    for order in ORDERS:
        listed = client.get(customer_address(world, f"findings?sort={order}&fields=id&limit=500")).json()[
            "items"
        ]
        assert listed == [{"id": own}], order
        foreign = client.get(f"/api/v1/customers/{world.foreign.slug}/findings?sort={order}&fields=id")
        assert foreign.status_code == 404


def test_order_with_several_directions_continues_after_a_row(world: World) -> None:
    spread_times(world.home)
    with factories.in_tenant(world.home):
        rows = Finding.objects.filter(tenant=world.home)
        part = Part(
            rows, (*columns("-outcome_rank", "severity_rank", "-first_seen_at"), Column(*columns("id")[0]))
        )
        whole = list(ordered_part(part))
        assert len(whole) > 7
        for index, row in enumerate(whole):
            following = ordered_part(part).filter(after(place_of(row, part), part.columns))
            assert [one.pk for one in following] == [one.pk for one in whole[index + 1 :]]


def spread_times(tenant: Tenant) -> None:
    """Give the findings different times and names; some findings share a time, and some share a name."""
    now = timezone.now()
    with factories.in_tenant(tenant):
        for number, row in enumerate(Finding.objects.filter(tenant=tenant).order_by("pk")):
            at = now - timedelta(days=3 * (number // 2), microseconds=number // 2)
            times = {"first_seen_at": at} | ({"failing_since": at} if row.failing_since else {})
            Finding.objects.filter(pk=row.pk).update(subject_name=f"name-{number // 3}", **times)
