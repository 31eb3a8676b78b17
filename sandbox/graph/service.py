"""Answer requests to Microsoft Graph v1.0: collections and single objects with `$select`, `$top`, `$filter` and
`$expand`.

Paging, query options and error bodies follow the pages paging, query-parameters and errors under
https://learn.microsoft.com/graph.
"""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from sandbox.graph.rules import (
    DEFAULT_PAGE,
    DEFAULT_SELECT,
    EXPANSIONS,
    EXTRA_PERMISSIONS,
    FILTERED_LISTS,
    GET_BY_IDS,
    HIDDEN_MEMBERS,
    MAX_IDS,
    MAX_PAGE,
    MAX_PAGE_WITH_ACTIVITY,
    MEMBER_LISTS,
    ODATA_TYPES,
    TYPE_PERMISSIONS,
    rule_for,
)
from sandbox.messages import AuthenticatedRequest, Reply, Request, as_json
from sandbox.odata import FilterError, compile_filter, property_of
from sandbox.own_roles import graph_list, graph_object
from sandbox.paging import next_link, parse_skip_token
from sandbox.stores.graph import GraphStore, Object
from sandbox.stores.registry import Registry

_KNOWN_OPTIONS = frozenset({"$select", "$top", "$filter", "$expand", "$skiptoken", "$orderby", "$count"})


class GraphError(Exception):
    """An error of a request to Graph. `reply` returns it in Graph's format."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code

    def reply(self) -> Reply:
        """Return the reply with Graph's error body."""
        number = str(uuid.uuid4())
        inner = {
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": number,
            "client-request-id": number,
        }
        return as_json(self.status, {"error": {"code": self.code, "message": str(self), "innerError": inner}})


class Graph:
    """Answer Graph requests. If `page_size` is None, pages have the sizes that Graph uses."""

    def __init__(self, registry: Registry, page_size: int | None) -> None:
        self._registry, self._page_size = registry, page_size

    def answer(self, authenticated: AuthenticatedRequest) -> Reply:
        """Return the reply to a request with a valid token. Paths that begin with `/beta/` get the status 404."""
        try:
            return self._answer(authenticated)
        except GraphError as error:
            return error.reply()

    def _answer(self, authenticated: AuthenticatedRequest) -> Reply:
        request, registration = authenticated.request, authenticated.token.registration
        store = self._registry.graphs.get(registration.tenant_id)
        if request.key.startswith("/beta/"):
            raise GraphError(404, "ResourceNotFound", "The sandbox serves Microsoft Graph v1.0 only.")
        path = request.key.removeprefix("/v1.0").strip("/")
        _check_permission(path, request, registration.client.graph, store)
        assert store is not None
        if path == GET_BY_IDS and request.method == "POST":
            return _by_ids(request, store, registration.client.graph)
        if request.method not in ("GET", "HEAD"):
            raise GraphError(
                403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
            )
        for option in request.query:
            if option.startswith("$") and option.lower() not in _KNOWN_OPTIONS:
                raise GraphError(
                    400, "BadRequest", f"The query option '{option}' is not supported by the sandbox."
                )
        if (wanted := FILTERED_LISTS.get(path)) is not None:
            if not any(name in request.query.get("$filter", "") for name in wanted):
                raise GraphError(
                    400, "BadRequest", f"The $filter must contain one of the properties {', '.join(wanted)}."
                )
            return self._collection(request, path, store.collection(path) or [], store)
        listed, cast = _without_cast(path)
        if (members := store.collection(listed)) is not None:
            if _is_hidden(listed, store, registration.client.graph):
                members = []
            chosen = [item for item in members if not cast or _is_a(item, cast)]
            return self._collection(request, path, chosen, store)
        if (own := graph_list(path, registration)) is not None:
            return self._collection(request, path, own, store)
        if (single := store.single(path) or graph_object(path, registration)) is not None:
            body = _project(_expand(single, request, store), path, request)
            return as_json(200, {"@odata.context": f"{request.origin}/v1.0/$metadata#{path}/$entity", **body})
        raise GraphError(
            404,
            "Request_ResourceNotFound",
            f"Resource '{path.rpartition('/')[2]}' does not exist or one of "
            "its queried reference-property objects are not present.",
        )

    def _collection(self, request: Request, path: str, members: list[Object], store: GraphStore) -> Reply:
        query = request.query
        items = _ordered(_filtered(members, query.get("$filter", "")), query.get("$orderby", ""))
        begin = parse_skip_token(query)
        if begin is None or begin > len(items):
            raise GraphError(
                400,
                "Directory_ExpiredPageToken",
                "The specified page token value has expired and can no longer be included in your request.",
            )
        size = self._size(query.get("$top", ""), query.get("$select", ""))
        page = [
            _project(_expand(item, request, store), path, request) for item in items[begin : begin + size]
        ]
        body: dict[str, Any] = {"@odata.context": f"{request.origin}/v1.0/$metadata#{path}"}
        if query.get("$count", "").lower() == "true":
            body["@odata.count"] = len(items)
        if begin + size < len(items):
            body["@odata.nextLink"] = next_link(request, begin + size)
        return as_json(200, {**body, "value": page})

    def _size(self, top: str, select: str) -> int:
        most = MAX_PAGE_WITH_ACTIVITY if "signinactivity" in select.lower() else MAX_PAGE
        size = DEFAULT_PAGE
        if top:
            if not top.isdecimal() or not 1 <= int(top) <= MAX_PAGE:
                raise GraphError(
                    400,
                    "Request_BadRequest",
                    f"Invalid page size specified: '{top}'. Must be between 1 and {MAX_PAGE} inclusive.",
                )
            size = int(top)
        return min(size, most, self._page_size or most)


