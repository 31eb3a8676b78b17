"""The examples for Power BI and Grafana send requests that the API answers, and read fields that the answers have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from django.test import Client

from portal.settings.env import BASE_DIR
from tests.portal.api.addresses import items
from tests.portal.api.conftest import Api
from tests.portal.web.world import World

EXAMPLES = BASE_DIR / "docs" / "examples"


def pages_of_power_bi(client: Named, query: str, page_size: int) -> Iterator[dict[str, Any]]:
    """Yield the pages that the M query of Power BI would request."""
    (path,) = re.findall(r'RelativePath = "([^"]+)" & Customer & "/findings"', query)
    (filters,) = re.findall(r'Filters = \[(\w+) = "(\w+)"\]', query)
    assert '[limit = "500"] & (if cursor = null then [] else [cursor = cursor])' in query
    assert "Uri.Parts([next])[Query][cursor]" in query
    cursor: dict[str, str] = {}
    while True:
        address = f"/{path}CUSTOMER/findings"
        page = client.get(address, {filters[0]: filters[1], "limit": str(page_size), **cursor}).json()
        yield page
        if page["next"] is None:
            return
        parameters = {name: values[0] for name, values in parse_qs(urlsplit(page["next"]).query).items()}
        cursor = {"cursor": parameters["cursor"]}


class Named:
    """A client that replaces the placeholder of the customer in addresses."""

    def __init__(self, client: Client, slug: str) -> None:
        self.client, self.slug = client, slug

    def get(self, address: str, *arguments: Any) -> Any:
        return self.client.get(
            address.replace("CUSTOMER", self.slug).replace("${customer}", self.slug), *arguments
        )


@pytest.mark.slow(seconds=1)
def test_power_bi_reads_all_pages(world: World, api: Api) -> None:
    query = (EXAMPLES / "power-bi.pq").read_text(encoding="utf-8")
    client = Named(api("auditor", capabilities=["view", "view_all"]), world.home.slug)
    found = [one for page in pages_of_power_bi(client, query, 2) for one in page["items"]]
    expected = items(client.client, f"/api/v1/customers/{world.home.slug}/findings?verdict=fail")
    assert [one["id"] for one in found] == [one["id"] for one in expected]
    assert len(found) > 2, "the test reads several pages"
    (block,) = re.findall(r"Columns = \{(.*?)\}", query, re.DOTALL)
    columns = set(re.findall(r'"(\w+)"', block))
    assert len(columns) > 10
    assert columns <= found[0].keys()
    assert set(re.findall(r'\{"(\w+)", type', query)) <= columns


def queries_of_grafana(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the queries of the panels and variables of a dashboard."""
    if isinstance(value, dict):
        if "url" in value:
            yield value
        for one in value.values():
            yield from queries_of_grafana(one)
    elif isinstance(value, list):
        for one in value:
            yield from queries_of_grafana(one)


@pytest.mark.slow(seconds=1)
def test_grafana_reads_fields_that_exist(world: World, api: Api) -> None:
    dashboard = json.loads((EXAMPLES / "grafana-dashboard.json").read_text(encoding="utf-8"))
    source = yaml.safe_load((EXAMPLES / "grafana-datasource.yml").read_text(encoding="utf-8"))["datasources"][
        0
    ]
    client = Named(api("auditor", capabilities=["view", "view_all"]), world.home.slug)
    queries = list(queries_of_grafana(dashboard))
    assert len(queries) == 7
    followed = 0
    for query in queries:
        assert query["datasource"] == {"type": source["type"], "uid": source["uid"]}
        answer = client.get(query["url"])
        assert answer.status_code == 200, (query["url"], answer.content)
        rows = answer.json()[query["root_selector"]]
        for row in rows:
            assert {one["selector"] for one in query["columns"]} <= row.keys()
        if "/findings?" in query["url"]:
            assert query["pagination_mode"] == "cursor"
            address = query["url"].replace("limit=500", "limit=1")
            first = client.get(address).json()
            if cursor := first[query["pagination_param_cursor_extraction_path"]]:
                second = client.get(
                    f"{address}&{query['pagination_param_cursor_field_name']}={cursor}"
                ).json()
                assert second["items"][0]["id"] > first["items"][0]["id"]
                followed += 1
    assert followed > 0, "a panel reads several pages"
    assert any(
        client.get(query["url"]).json()["items"] for query in queries if "verdict=fail" in query["url"]
    )
    health = source["jsonData"]["customHealthCheckUrl"]
    assert client.get(health.removeprefix(source["url"])).status_code == 200
