"""A session for reading one directory.

A session consists of a credential and of pipelines to ARM and Graph. The pipelines use the process's connection pool.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.core.pipeline import Pipeline

from assessments.collect.errors import BadAnswer, OutsideDelegation
from assessments.collect.failures import details
from assessments.collect.http.api_versions import OfferedVersions, VersionStore, choose, offered_in
from assessments.collect.http.bounded_answers import within_total
from assessments.collect.http.clouds import Endpoints
from assessments.collect.http.policies import Authenticate, Patience, reading_policies
from assessments.collect.http.rest import Rest
from assessments.collect.http.transport import CONNECTION_TIMEOUT, READ_TIMEOUT, transport_for
from assessments.collect.http.wire import MAX_PAGES, Document, documents_of
from assessments.collect.sdk import Clients, pages
from assessments.collect.shared import SharedAnswers
from assessments.collect.sign_in.credentials import Credential
from assessments.collect.sign_in.host_credentials import HostCredential
from assessments.estate.collection import Collection, Shape, Source
from assessments.estate.governance.management_groups import ANCESTORS
from assessments.estate.ids import subscription_of

SUBSCRIPTIONS = Collection(
    name="subscriptions",
    path="/subscriptions",
    permission="Microsoft.Resources/subscriptions/read",
    title="Subscriptions",
    api_version="2022-12-01",
    # The first api-version in which subscriptions name their directory (`tenantId`).
    oldest_version="2018-06-01",
    resource_type="Microsoft.Resources/subscriptions",
)
# The only requests to Graph that are not GET. These requests only read. They are POST requests, because a list of ids
# is too long for a URL.
READING_POSTS = ("/directoryObjects/getByIds",)
# The maximum number of subscriptions in one query for management groups. Azure Resource Graph permits 1,000, but with
# fewer subscriptions the answer fits on one page.
_SUBSCRIPTIONS_OF_A_QUERY = 100
# Azure Resource Graph accepts queries only as POST:
# https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
RESOURCE_GRAPH = "/providers/Microsoft.ResourceGraph/resources"
RESOURCE_GRAPH_VERSION = "2021-03-01"
RESOURCE_GRAPH_PAGE = 1000


class Session:
    """Reads one directory as one service principal. A session is thread-safe. Create it in the process that uses it.

    - `secret`, `certificate` (PEM bytes with RSA key), `identity` (of the host): exactly one of the three is given
    - `versions`: shares the cloud's api-versions with other sessions
    - `delegated_subscription`: the GUID of the only subscription that may be read; requests to anything else, also to
      Graph, raise OutsideDelegation
    - `home_directory_id`: the directory of the delegated subscription

    Raise SignInError for an invalid certificate or directory id. The first request signs in. Timeouts are in seconds.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        directory_id: str,
        client_id: str,
        *,
        secret: str = "",
        certificate: bytes = b"",
        identity: HostCredential | None = None,
        patience: Patience = Patience(),  # noqa: B008 - frozen
        connection_timeout: float = CONNECTION_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        versions: VersionStore | None = None,
        delegated_subscription: str = "",
        home_directory_id: str = "",
    ) -> None:
        self.endpoints = endpoints
        # The directory that is read. A delegated subscription belongs to another directory than the principal.
        self.directory_id = home_directory_id or directory_id
        self.delegated_subscription = delegated_subscription
        transport = transport_for(endpoints, connection_timeout=connection_timeout, read_timeout=read_timeout)
        credential = Credential(
            endpoints,
            directory_id,
            client_id,
            secret=secret,
            certificate=certificate,
            identity=identity,
            transport=transport,
            patience=patience,
        )

        self._credential = credential
        self.shared = SharedAnswers()
        self.versions = OfferedVersions(endpoints, versions)

        def pipeline(
            address: str, scope: str, posts: tuple[str, ...] = (), queries: str = ""
        ) -> Pipeline[Any, Any]:
            policies = reading_policies(
                address,
                Authenticate(credential, scope),
                patience,
                posts,
                queries,
                delegated_subscription,
            )
            return Pipeline(transport, policies)

        arm = pipeline(endpoints.arm, endpoints.arm_scope, (RESOURCE_GRAPH,), RESOURCE_GRAPH)
        self.arm = Rest(endpoints.arm, arm)
        graph = pipeline(endpoints.graph, endpoints.graph_scope, READING_POSTS)
        self.graph = Rest(endpoints.graph, graph, prefix="/v1.0/")
        self._clients = Clients(endpoints, credential, arm)

    def sign_in(self) -> None:
        """Request a token for ARM unless a token is cached. Raises SignInError if the request fails."""
        self._credential.get_token(self.endpoints.arm_scope)

    def pages(self, collection: Collection, scope: str) -> Iterator[list[Document]]:
        """Yield the pages of a collection at a scope as Azure's JSON. Raise one of `failures.EXPECTED` if the request
        fails.

        If the cloud does not offer the api-version, the request is repeated once, with the newest api-version that the
        cloud offers and the collection accepts.
        """
        return within_total(self._pages(collection, scope))

    def _pages(self, collection: Collection, scope: str) -> Iterator[list[Document]]:
        if collection.source is Source.GRAPH:
            yield from self._graph_pages(collection, scope)
            return
        if collection.resource_graph:
            yield from self._resource_graph_pages(collection, scope)
            return
        offered = self.versions.get(collection.resource_type)
        version = choose(collection, offered) or collection.api_version
        for is_last in (False, True):
            started = False
            try:
                for page in self._arm_pages(replace(collection, api_version=version), scope):
                    started = True
                    yield page
                return
            except HttpResponseError as error:
                if started or not (offered := _offered(error)):
                    raise
                self.versions.put(collection.resource_type, offered)
                better = choose(collection, offered)
                if is_last or not better or better == version:
                    raise
                version = better

    def _graph_pages(self, collection: Collection, scope: str) -> Iterator[list[Document]]:
        """Yield the pages of a Graph collection. If Graph answers 400, request the pages once more without the
        parameters that Microsoft does not document for the collection (`undocumented_query`).
        """
        if self.delegated_subscription:
            # The principal signs in to the organization's directory, so Graph would return the people of the
            # organization instead of the people of the customer.
            raise OutsideDelegation(is_graph=True)
        path, query = path_of(collection, scope), query_of(collection, scope)
        started = False
        try:
            for page in self.graph.pages(self.graph.url(path, query), collection.shape, set()):
                started = True
                yield page
            return
        except HttpResponseError as error:
            if started or error.status_code != 400 or not collection.undocumented_query:
                raise
        documented = {k: v for k, v in query.items() if k not in collection.undocumented_query}
        yield from self.graph.pages(self.graph.url(path, documented), collection.shape, set())

    def _resource_graph_pages(self, collection: Collection, scope: str) -> Iterator[list[Document]]:
        yield from self.query_pages(collection.resource_graph, [subscription_of(scope)])

    def query_pages(self, query: str, subscriptions: Sequence[str]) -> Iterator[list[Document]]:
        """Yield the rows of a query of Resource Graph, page by page; only one page is in memory.

        Raise one of `failures.EXPECTED` if the request fails.
        """
        if self.delegated_subscription and list(subscriptions) != [self.delegated_subscription]:
            raise OutsideDelegation
        return within_total(self._query_pages(query, subscriptions))

    def _query_pages(self, query: str, subscriptions: Sequence[str]) -> Iterator[list[Document]]:
        url = self.arm.url(RESOURCE_GRAPH, {"api-version": RESOURCE_GRAPH_VERSION})
        options: dict[str, Any] = {"resultFormat": "objectArray", "$top": RESOURCE_GRAPH_PAGE}
        body = {"subscriptions": list(subscriptions), "query": query}
        seen: set[str] = set()
        while True:
            wire = self.arm.post(url, {**body, "options": options})
            rows = wire.get("data") if isinstance(wire, Mapping) else None
            yield documents_of({"value": rows}, Shape.LIST)
            token = wire.get("$skipToken")
            if not token:
                if str(wire.get("resultTruncated", "false")).casefold() == "true":
                    raise BadAnswer("Resource Graph truncated the answer and gave no token for the next page")
                return
            if not isinstance(token, str) or token in seen:
                raise BadAnswer("The token for the next page is not text, or is the token of an earlier page")
            if len(seen) >= MAX_PAGES:
                raise BadAnswer(f"The answer has more than {MAX_PAGES} pages, so the rest was not read")
            seen.add(token)
            options["$skipToken"] = token

    def _arm_pages(self, collection: Collection, scope: str) -> Iterator[list[Document]]:
        path = path_of(collection, scope)
        url = self.arm.url(path, {"api-version": collection.api_version, **collection.query})
        if collection.operation is None:
            yield from self.arm.pages(url, collection.shape, set())
        else:
            yield from pages(self._clients, self.arm, collection.operation, collection, scope, url)

    def post_pages(self, collection: Collection, body: Mapping[str, Any]) -> Iterator[list[Document]]:
        """Yield the pages of a Graph collection that is requested with a POST body. Raise one of `failures.EXPECTED` if
        the request fails.
        """
        if self.delegated_subscription:
            raise OutsideDelegation(is_graph=True)
        return within_total(self.graph.post_pages(self.graph.url(collection.path, collection.query), body))