def _without_cast(path: str) -> tuple[str, str]:
    """Return the path without an OData cast, and the type of the cast.

    For `groups/x/members/microsoft.graph.user`, return `groups/x/members` and `microsoft.graph.user`.
    """
    collection, _, last = path.rpartition("/")
    return (collection, last) if last.startswith("microsoft.graph.") else (path, "")


def _is_hidden(path: str, store: GraphStore, granted: frozenset[str]) -> bool:
    """Return whether the path is a list of a group's members that is hidden from the client (hidden membership)."""
    match = MEMBER_LISTS.fullmatch(path)
    group = store.single(match.group(1)) if match else None
    visibility = str(group.get("visibility")).lower() if group else ""
    return visibility == "hiddenmembership" and not granted & {"*", HIDDEN_MEMBERS}


def _is_a(item: Object, kind: str) -> bool:
    """Return whether an object has the type. An object without `@odata.type` counts as having every type."""
    return str(item.get("@odata.type", kind)).lower().lstrip("#") == kind


def _check_permission(path: str, request: Request, granted: frozenset[str], store: GraphStore | None) -> None:
    rule = rule_for(path)
    sufficient = (store.permissions(path) if store else ()) or rule.permissions
    extra = [
        EXTRA_PERMISSIONS[name]
        for name in _names(request.query.get("$select", "").lower())
        if name in EXTRA_PERMISSIONS
    ]
    allowed = "*" in granted or (any(p in granted for p in sufficient) and all(p in granted for p in extra))
    if not (store is not None and store.filled and allowed):
        raise GraphError(403, rule.code, rule.message)


def _by_ids(request: Request, store: GraphStore, granted: frozenset[str]) -> Reply:
    """Return the objects whose ids are in the request's body. Ids without an object are left out, without an error.

    Objects of a type that the application may not read have only id and type. Source: "Limited information returned for
    inaccessible member objects" of https://learn.microsoft.com/graph/permissions-overview.
    """
    ids, kinds = _wanted(request.body)
    found = []
    for number in dict.fromkeys(identifier.lower() for identifier in ids):
        for collection, odata_type in ODATA_TYPES.items():
            if kinds and odata_type.rpartition(".")[2].lower() not in kinds:
                continue
            if (item := store.single(f"{collection}/{number}")) is not None:
                found.append(_visible(item, collection, odata_type, granted))
                break
    return as_json(
        200, {"@odata.context": f"{request.origin}/v1.0/$metadata#directoryObjects", "value": found}
    )


def _wanted(body: bytes) -> tuple[list[str], set[str]]:
    try:
        asked = json.loads(body)
    except ValueError:
        asked = None
    ids = asked.get("ids") if isinstance(asked, dict) else None
    if not isinstance(ids, list) or not all(isinstance(item, str) for item in ids):
        raise GraphError(
            400,
            "BadRequest",
            "Unable to read JSON request payload. Please ensure Content-Type "
            "header is set and payload is of valid JSON format.",
        )
    if len(ids) > MAX_IDS:
        raise GraphError(
            400, "Request_BadRequest", f"The specified 'ids' collection has more than {MAX_IDS} items."
        )
    for identifier in ids:
        try:
            uuid.UUID(identifier)
        except ValueError:
            raise GraphError(400, "Request_BadRequest", f"Invalid GUID:{identifier}") from None
    types = asked.get("types") or []
    return ids, {str(kind).lower() for kind in types} - {"directoryobject"}


def _visible(item: Object, collection: str, odata_type: str, granted: frozenset[str]) -> Object:
    if "*" not in granted and not granted & set(TYPE_PERMISSIONS[collection]):
        hidden = {name: None for name in item if name != "id" and not name.startswith("@odata.")}
        return {"@odata.type": odata_type, "id": item["id"], **hidden}
    single = f"{collection}/{item['id']}"
    names = next((names for pattern, names in DEFAULT_SELECT if pattern.fullmatch(single)), ())
    shown = {name: value for name, value in item.items() if not names or name in names}
    return {"@odata.type": odata_type, **shown}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _filtered(members: list[Object], text: str) -> list[Object]:
    if not text:
        return members
    try:
        predicate = compile_filter(text)
    except FilterError as error:
        raise GraphError(400, "BadRequest", f"Invalid filter clause: {error}") from error
    return [item for item in members if predicate(item)]


def _ordered(members: list[Object], text: str) -> list[Object]:
    for clause in reversed(_names(text)):
        name, _, direction = clause.partition(" ")
        members = sorted(
            members,
            key=lambda item: str(property_of(item, name) or ""),
            reverse=direction.strip().lower() == "desc",
        )
    return members


def _expand(item: Object, request: Request, store: GraphStore) -> Object:
    added: Object = {}
    for name in _names(request.query.get("$expand", "")):
        name = name.partition("(")[0]
        collections, key = EXPANSIONS.get(name.lower(), ((), ""))
        if name in item or not isinstance(item.get(key), str):
            continue
        for collection in collections:
            if (found := store.single(f"{collection}/{item[key].lower()}")) is not None:
                kind = ODATA_TYPES.get(collection)
                added[name] = {**({"@odata.type": kind} if kind else {}), **found}
                break
    return {**item, **added} if added else item


def _project(item: Object, path: str, request: Request) -> Object:
    wanted = _names(request.query.get("$select", ""))
    if not wanted:
        wanted = list(next((names for pattern, names in DEFAULT_SELECT if pattern.fullmatch(path)), ()))
        if not wanted:
            return item
    lowered = {name.split("/")[0].lower() for name in wanted + _names(request.query.get("$expand", ""))}
    return {
        name: value for name, value in item.items() if name.lower() in lowered or name.startswith("@odata.")
    }
