"""Send plain requests through a cloud's pipeline, for collections that have no SDK operation and for pages that an
SDK rejects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urljoin

from azure.core import PipelineClient
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline import Pipeline, PipelineResponse
from azure.core.pipeline.policies import ContentDecodePolicy
from azure.core.rest import HttpRequest

from assessments.collect.http.api_versions import with_version_of
from assessments.collect.http.wire import Document, charset_of, documents_of, next_link, storable
from assessments.estate.collection import Shape

_PATH_SAFE = "/()!$&'*+,;=:@-._~"
_QUERY_SAFE = "$,()'"


class Rest:
    """Reads JSON at `address` (https, no trailing slash) through one pipeline."""

    def __init__(self, address: str, pipeline: Pipeline[Any, Any], *, prefix: str = "") -> None:
        self.address = address
        self.prefix = prefix
        self.client: PipelineClient[Any, Any] = PipelineClient(address, pipeline=pipeline)
        self._pipeline = pipeline

    def url(self, path: str, query: Mapping[str, str]) -> str:
        """Return the URL of a path and query, both encoded."""
        text = urlencode(query, quote_via=quote, safe=_QUERY_SAFE)
        url = f"{self.address}{self.prefix}{quote(path, safe=_PATH_SAFE)}"
        return f"{url}?{text}" if text else url

    def get(self, url: str) -> Any:
        """Return the JSON at a URL. Raise HttpResponseError for a status other than 200, or an error of azure-core."""
        return self._send(HttpRequest("GET", urljoin(self.address, url)))

    def _send(self, request: HttpRequest, **options: Any) -> Any:
        # azure-core reads and parses the body only with stream=False.
        response: PipelineResponse[Any, Any] = self._pipeline.run(request, stream=False, **options)
        if response.http_response.status_code != 200:
            raise HttpResponseError(response=response.http_response)
        return wire_of(response)

    def pages(self, url: str, shape: Shape, seen: set[str]) -> Iterator[list[Document]]:
        """Yield the pages that start at `url`."""
        while url:
            wire = self.get(url)
            yield documents_of(wire, shape)
            url = with_version_of(next_link(wire, seen), url) if shape is Shape.LIST else ""

    def post(self, url: str, body: Mapping[str, Any]) -> Any:
        """Return the JSON that answers a POST. The POST must only read, because it is retried like a GET."""
        return self._send(HttpRequest("POST", url, json=dict(body)), retry_on_methods=frozenset({"POST"}))

    def post_pages(self, url: str, body: Mapping[str, Any]) -> Iterator[list[Document]]:
        """Yield the pages that answer a POST. The POST must only read, because it is retried like a GET."""
        wire = self.post(url, body)
        yield documents_of(wire, Shape.LIST)
        if following := next_link(wire, set()):
            yield from self.pages(following, Shape.LIST, {following})


def wire_of(response: PipelineResponse[Any, Any]) -> Any:
    """Return the body as parsed by the pipeline's Decode policy; None if the body is empty."""
    value = response.context.get(ContentDecodePolicy.CONTEXT_NAME)
    answer = response.http_response
    # Older SDKs use azure-core's older response class, which has `body()` instead of `content`.
    body = answer.content if hasattr(answer, "content") else answer.body()
    return storable(value, body, charset_of(answer.headers.get("Content-Type") or ""))
