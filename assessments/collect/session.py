"""A session for reading one directory: a credential, and pipelines for ARM and Graph on the process's pool."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from azure.core.pipeline import Pipeline

from assessments.collect.clouds import Endpoints
from assessments.collect.credentials import Credential
from assessments.collect.policies import Authenticate, Patience, reading_policies
from assessments.collect.rest import Rest
from assessments.collect.sdk import Clients, pages
from assessments.collect.shared import SharedAnswers
from assessments.collect.transport import CONNECTION_TIMEOUT, READ_TIMEOUT, transport_for
from assessments.collect.wire import Document
from assessments.estate.collection import Collection, Shape, Source

SUBSCRIPTIONS_VERSION = "2022-12-01"


class Session:
    """Reads one directory as one service principal. Create it in the process that uses it; it is thread-safe.

    `secret` is the client secret, `certificate` PEM bytes with its RSA key. SignInError for an invalid
    certificate or directory id. Signing in happens with the first request. Timeouts are in seconds.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        directory_id: str,
        client_id: str,
        *,
        secret: str = "",
        certificate: bytes = b"",
        patience: Patience = Patience(),  # noqa: B008 - frozen
        connection_timeout: float = CONNECTION_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
    ) -> None:
        self.endpoints = endpoints
        self.directory_id = directory_id
        transport = transport_for(endpoints, connection_timeout=connection_timeout, read_timeout=read_timeout)
        credential = Credential(
            endpoints,
            directory_id,
            client_id,
            secret=secret,
            certificate=certificate,
            transport=transport,
            patience=patience,
        )

        self._credential = credential
        self.shared = SharedAnswers()

        def pipeline(address: str, scope: str) -> Pipeline[Any, Any]:
            return Pipeline(transport, reading_policies(address, Authenticate(credential, scope), patience))

        arm = pipeline(endpoints.arm, endpoints.arm_scope)
        self.arm = Rest(endpoints.arm, arm)
        self.graph = Rest(endpoints.graph, pipeline(endpoints.graph, endpoints.graph_scope), prefix="/v1.0/")
        self._clients = Clients(endpoints, credential, arm)

    def sign_in(self) -> None:
        """Request a token for ARM unless one is cached. Raises SignInError if that fails."""
        self._credential.get_token(self.endpoints.arm_scope)

    def pages(self, collection: Collection, scope: str) -> Iterator[list[Document]]:
        """Yield the pages of a collection at a scope as wire JSON; errors are `failures.EXPECTED`."""
        path = path_of(collection, scope)
        if collection.source is Source.GRAPH:
            yield from self.graph.pages(self.graph.url(path, collection.query), collection.shape, set())
            return
        url = self.arm.url(path, {"api-version": collection.api_version, **collection.query})
        if collection.operation is None:
            yield from self.arm.pages(url, collection.shape, set())
        else:
            yield from pages(self._clients, self.arm, collection.operation, collection, scope, url)


def path_of(collection: Collection, scope: str) -> str:
    """Return the path of a collection at a scope."""
    return collection.path.replace("{scope}", scope)


def discover_subscriptions(session: Session) -> list[Document]:
    """Return the subscriptions that the service principal sees; errors are `failures.EXPECTED`."""
    url = session.arm.url("/subscriptions", {"api-version": SUBSCRIPTIONS_VERSION})
    return [document for page in session.arm.pages(url, Shape.LIST, set()) for document in page]


def check_credential(session: Session) -> list[Document]:
    """Sign in and return the visible subscriptions. Raise SignInError or one of `failures.EXPECTED`."""
    return discover_subscriptions(session)
