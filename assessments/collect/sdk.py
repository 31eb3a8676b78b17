"""Call the SDK operation of a collection and capture the JSON of the responses.

The SDKs make the requests and follow pages. The models of the SDKs cannot be evidence: older models drop unknown
properties and flatten known properties (azure-mgmt-monitor 7, -security 7, -authorization 4). So `raw_response_hook`,
which azure-core calls for every page, captures the JSON. A page that a model rejects is used anyway, and plain requests
fetch the rest.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import DeserializationError, SerializationError
from azure.core.paging import ItemPaged
from azure.core.pipeline import Pipeline, PipelineResponse

from assessments.collect.http.api_versions import with_version_of
from assessments.collect.http.clouds import Endpoints
from assessments.collect.http.rest import Rest, wire_of
from assessments.collect.http.wire import Document, documents_of, next_link
from assessments.collect.sign_in.credentials import Credential
from assessments.estate.collection import Collection, Shape
from assessments.estate.ids import subscription_of
from assessments.estate.sdk_operation import CallArguments, Library, Operation


@dataclass(frozen=True, slots=True)
class _ClientClass:
    """A client class. `version_in_constructor` is True if the api-version is an argument of the constructor and not of
    each call."""

    module: str
    name: str
    version_in_constructor: bool = False


_CLIENT_CLASSES = {
    Library.STORAGE: _ClientClass("azure.mgmt.storage", "StorageManagementClient", True),
    Library.SQL: _ClientClass("azure.mgmt.sql", "SqlManagementClient", True),
    Library.NETWORK: _ClientClass("azure.mgmt.network", "NetworkManagementClient"),
    Library.COMPUTE: _ClientClass("azure.mgmt.compute", "ComputeManagementClient"),
    Library.MONITOR: _ClientClass("azure.mgmt.monitor", "MonitorManagementClient"),
    Library.SECURITY: _ClientClass("azure.mgmt.security", "SecurityCenter"),
    Library.AUTHORIZATION: _ClientClass("azure.mgmt.authorization", "AuthorizationManagementClient"),
    Library.RESOURCES: _ClientClass("azure.mgmt.resource.resources", "ResourceManagementClient", True),
    Library.POLICY: _ClientClass("azure.mgmt.resource.policy", "PolicyClient", True),
}

# No SDK reads security contacts, diagnostic settings, policy exemptions, guest configuration, workspaces and SQL
# virtual machines: the SDKs of November 2026 lack the api-versions that these collections need. Plain requests read
# them instead.

# Errors of a client that cannot build the request, or whose models reject the answer.
_MODEL_ERRORS = (DeserializationError, SerializationError, AttributeError, TypeError, KeyError, ValueError)
_MAX_CLIENTS = 32


def import_libraries() -> None:
    """Import all SDKs now, instead of each on its first use."""
    for client_class in _CLIENT_CLASSES.values():
        importlib.import_module(client_class.module)


class Clients:
    """One session's SDK clients, created on first use. All clients use the session's pipeline."""

    def __init__(self, endpoints: Endpoints, credential: Credential, pipeline: Pipeline[Any, Any]) -> None:
        self._endpoints, self._credential, self._pipeline = endpoints, credential, pipeline
        self._lock = threading.Lock()
        self._clients: OrderedDict[tuple[Library, str, str], Any] = OrderedDict()

    def group(self, operation: Operation, subscription: str, version: str) -> Any:
        """Return the operation group of a client for one subscription.

        A new client creates all its operation groups, up to 170. So all collections of a library share one client per
        subscription.
        """
        library = operation.library
        key = (library, subscription, version if _CLIENT_CLASSES[library].version_in_constructor else "")
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._client(library, subscription, version)
                if len(self._clients) > _MAX_CLIENTS:
                    self._clients.popitem(last=False)
            self._clients.move_to_end(key)
            return getattr(self._clients[key], operation.group)

    def _client(self, library: Library, subscription: str, version: str) -> Any:
        client_class = _CLIENT_CLASSES[library]
        # Import the SDK on first use, so that web processes do not load it.
        client = getattr(importlib.import_module(client_class.module), client_class.name)
        # Surety uses the original JSON, so warnings about properties that the models lack are irrelevant.
        logging.getLogger(client_class.module).setLevel(logging.ERROR)
        more = {"api_version": version} if client_class.version_in_constructor else {}
        # With `policies=[]`, the client adds no default policies, one of which registers resource providers.
        return client(
            self._credential,
            subscription,
            base_url=self._endpoints.arm,
            credential_scopes=[self._endpoints.arm_scope],
            pipeline=self._pipeline,
            policies=[],
            **more,
        )


def call_arguments(operation: Operation, scope: str) -> tuple[str, ...] | None:
    """Return the operation's positional arguments for a scope. Return None if the id of the scope has an unexpected
    form.
    """
    parts = scope.strip("/").split("/")
    if operation.arguments is CallArguments.NONE:
        return operation.last
    if operation.arguments is CallArguments.SCOPE:
        return (scope.strip("/"), *operation.last)
    # subscriptions/S/resourceGroups/G/providers/N/type/name[/type/name]
    if len(parts) < 8 or len(parts) % 2 or parts[2].casefold() != "resourcegroups":
        return None
    return (parts[3], *parts[7::2], *operation.last)


def pages(
    clients: Clients, rest: Rest, operation: Operation, collection: Collection, scope: str, url: str
) -> Iterator[list[Document]]:
    """Yield the pages of a collection at a scope. `url` is the URL of the equivalent plain request."""
    positional = call_arguments(operation, scope)
    seen: set[str] = set()
    if positional is None:
        yield from rest.pages(url, collection.shape, seen)
        return
    captured: list[PipelineResponse[Any, Any]] = []

    def capture(response: PipelineResponse[Any, Any]) -> None:
        if response.http_response.status_code == 200:
            captured.append(response)

    options: dict[str, Any] = {"raw_response_hook": capture, "params": dict(collection.query)}
    if not _CLIENT_CLASSES[operation.library].version_in_constructor:
        options["api_version"] = collection.api_version
    group = clients.group(operation, subscription_of(scope), collection.api_version)
    answers: Iterator[Any] | None = None
    link = url
    while link:
        captured.clear()
        rejected = False
        try:
            if answers is None:
                answer = getattr(group, operation.method)(*positional, **options)
                answers = answer.by_page() if isinstance(answer, ItemPaged) else iter(())
            # For an operation without pages, the call above has already sent the request.
            if not captured:
                next(answers, None)
        except _MODEL_ERRORS:
            rejected = True
        if not captured:
            # The SDK sent no request for this page: either it could not build the first request, or it knows only one
            # page of this operation and does not follow the link to the next page.
            yield from rest.pages(link, collection.shape, seen)
            return
        wire = wire_of(captured[-1])
        yield documents_of(wire, collection.shape)
        link = with_version_of(next_link(wire, seen), url) if collection.shape is Shape.LIST else ""
        if rejected and link:
            yield from rest.pages(link, collection.shape, seen)
            return
