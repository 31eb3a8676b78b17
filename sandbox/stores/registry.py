"""Read estate files into the registry of served directories, with their clients, ARM documents and Graph objects."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.estate import GUID, Answer, Client, Cloud, Directory, Document, GraphObject, read
from sandbox.paths import normalize
from sandbox.stores.arm import Store
from sandbox.stores.graph import GraphStore

_GENERATED = uuid.UUID("6f1d2b0c-7c1e-5b43-9a57-5d0c5a3e7d11")


@dataclass(slots=True)
class Registration:
    """A client of a directory, and the subscriptions that the client may read.

    `generated` is True if the sandbox has generated the client, because no line of the estate file declares a client.
    """

    client: Client
    tenant_id: str
    generated: bool
    subscriptions: frozenset[str] = frozenset()
    object_id: str = ""

    def __post_init__(self) -> None:
        self.object_id = own_id(self.tenant_id, self.client.client_id)


def own_id(tenant_id: str, client_id: str) -> str:
    """Return the object id of the service principal of a client."""
    return str(uuid.uuid5(_GENERATED, f"{tenant_id}/{client_id}"))


@dataclass(slots=True)
class Registry:
    """The registered clients, ARM documents and Graph objects of all directories, each by tenant id.

    `registrations` is {tenant id: {client id: registration}}. `warnings` are texts for people.
    """

    registrations: dict[str, dict[str, Registration]] = field(default_factory=dict)
    stores: dict[str, Store] = field(default_factory=dict)
    graphs: dict[str, GraphStore] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def all_stores(self) -> list[Store]:
        """Return every store of ARM documents once. Directories of the same estate file share a store."""
        return list({id(store): store for store in self.stores.values()}.values())

    def subscription_exists(self, subscription: str) -> bool:
        """Return whether any directory has the subscription."""
        return any(subscription in store.subscriptions for store in self.all_stores())


def load(paths: Iterable[Path]) -> Registry:
    """Read all estate files. Raise `EstateError` at the first invalid line."""
    registry = Registry()
    for path in paths:
        _add_file(registry, path)
    for clients in registry.registrations.values():
        for registration in clients.values():
            store = registry.stores[registration.tenant_id]
            registration.subscriptions = _granted(registration, store)
            registry.warnings += [
                f"client {registration.client.client_id} is granted subscription {missing}, "
                "which no estate file of its directory contains"
                for missing in sorted(registration.client.subscriptions - {"*"} - store.owners.keys())
            ]
    registry.warnings += [
        f"documents replaced by a later one with the same id: {store.repeated}"
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
        elif isinstance(line, Cloud):
            store.cloud = line
        else:
            directories.append(line)
    generated = not directories
    if generated:
        directories = [_generate_directory(store, path)]
    tenants = list(dict.fromkeys(directory.tenant_id for directory in directories))
    for subscription in store.subscriptions:
        # If the document of a subscription names no directory of this file, the subscription belongs to the first
        # directory of the file.
        if store.owners.get(subscription) not in tenants:
            store.owners[subscription] = tenants[0]
    registry.graphs.setdefault(tenants[0], GraphStore()).merge(graph)
    _share_store(registry, tenants, store)
    for directory in directories:
        clients = registry.registrations.setdefault(directory.tenant_id, {})
        for client in directory.clients:
            if client.client_id in clients:
                registry.warnings.append(
                    f"{path}: client {client.client_id} is declared more than once; the last declaration is used"
                )
            clients[client.client_id] = Registration(client, directory.tenant_id, generated)


def _share_store(registry: Registry, tenants: list[str], store: Store) -> None:
    """Let these directories share `store`. If some of them already have a store, first merge all these stores."""
    for other in list({id(s): s for t in tenants if (s := registry.stores.get(t))}.values()):
        other.merge(store)
        tenants = [*tenants, *(tenant for tenant, existing in registry.stores.items() if existing is store)]
        store = other
    for tenant in tenants:
        registry.stores[tenant] = store


def _generate_directory(store: Store, path: Path) -> Directory:
    owners = [owner for owner in store.owners.values() if GUID.fullmatch(owner)]
    basis = ",".join(sorted(store.subscriptions)) or path.name
    tenant = owners[0] if owners else str(uuid.uuid5(_GENERATED, basis))
    secret = hashlib.sha256(f"surety sandbox {tenant}".encode()).hexdigest()[:40]
    client = Client(
        str(uuid.uuid5(_GENERATED, f"client of {tenant}")),
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
