"""Store the ARM documents of a directory, indexed by id, collection and scope.

Keys are lower-case ids. A document is kept as the bytes of its line, and parsed only if a request needs the parsed
document.
"""

import json
from collections import defaultdict

from sandbox.estate import Answer, Cloud, Document
from sandbox.paths import (
    ACTIVITY_LOG,
    INHERITED_TYPES,
    LISTED_AS,
    LISTED_AT_ROOT,
    LISTED_CHILDREN,
    NOT_RESOURCES,
    SUBTREE_TYPES,
    group_of,
    is_change,
    is_event,
    root_resource,
    split_path,
    subscription_of,
)

_GROUP_CONTAINER = "/providers/microsoft.management/managementgroups/"


class Store:
    """The ARM documents and scripted answers of one estate file, or of several files of the same Entra
    directory.

    `owners` is {subscription: its directory}, and `quotas` is {subscription: quota id of its offer}. `cloud` says
    which api-versions exist. `repeated` counts documents that replaced an earlier document with the same id.
    """

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.subscriptions: dict[str, bytes | None] = {}
        self.owners: dict[str, str] = {}
        self.quotas: dict[str, str] = {}
        self.lists: dict[str, list[str]] = defaultdict(list)
        self.resources: dict[str, list[str]] = defaultdict(list)
        self.answers: dict[str, list[Answer]] = defaultdict(list)
        self.cloud: Cloud | None = None
        self.repeated = 0
        self._known: set[str] = set()
        self._spread: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._scoped: dict[tuple[str, bool], list[str]] = {}

    def add_document(self, line: Document) -> None:
        """Add a document. It replaces an earlier document with the same id."""
        key = line.id.lower().rstrip("/")
        subscription = subscription_of(key)
        if subscription is not None:
            self.subscriptions.setdefault(subscription, None)
        if subscription is not None and key.count("/") == 2:
            self.subscriptions[subscription] = line.raw
            if isinstance(owner := line.value.get("tenantId"), str):
                self.owners[subscription] = owner.lower()
            policies = line.value.get("subscriptionPolicies")
            quota = policies.get("quotaId") if isinstance(policies, dict) else None
            self.quotas[subscription] = quota.lower() if isinstance(quota, str) else ""
            return
        self._put(key, line.raw)

    def _put(self, key: str, raw: bytes) -> None:
        if key in self.documents:
            self.repeated += 1
        else:
            self._index(key, subscription_of(key))
        self.documents[key] = raw

    def _index(self, key: str, subscription: str | None) -> None:
        if is_event(key):
            # The id of an event contains the id of a resource. Do not conclude that this resource exists, because it
            # may have been deleted.
            self.lists[f"/subscriptions/{subscription}{ACTIVITY_LOG}"].append(key)
            return
        if is_change(key):
            # The id of a change also contains the id of a resource. Do not conclude that this resource exists, because
            # Azure keeps the changes of a resource after the resource was deleted.
            self._spread[subscription or "", split_path(key).type].append(key)
            return
        self.lists[key.rpartition("/")[0]].append(key)
        group, root = group_of(key), root_resource(key)
        self._known.update(filter(None, (group, root)))
        if root and _GROUP_CONTAINER in root:
            # An id below a subscription can name a management group. This group also exists at the tenant level, even
            # if the estate has no document there.
            self._known.add(root[root.index(_GROUP_CONTAINER) :])
        parts = split_path(key)
        self._list_elsewhere(key, subscription, parts.type)
        if parts.type in SUBTREE_TYPES or parts.type in INHERITED_TYPES:
            self._spread[subscription or "", parts.type].append(key)
            return
        if subscription is None or not parts.names:
            return
        above = f"/subscriptions/{subscription}"
        is_top = key == root
        if is_top and group:
            self.lists[f"{above}/providers/{parts.type}"].append(key)
            if not parts.type.startswith(NOT_RESOURCES):
                self.resources[above].append(key)
                self.resources[group].append(key)
        elif group and parts.type in LISTED_CHILDREN:
            self.resources[above].append(key)
            self.resources[group].append(key)
        elif parts.names[0] == "locations" and len(parts.names) == 4 and parts.scope in (above, group):
            # Some documents belong to a location, for example just-in-time policies. Resource providers also have a
            # list of such documents for all locations at once.
            for scope in filter(None, (above, group)):
                self.lists[f"{scope}/providers/{parts.namespace}/{parts.names[2]}"].append(key)

    def _list_elsewhere(self, key: str, subscription: str | None, kind: str) -> None:
        """Add a document to the lists outside of its parent, if its type has such lists."""
        if listed_as := LISTED_AS.get(kind):
            self._spread[subscription or "", listed_as].append(key)
        if listed_at_root := LISTED_AT_ROOT.get(kind):
            self.lists[f"{root_resource(key)}/{listed_at_root}"].append(key)

    def merge(self, other: "Store") -> None:
        """Add the content of another store of the same Entra directory. The other store was read from another file."""
        for key, raw in other.documents.items():
            self._put(key, raw)
        for subscription, document in other.subscriptions.items():
            if document is not None or subscription not in self.subscriptions:
                self.subscriptions[subscription] = document
        for subscription, owner in other.owners.items():
            self.owners.setdefault(subscription, owner)
        for path, answers in other.answers.items():
            self.answers[path].extend(answers)
        self.quotas.update(other.quotas)
        self.cloud = other.cloud or self.cloud
        self.repeated += other.repeated

    def known(self, path: str) -> bool:
        """Return whether the store has a document with this id, or with an id below this id.

        `path` is the id of a resource group or of an outermost resource.
        """
        return path in self._known

    def listing(self, path: str, *, at_scope: bool = False) -> list[str]:
        """Return the keys of the documents of a collection, in the order of the estate file.

        If `at_scope` is True, leave out the documents of child scopes.
        """
        parts = split_path(path)
        if parts.type not in SUBTREE_TYPES and parts.type not in INHERITED_TYPES:
            return self.lists.get(path, [])
        cached = self._scoped.get((path, at_scope))
        if cached is None:
            if len(self._scoped) > 10_000:
                self._scoped.clear()
            cached = self._scoped[path, at_scope] = self._at_scope(parts.scope, parts.type, at_scope)
        return cached

    def _at_scope(self, scope: str, kind: str, at_scope: bool) -> list[str]:
        subscription = subscription_of(scope)
        candidates = list(self._spread.get((subscription or "", kind), []))
        if subscription is not None and kind in INHERITED_TYPES:
            candidates += self._spread.get(("", kind), [])
        below = kind in SUBTREE_TYPES and not at_scope and scope != ""
        chosen: dict[str, str] = {}
        for key in candidates:
            own = split_path(key).scope
            above = kind in INHERITED_TYPES and (
                scope.startswith(own + "/") or (subscription is not None and own.startswith(_GROUP_CONTAINER))
            )
            if own == scope or above or (below and own.startswith(scope + "/")):
                # An estate can contain the same definition, for example of a role, twice: at the tenant level and at
                # the subscription. List such a definition only once.
                chosen.setdefault(key.rpartition("/")[2] if kind.endswith("definitions") else key, key)
        return list(chosen.values())

    def find(self, path: str) -> bytes | None:
        """Return the document at `path`, or None if there is no such document. If `path` is the path of a definition,
        also search at the tenant level.
        """
        found = self.documents.get(path)
        if found is None and (parts := split_path(path)).type.endswith("definitions"):
            found = self.documents.get(f"/providers/{parts.type}/{parts.names[-1]}") if parts.names else None
        return found

    def plan_is_standard(self, subscription: str, plan: str) -> bool:
        """Return whether the subscription's `pricings` document enables the Defender plan with this name."""
        raw = self.documents.get(
            f"/subscriptions/{subscription}/providers/microsoft.security/pricings/{plan}"
        )
        properties = json.loads(raw).get("properties") if raw else None
        tier = properties.get("pricingTier") if isinstance(properties, dict) else None
        return isinstance(tier, str) and tier.lower() == "standard"
