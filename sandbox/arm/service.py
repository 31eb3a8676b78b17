"""Emulate Azure Resource Manager (ARM): return documents, collections of documents, and ARM's errors.

`Arm.answer` depends only on the request, the client that the token belongs to, the store, and the current time.
Error codes and messages follow recorded answers and
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors.
"""

import json
from datetime import UTC, datetime

from sandbox.arm import errors, resource_graph
from sandbox.arm.activity_log import events
from sandbox.arm.computed import computed_reply, virtual_machine, virtual_machines
from sandbox.arm.defaults import default_setting
from sandbox.arm.documents import hides_roles, only_property, shortened, subscription_document
from sandbox.arm.filter import matches
from sandbox.arm.refusals import refusal
from sandbox.messages import AuthenticatedRequest, Reply, Request, as_json
from sandbox.odata import FilterError
from sandbox.own_roles import assignments, reader_definition
from sandbox.paging import next_link, parse_skip_token
from sandbox.paths import ACTIVITY_LOG, group_of, is_region, root_resource, split_path, subscription_of
from sandbox.stores.arm import Store
from sandbox.stores.registry import Registration, Registry

# Types whose lists Azure returns in a single page. Clients that read these lists do not follow a nextLink.
UNPAGED = frozenset(
    {
        "microsoft.security/pricings",
        "microsoft.insights/diagnosticsettings",
        "microsoft.insights/actiongroups",
        "microsoft.insights/logprofiles",
        "microsoft.insights/metricalerts",
        "microsoft.compute/virtualmachines/extensions",
    }
)
_VM = "microsoft.compute/virtualmachines"
# {type: the only property that ARM returns for documents of this type}. These documents are not resources.
_ONLY_PROPERTY = {
    "microsoft.containerservice/locations/kubernetesversions": "values",
    "microsoft.recoveryservices/vaults/replicationusages": "value",
}


