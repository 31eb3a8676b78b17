"""No operation accepts ids or short names of other customers in its body. The fields come from the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from portal.api.contract_file import FILE
from tests.isolation.fingerprints import fingerprints
from tests.portal.api.addresses import address_of, addresses
from tests.portal.api.conftest import Api
from tests.portal.api.required_fields import REQUIRED_FIELDS
from tests.portal.web.world import World

DOCUMENT = json.loads(FILE.read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
SHORT_NAMES = {("customers",)}
"""Fields with short names of customers. In the contract, short names have no format by which they could be found."""


def fields(schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Yield (place, whether the field is a list) of each field with ids or short names."""
    if "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    for part in schema.get("allOf", ()):
        yield from fields(part, path)
    for name, one in schema.get("properties", {}).items():
        place = (*path, name)
        if one.get("format") == "uuid":
            yield place, False
        elif one.get("items", {}).get("format") == "uuid" or place in SHORT_NAMES:
            yield place, True
        else:
            yield from fields(one, place)


def with_value(body: dict[str, Any], place: tuple[str, ...], value: Any) -> dict[str, Any]:
    changed = deepcopy(body)
    inner = changed
    for name in place[:-1]:
        inner = inner.setdefault(name, {})
    inner[place[-1]] = value
    return changed


def attacks(world: World) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield (operation, field, address, body with a foreign value in the field) for each field."""
    patterns = {
        "/api/"
        + str(pattern.pattern).replace("<slug:", "{").replace("<uuid:pk>", "{id}").replace(">", "}"): pattern
        for pattern in addresses().values()
    }
    for path, operations in DOCUMENT["paths"].items():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            for place, is_list in fields(content["schema"]) if content else ():
                name = operation["operationId"]
                example = REQUIRED_FIELDS.get(name) or next(iter(content["examples"].values()))["value"]
                value = world.foreign.slug if place in SHORT_NAMES else str(world.foreign_id)
                body = with_value(example, place, [value] if is_list else value)
                if name.endswith("ticket_rule") and place != ("system",):
                    body["system"] = str(world.of(world.home)["ticket_system"].pk)
                yield name, ".".join(place), address_of(patterns[path], world, world.home), body


@pytest.mark.slow(seconds=1)
def test_no_body_reaches_another_customer(world: World, api: Api) -> None:
    before, tried = fingerprints(world.foreign), set()
    # The first client is the administrator, who may call each operation. So only the foreign id can cause a refusal.
    clients = [api(role) for role in ("organization_administrator", "organization_engineer", "owner")]
    for name, field, address, body in attacks(world):
        for number, client in enumerate(clients):
            etag = client.get(address).headers.get("ETag", '"0"')
            answer = client.post(address, body, content_type="application/json", headers={"If-Match": etag})
            assert world.foreign.name not in answer.content.decode(), name
            if number == 0 and answer.status_code == 400:
                # The id was refused, not another part of the body.
                assert [one["field"] for one in answer.json()["errors"]] == [field], (name, answer.content)
            elif number == 0:
                assert answer.status_code == 404, (name, body, answer.content)
            else:
                assert answer.status_code in (400, 403, 404), (name, body, answer.content)
        tried.add(name)
    assert tried >= {
        "request_exception",
        "start_bulk_job",
        "preview_bulk_job",
        "add_ticket_rule",
        "change_ticket_rule",
    }
    assert fingerprints(world.foreign) == before
