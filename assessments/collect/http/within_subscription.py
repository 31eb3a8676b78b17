"""Limit an organization's credential to one delegated subscription, by checking each request and each answer.

A resource can refer to resources of another customer, and Azure may permit the organization's principal to read these
too. Only this limit keeps customers apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from azure.core.pipeline import PipelineRequest, PipelineResponse, policies

from assessments.collect.errors import OtherDirectory, OutsideDelegation
from assessments.estate.ids import subscription_of

# Characters that servers interpret differently: some read a backslash as a slash, decode twice, or drop the text after
# a semicolon.
_AMBIGUOUS = re.compile(r"[\\%;\x00-\x1f\x7f-\x9f]")
_MAX_DECODED = 5
_LISTS = ("value", "data")


class WithinSubscription(policies.SansIOHTTPPolicy[Any, Any]):
    """Permits only requests below one subscription, queries of Azure Resource Graph, and requests for data that Azure
    itself publishes: operations of providers, built-in policy initiatives and runtimes of App Service.

    Raises OutsideDelegation for other or ambiguous paths, and for answers with a document of another subscription. The
    subscriptions of a query are in its body, so `Session.query_pages` checks them instead.

    Place this policy before the policies that attach the token and that parse answers. Then a refused request never
    gets the token. Answers pass through the policies in reverse order, so this policy gets parsed answers.
    """

    _PUBLISHED = re.compile(
        r"/providers/microsoft\.authorization/(provideroperations|policysetdefinitions)/[0-9a-z._-]+"
        r"|/providers/microsoft\.web/(webappstacks|functionappstacks)"
    )

    def __init__(self, subscription_id: str, queries: str) -> None:
        self._subscription = subscription_id.casefold()
        self._scope, self._queries = f"/subscriptions/{self._subscription}", queries.casefold()

    def on_request(self, request: PipelineRequest[Any]) -> None:
        path = _plain(urlsplit(request.http_request.url).path).casefold()
        within = path == self._scope or path.startswith(f"{self._scope}/") or self._PUBLISHED.fullmatch(path)
        if not within and path != self._queries:
            raise OutsideDelegation

    def on_response(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> None:
        wire = response.context.get(policies.ContentDecodePolicy.CONTEXT_NAME)
        if any(self._is_of_another(identifier) for identifier in _ids(wire)):
            raise OutsideDelegation

    def _is_of_another(self, identifier: str) -> bool:
        start, _, rest = identifier.casefold().strip("/").partition("/")
        return start == "subscriptions" and rest.partition("/")[0] != self._subscription


def refuse_other_directories(path: str, foreign: Collection[str]) -> None:
    """Raise OtherDirectory if the path of a resource leads into one of the subscriptions `foreign` (GUIDs in lower
    case), or if servers may interpret the path in different ways.
    """
    if not foreign or not path:
        return
    try:
        plain = _plain(path if path.startswith("/") else f"/{path}")
    except OutsideDelegation:
        raise OtherDirectory from None
    if subscription_of(plain) in foreign:
        raise OtherDirectory


def _plain(path: str) -> str:
    """Return the decoded path. Raise OutsideDelegation if servers may interpret the path in different ways."""
    for _ in range(_MAX_DECODED):
        decoded = unquote(path)
        if decoded == path:
            break
        path = decoded
    # Some servers replace characters such as a full-width full stop by their ASCII equivalents.
    text = unicodedata.normalize("NFKC", path)
    hidden = any(letter == "\ufffd" or unicodedata.category(letter) == "Cf" for letter in text)
    if hidden or _AMBIGUOUS.search(text) or not all(segment.strip(" .") for segment in text.split("/")[1:]):
        raise OutsideDelegation
    return path


def _ids(wire: Any) -> Iterator[str]:
    """Yield the ids of the documents of an answer."""
    if not isinstance(wire, Mapping):
        return
    rows = [row for name in _LISTS if isinstance(wire.get(name), list) for row in wire[name]]
    for document in (wire, *rows):
        identifier = document.get("id") if isinstance(document, Mapping) else None
        if isinstance(identifier, str):
            yield identifier