class Arm:
    """Answer ARM requests. If `page_size` is None, pages have Azure's own sizes: 1000 for lists of resources, 200 for
    other lists.
    """

    def __init__(self, registry: Registry, page_size: int | None) -> None:
        self._registry, self._page_size = registry, page_size
        self._filtered: dict[tuple[int, str, str], list[str]] = {}

    def answer(self, authenticated: AuthenticatedRequest) -> Reply:
        """Return the reply to a request with a valid token."""
        request, registration = authenticated.request, authenticated.token.registration
        store = self._registry.stores[registration.tenant_id]
        if request.key == resource_graph.PATH and request.method == "POST":
            return resource_graph.answer(request, store, registration.subscriptions)
        if refusal := self._refuse(request, registration, store):
            return refusal
        if request.key == "/subscriptions":
            bodies = [
                subscription_document(store, s)
                for s in store.subscriptions
                if s in registration.subscriptions
            ]
            return self._page(request, bodies, None)
        if request.key == "/tenants":
            tenant = registration.tenant_id
            return as_json(
                200, {"value": [{"id": f"/tenants/{tenant}", "tenantId": tenant, "tenantCategory": "Home"}]}
            )
        if hides_roles(request.key, registration.tenant_id, store):
            return self._page(request, [], None)
        try:
            return self._own_roles(request, registration, store) or self._read(request, store)
        except FilterError as error:
            return errors.bad_request(
                "InvalidFilterInQueryString",
                f"Invalid $filter '{request.query.get('$filter')}' specified in the query string. {error}",
            )

    def _refuse(self, request: Request, registration: Registration, store: Store) -> Reply | None:
        subscription = subscription_of(request.key)
        if subscription is not None:
            if not errors.GUID.fullmatch(subscription):
                return errors.invalid_subscription(request.path.split("/")[2])
            if subscription not in registration.subscriptions:
                if self._registry.subscription_exists(subscription):
                    return errors.forbidden(request, registration)
                return errors.no_subscription(subscription)
        if request.method not in ("GET", "HEAD"):
            if subscription is not None and _state(store, subscription) in ("disabled", "warned"):
                return errors.read_only_subscription(subscription)
            return errors.forbidden(request, registration)
        return refusal(request, store)

    def _own_roles(self, request: Request, registration: Registration, store: Store) -> Reply | None:
        """Answer a request for role assignments if the filter `assignedTo` of the request names the client. Return None
        for any other request.

        The answer has the role assignment that `sandbox.own_roles` makes for each client, and the matching role
        assignments of the estate.
        """
        own = assignments(request.key, request.query.get("$filter", ""), registration)
        if not own:
            return None
        keys = self._filter(request, store, store.listing(request.key), resources=False)
        return self._page(request, [*own, *(store.documents[key] for key in keys)], None)

    def _read(self, request: Request, store: Store) -> Reply:
        key, parts = request.key, split_path(request.key)
        if (raw := store.find(key)) is not None:
            if (only := _ONLY_PROPERTY.get(parts.type)) is not None:
                return Reply(200, only_property(raw, only))
            return Reply(200, virtual_machine(raw, request.query) if parts.type == _VM else raw)
        if (reply := computed_reply(request, store)) is not None:
            return reply
        if (definition := reader_definition(request.path)) is not None:
            return Reply(200, definition)
        if (subscription := subscription_of(key)) and key.count("/") == 2:
            return Reply(200, subscription_document(store, subscription))
        if (listed := self._resources(request, store)) is not None:
            return listed
        if (parts.namespace and len(parts.names) % 2 == 1) or (key.count("/") == 3 and group_of(key + "/x")):
            return self._list(request, store)
        if (default := default_setting(request, store)) is not None:
            return default
        return errors.not_found(request, store)

    def _resources(self, request: Request, store: Store) -> Reply | None:
        """Return the resources of a subscription or resource group in short form.

        The path is the id of the subscription or resource group, followed by `/resources`. Return None for any other
        path.
        """
        scope, _, last = request.key.rpartition("/")
        if last != "resources" or scope.count("/") not in (2, 4) or subscription_of(scope) is None:
            return None
        if scope.count("/") == 4 and not store.known(scope):
            return errors.not_found(request, store)
        keys = self._filter(request, store, store.resources.get(scope, []), resources=True)
        return self._page(request, keys, store, default=1000, shorten=True)

    def _list(self, request: Request, store: Store) -> Reply:
        key, parts = request.key, split_path(request.key)
        if key.endswith(ACTIVITY_LOG):
            keys = events(request, store.listing(key), store.documents, datetime.now(UTC))
            return self._page(request, keys, store)
        outer = root_resource(key)
        if outer is not None and not (store.known(outer) or is_region(outer)):
            return errors.not_found(request, store)
        if (group := group_of(key)) and not store.known(group):
            return errors.not_found(request, store)
        at_scope = "atscope()" in request.query.get("$filter", "").lower()
        keys = self._filter(
            request, store, store.listing(key, at_scope=at_scope), resources=not parts.namespace
        )
        if parts.type == _VM:
            return self._page(
                request, virtual_machines([store.documents[k] for k in keys], request.query), None
            )
        return self._page(request, keys, store, whole=parts.type in UNPAGED)

    def _filter(self, request: Request, store: Store, keys: list[str], *, resources: bool) -> list[str]:
        text = request.query.get("$filter", "").strip()
        if not text:
            return keys
        mark = (id(store), request.key, text)
        if (found := self._filtered.get(mark)) is None:
            if len(self._filtered) > 2000:
                self._filtered.clear()
            found = self._filtered[mark] = matches(text, keys, store.documents, resources=resources)
        return found

    def _page(
        self,
        request: Request,
        items: list[str] | list[bytes],
        store: Store | None,
        *,
        default: int = 200,
        whole: bool = False,
        shorten: bool = False,
    ) -> Reply:
        size = self._page_size or default
        top = request.query.get("$top", "")
        if top:
            if not top.isdecimal() or int(top) < 1:
                return errors.bad_request("InvalidTopInQueryString", f"The $top value '{top}' is invalid.")
            size = min(size, int(top))
        if whole:
            size = max(len(items), 1)
        begin = parse_skip_token(request.query)
        if begin is None or begin > len(items):
            return errors.bad_request("InvalidSkipToken", "The provided skip token is not valid.")
        page = [
            item if isinstance(item, bytes) else _body(store, item, request, shorten)
            for item in items[begin : begin + size]
        ]
        tail = b"]}"
        if begin + size < len(items):
            link = next_link(request, begin + size)
            tail = b'],"nextLink":' + json.dumps(link).encode() + b"}"
        return Reply(200, b'{"value":[' + b",".join(page) + tail)


def _body(store: Store | None, key: str, request: Request, shorten: bool) -> bytes:
    assert store is not None
    raw = store.documents[key]
    return shortened(raw, request.query.get("$expand", "")) if shorten else raw


def _state(store: Store, subscription: str) -> str:
    return str(json.loads(subscription_document(store, subscription)).get("state")).lower()