def _offered(error: HttpResponseError) -> tuple[str, ...]:
    response = error.response
    if response is None or response.status_code is None:
        return ()
    return offered_in(response.status_code, details(response)[1])


def path_of(collection: Collection, scope: str) -> str:
    """Return the path of a collection at a scope."""
    return collection.path.replace("{scope}", scope)


def query_of(collection: Collection, scope: str) -> dict[str, str]:
    """Return the query of a Graph collection at a scope."""
    return {name: value.replace("{scope}", scope) for name, value in collection.query.items()}


def discover_subscriptions(session: Session) -> list[Document]:
    """Return the subscriptions that the service principal sees. Raise one of `failures.EXPECTED` if the request
    fails.
    """
    return [document for page in session.pages(SUBSCRIPTIONS, "") for document in page]


def management_groups(session: Session, subscriptions: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the readable management groups above each subscription: {subscription: [(name, display name)]}.

    Raise one of `failures.EXPECTED` if the request fails.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for start in range(0, len(subscriptions), _SUBSCRIPTIONS_OF_A_QUERY):
        for page in session.query_pages(ANCESTORS, subscriptions[start : start + _SUBSCRIPTIONS_OF_A_QUERY]):
            for row in page:
                name, properties = row.get("name"), row.get("properties")
                shown = properties.get("displayName") if isinstance(properties, Mapping) else None
                if isinstance(name, str) and name:
                    subscription = subscription_of(str(row.get("id"))).casefold()
                    label = shown if isinstance(shown, str) and shown else name
                    found.setdefault(subscription, []).append((name, label))
    return found


def check_credential(session: Session) -> list[Document]:
    """Sign in and return the visible subscriptions. Raise SignInError if the sign-in fails, and one of
    `failures.EXPECTED` if the request fails.
    """
    return discover_subscriptions(session)
