"""A session that reads an estate file instead of Azure, without sign-in, HTTP or a server.

The services of the sandbox answer each request in this process, so that benchmarks measure collection and evaluation
without a local web server. The replies are the same as the replies of the sandbox's server: pages of lists, default
settings, 404 and 403.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from azure.core.exceptions import HttpResponseError

from assessments.collect.http.wire import Document, documents_of, next_link
from assessments.collect.session import RESOURCE_GRAPH, path_of, query_of
from assessments.collect.shared import SharedAnswers
from assessments.estate.collection import Collection, Shape, Source
from assessments.estate.ids import subscription_of
from sandbox.arm.service import Arm
from sandbox.entra.service import Token
from sandbox.graph.service import Graph
from sandbox.messages import AuthenticatedRequest, Request
from sandbox.paths import normalize
from sandbox.stores.registry import Registration, load

ORIGIN = "https://in-process"


@dataclass(slots=True)
class Refusal:
    """A response with a status other than 200, with the attributes that `assessments.collect.failures` reads."""

    status_code: int
    content: bytes
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        return self.content.decode()


class InProcess:
    """A replacement for `assessments.collect.session.Session`. It returns the answers that the first client of the
    first directory in an estate file would get.

    `requests` is the number of requests, one for each page. Raise ValueError for a file with scripted answers, because
    only the sandbox's server supports them.
    """

    def __init__(self, path: Path) -> None:
        registry = load([path])
        if any(store.answers for store in registry.all_stores()):
            raise ValueError(f"{path} has scripted answers, which only the sandbox's server supports.")
        self.directory_id, clients = next(iter(registry.registrations.items()))
        registration: Registration = next(iter(clients.values()))
        self.subscriptions = tuple(sorted(registration.subscriptions))
        self._token = Token(registration, "", 0.0)
        self._arm, self._graph = Arm(registry, None), Graph(registry, None)
        self.delegated_subscription = ""
        self.requests = 0
        self.shared = SharedAnswers()

    def pages(self, collection: Collection, scope: str) -> Iterator[list[Document]]:
        """Yield the pages of a collection, as `Session.pages` does. Raise HttpResponseError for a status other than
        200."""
        is_graph = collection.source is Source.GRAPH
        if collection.resource_graph:
            yield self._query(collection, scope)
            return
        prefix = "/v1.0/" if is_graph else ""
        query = query_of(collection, scope)
        if not is_graph:
            query["api-version"] = collection.api_version
        path: str = prefix + path_of(collection, scope)
        seen: set[str] = set()
        while path:
            wire = self._ask(path, query, is_graph)
            yield documents_of(wire, collection.shape)
            link = next_link(wire, seen) if collection.shape is Shape.LIST else ""
            parts = urlsplit(link)
            path, query = parts.path, dict(parse_qsl(parts.query))

    def _query(self, collection: Collection, scope: str) -> list[Document]:
        """Return the rows of the collection's query of Azure Resource Graph."""
        self.requests += 1
        body = json.dumps({"subscriptions": [subscription_of(scope)], "query": collection.resource_graph})
        request = Request("POST", RESOURCE_GRAPH, RESOURCE_GRAPH.lower(), {}, ORIGIN, body.encode())
        reply = self._arm.answer(AuthenticatedRequest(request, self._token))
        if reply.status != 200:
            raise HttpResponseError(response=Refusal(reply.status, reply.body))  # type: ignore[arg-type]
        return documents_of({"value": json.loads(reply.body)["data"]}, Shape.LIST)

    def _ask(self, path: str, query: Mapping[str, str], is_graph: bool) -> Any:
        self.requests += 1
        spelt = normalize(path)
        authenticated = AuthenticatedRequest(Request("GET", spelt, spelt.lower(), query, ORIGIN), self._token)
        reply = self._graph.answer(authenticated) if is_graph else self._arm.answer(authenticated)
        if reply.status != 200:
            raise HttpResponseError(response=Refusal(reply.status, reply.body))  # type: ignore[arg-type]
        return json.loads(reply.body)
