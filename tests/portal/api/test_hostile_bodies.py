"""Hostile values in each field of each body, and in each parameter: no answer is a server error. The fields and
parameters come from the contract."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

import pytest
from django.db import transaction

from portal.api.contract_file import FILE
from tests.portal.api.addresses import address_of, addresses
from tests.portal.api.conftest import Api
from tests.portal.api.required_fields import REQUIRED_FIELDS
from tests.portal.web.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow(seconds=60)]

DOCUMENT = json.loads(FILE.read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
HOSTILE: Final = ('"a\\u0000b"', "9" * 40, "1e999", '["a\\u0000"]', '"9999-12-31T23:59:59.999999Z"')
"""JSON values: NUL in a text, a number above bigint, infinity, NUL in a list, and the last moment of the calendar."""
LIMITS: Final = ("API_REQUESTS", "API_PERSON_REQUESTS", "CHANGES", "EXPORTS")
_MARK: Final = "hostile value"

type Place = tuple[str | int, ...]


def places(schema: dict[str, Any], path: Place = ()) -> Iterator[Place]:
    """Yield the place of each field, and of the first item of each list."""
    if "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    for kind in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(kind, ()):
            yield from places(part, path)
    for name, one in schema.get("properties", {}).items():
        yield (*path, name)
        yield from places(one, (*path, name))
    if "items" in schema:
        yield (*path, 0)
        yield from places(schema["items"], (*path, 0))


def marked(body: Any, place: Place) -> Any:
    """Return the body with a mark at the place. Objects and lists around it are made if they are missing."""
    if not place:
        return _MARK
    first, rest = place[0], place[1:]
    if isinstance(first, int):
        items = body if isinstance(body, list) else []
        return [marked(items[0] if items else None, rest), *items[1:]]
    fields = body if isinstance(body, dict) else {}
    return {**fields, first: marked(fields.get(first), rest)}


def bodies() -> Iterator[tuple[str, str, Any, Place]]:
    """Yield (operation, path, example of the body, place) for each field."""
    for path, operations in DOCUMENT["paths"].items():
        for one in operations.values():
            content = one.get("requestBody", {}).get("content", {}).get("application/json")
            if content:
                name = one["operationId"]
                example = REQUIRED_FIELDS.get(name) or next(iter(content["examples"].values()))["value"]
                for place in dict.fromkeys(places(content["schema"])):
                    yield name, path, example, place


def test_hostile_values_never_cause_a_server_error(world: World, api: Api, settings: Any) -> None:
    for limit in LIMITS:
        setattr(settings, f"SURETY_{limit}_PER_MINUTE", 0)
    patterns = {re.sub(r"[{<][^}>]*[}>]", "{}", f"/api/{one.pattern}"): one for one in addresses().values()}
    clients = {role: api(role) for role in ("organization_administrator", "approver")}
    found: dict[tuple[str, Place], list[Any]] = {}
    statuses, etags = set(), {}
    for name, path, example, place in bodies():
        decides = name in ("approve_exception", "refuse_exception", "revoke_exception")
        client = clients["approver" if decides else "organization_administrator"]
        client.raise_request_exception = False
        address = address_of(patterns[re.sub(r"{[^}]*}", "{}", path)], world, world.home)
        if address not in etags:
            etags[address] = client.get(address).headers.get("ETag", '"0"')
        text = json.dumps(marked(deepcopy(example), place))
        for value in HOSTILE:
            # Each request is undone, so that all of them meet the same data.
            with transaction.atomic():
                answer = client.post(
                    address,
                    text.replace(json.dumps(_MARK), value),
                    content_type="application/json",
                    headers={"If-Match": etags[address]},
                )
                transaction.set_rollback(True)
            statuses.add(answer.status_code)
            if answer.status_code >= 500:
                found.setdefault((name, place), []).append(value)
    assert found == {}
    assert {200, 201, 400} <= statuses, "some values were harmless, others were refused"


def test_parameters_with_a_nul_are_refused(world: World, api: Api) -> None:
    client = api("organization_administrator")
    client.raise_request_exception = False
    patterns = {re.sub(r"[{<][^}>]*[}>]", "{}", f"/api/{one.pattern}"): one for one in addresses().values()}
    found, tried = {}, 0
    for path, operations in DOCUMENT["paths"].items():
        for one in operations.get("get", {}).get("parameters", ()):
            if one["in"] == "query":
                address = address_of(patterns[re.sub(r"{[^}]*}", "{}", path)], world, world.home)
                answer = client.get(f"{address}?{one['name']}=a%00b")
                tried += 1
                if answer.status_code != 400:
                    found[path, one["name"]] = answer.status_code
    assert found == {}
    assert tried > 200
