"""Each collection is read by its SDK operation at its api-version, and stored as Azure sent it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import requests

from assessments.collect.http.rest import Rest
from assessments.collect.http.transport import transport_for
from assessments.collect.sdk import call_arguments
from assessments.collect.session import path_of
from assessments.estate.collection import Collection, Shape, Source
from assessments.estate.collections import ALL
from assessments.management.sandboxed import Served, serve
from tests.assessments.collect.azure import answer, directory, session, subscription, write
from tests.assessments.collect.collection_scopes import GROUP, UNIT, scope_of
from tests.for_each import for_each

ARM = [c for c in ALL.values() if c.source is Source.ARM and not c.resource_graph]
ODD = {
    "id": f"{GROUP}/X.Y/z/odd",
    "name": "odd",
    "brandNew": {"aB_c": [None, 1.5]},
    "properties": {"camelCase": "Ä", "n": None},
}


def body_of(collection: Collection) -> dict[str, Any]:
    return {"value": [ODD, {**ODD, "id": f"{GROUP}/X.Y/z/odd2"}]} if collection.shape is Shape.LIST else ODD


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    lines = [directory(), *subscription(UNIT)]
    done = set()
    for collection in ARM:
        path = path_of(collection, scope_of(collection))
        if path.casefold() not in done:
            done.add(path.casefold())
            lines.append(answer(path, 200, body_of(collection)))
    with serve(write(tmp_path_factory.mktemp("sdk") / "estate.jsonl", lines)) as served:
        yield served


@pytest.fixture
def asked(served: Served) -> Iterator[list[str]]:
    """Return the URLs of the requests that were sent."""
    sent: list[str] = []

    def note(response: requests.Response, *args: Any, **kwargs: Any) -> None:
        sent.append(str(response.request.url))

    hooks = transport_for(session(served).endpoints).session.hooks
    hooks["response"].append(note)
    yield sent
    hooks["response"].remove(note)


@pytest.mark.parametrize("collection", ARM, ids=[collection.name for collection in ARM])
def test_each_collection_is_read_by_its_operation(
    collection: Collection, served: Served, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = scope_of(collection)
    if collection.operation is not None:
        # The test permits only the SDK, because a plain request would hide a wrong SDK call.
        monkeypatch.setattr(Rest, "pages", None)
    pages = list(session(served).pages(collection, scope))
    documents = body_of(collection).get("value", [ODD])
    assert pages == [documents]
    urls = [urlsplit(url) for url in asked if "/oauth2/" not in url and "openid" not in url]
    assert len(urls) == 1, asked
    assert unquote(urls[0].path) == path_of(collection, scope)
    query = parse_qs(urls[0].query)
    assert query == {
        name: [value] for name, value in {"api-version": collection.api_version, **collection.query}.items()
    }


def test_only_arm_collections_have_operations() -> None:
    declared = [collection for collection in ALL.values() if collection.operation is not None]
    assert declared
    assert all(collection.source is Source.ARM for collection in declared)


@for_each(
    ("scope", "expected"),
    [
        ("/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/a", ("g", "a")),
        ("/Subscriptions/s/RESOURCEGROUPS/G/Providers/microsoft.sql/Servers/A/", ("G", "A")),
        ("/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/a/databases/d", ("g", "a", "d")),
        ("/subscriptions/s/providers/Microsoft.Sql/servers/a", None),
        ("/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers", None),
        ("", None),
    ],
)
def test_call_arguments_are_taken_from_the_id(scope: str, expected: tuple[str, ...] | None) -> None:
    operation = ALL["sql_firewall_rules"].operation
    assert operation is not None
    assert call_arguments(operation, scope) == expected
