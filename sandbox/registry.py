"""What is served: directories with their clients and stores, put together from estate files."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.estate import GUID, Answer, Client, Directory, Document, GraphObject, read
from sandbox.graph_store import GraphStore
from sandbox.paths import normalize
from sandbox.store import Store

_MADE_UP = uuid.UUID("6f1d2b0c-7c1e-5b43-9a57-5d0c5a3e7d11")


@dataclass(slots=True)
class Registration:
    """A client in its directory, and the subscriptions it may read."""

    client: Client
    tenant_id: str
    made_up: bool
    subscriptions: frozenset[str] = frozenset()
    object_id: str = ""

    def __post_init__(self) -> None:
        self.object_id = str(uuid.uuid5(_MADE_UP, f"{self.tenant_id}/{self.client.client_id}"))


@dataclass(slots=True)
class Registry:
    """All directories, by tenant id: their clients by client id, their documents, their Graph objects."""

    registrations: dict[str, dict[str, Registration]] = field(default_factory=dict)
    stores: dict[str, Store] = field(default_factory=dict)
    graphs: dict[str, GraphStore] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def all_stores(self) -> list[Store]:
        """Every store once."""
        return list({id(store): store for store in self.stores.values()}.values())

    def subscription_exists(self, subscription: str) -> bool:
        """Whether any directory has it."""
        return any(subscription in store.subscriptions for store in self.all_stores())


def load(paths: Iterable[Path]) -> Registry:
    """Read all files. Raises `EstateError` at the first line that cannot be used."""
    registry = Registry()
    for path in paths:
        _add_file(registry, path)
    for clients in registry.registrations.values():
        for registration in clients.values():
            store = registry.stores[registration.tenant_id]
            registration.subscriptions = _granted(registration, store)
            registry.warnings += [
                f"client {registration.client.client_id} is granted subscription {missing}, "
                "which no estate of its directory holds"
                for missing in sorted(registration.client.subscriptions - {"*"} - store.owners.keys())
            ]
    registry.warnings += [
        f"{store.repeated} documents came more than once; the last of each is served"
        for store in registry.all_stores()
        if store.repeated
    ]
    return registry


def _add_file(registry: Registry, path: Path) -> None:
    store, graph, directories = Store(), GraphStore(), list[Directory]()
    for line in read(path):
        if isinstance(line, Document):
            store.add_document(line)
        elif isinstance(line, GraphObject):
            graph.add(line)
        elif isinstance(line, Answer):
            store.answers[normalize(line.path).lower()].append(line)
        else:
            directories.append(line)
    made_up = not directories
    if made_up:
        directories = [_made_up_directory(store, path)]
    tenants = list(dict.fromkeys(directory.tenant_id for directory in directories))
    for subscription in store.subscriptions:
        # The file's first directory owns what no document gives to another directory of the file.
        if store.owners.get(subscription) not in tenants:
            store.owners[subscription] = tenants[0]
    registry.graphs.setdefault(tenants[0], GraphStore()).merge(graph)
    _join(registry, tenants, store)
    for directory in directories:
        clients = registry.registrations.setdefault(directory.tenant_id, {})
        for client in directory.clients:
            if client.client_id in clients:
                registry.warnings.append(
                    f"{path}: client {client.client_id} came more than once; the last is served"
                )
            clients[client.client_id] = Registration(client, directory.tenant_id, made_up)


def _join(registry: Registry, tenants: list[str], store: Store) -> None:
    """Files of the same directory share one store."""
    for other in list({id(s): s for t in tenants if (s := registry.stores.get(t))}.values()):
        other.merge(store)
        tenants = [*tenants, *(tenant for tenant, held in registry.stores.items() if held is store)]
        store = other
    for tenant in tenants:
        registry.stores[tenant] = store


def _made_up_directory(store: Store, path: Path) -> Directory:
    owners = [owner for owner in store.owners.values() if GUID.fullmatch(owner)]
    basis = ",".join(sorted(store.subscriptions)) or path.name
    tenant = owners[0] if owners else str(uuid.uuid5(_MADE_UP, basis))
    secret = hashlib.sha256(f"surety sandbox {tenant}".encode()).hexdigest()[:40]
    client = Client(
        str(uuid.uuid5(_MADE_UP, f"client of {tenant}")),
        secret,
        None,
        None,
        frozenset({"*"}),
        frozenset({"*"}),
    )
    return Directory(tenant, (client,))


def _granted(registration: Registration, store: Store) -> frozenset[str]:
    wanted = registration.client.subscriptions
    return frozenset(
        subscription
        for subscription, owner in store.owners.items()
        if subscription in wanted or ("*" in wanted and owner == registration.tenant_id)
    )
