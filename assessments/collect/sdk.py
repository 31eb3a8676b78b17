"""Which SDK operation asks for a collection, as data, and how its wire JSON is kept.

The SDKs make the request and follow the pages. Their models are not used as evidence: the older ones drop
properties they do not know and flatten the rest (azure-mgmt-monitor 7, -security 7, -authorization 4). So
the wire JSON is captured by `raw_response_hook`, which azure-core calls for every page; a page that a model
refuses counts all the same and the rest is followed by plain requests.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from azure.core.exceptions import DeserializationError, SerializationError
from azure.core.paging import ItemPaged
from azure.core.pipeline import Pipeline, PipelineResponse

from assessments.collect.clouds import Endpoints
from assessments.collect.credentials import Credential
from assessments.collect.rest import Rest, wire_of
from assessments.collect.wire import Document, documents_of, next_link
from assessments.estate.collection import Collection
from assessments.estate.ids import subscription_of


class Library(Enum):
    """A client class: module, name, and whether its constructor (else each call) takes the api-version."""

    STORAGE = ("azure.mgmt.storage", "StorageManagementClient", True)
    SQL = ("azure.mgmt.sql", "SqlManagementClient", True)
    NETWORK = ("azure.mgmt.network", "NetworkManagementClient", False)
    COMPUTE = ("azure.mgmt.compute", "ComputeManagementClient", False)
    MONITOR = ("azure.mgmt.monitor", "MonitorManagementClient", False)
    SECURITY = ("azure.mgmt.security", "SecurityCenter", False)
    AUTHORIZATION = ("azure.mgmt.authorization", "AuthorizationManagementClient", False)
    RESOURCES = ("azure.mgmt.resource.resources", "ResourceManagementClient", True)
    POLICY = ("azure.mgmt.resource.policy", "PolicyClient", True)


class Takes(Enum):
    """What an operation is called with, from the scope."""

    NOTHING = "nothing"
    SCOPE = "scope"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class Operation:
    """`client.<group>.<method>(...)`; `last` are arguments after the resource's names."""

    library: Library
    group: str
    method: str
    takes: Takes = Takes.NOTHING
    last: tuple[str, ...] = ()


_L, _T = Library, Takes
OPERATIONS: dict[str, Operation] = {
    "storage_accounts": Operation(_L.STORAGE, "storage_accounts", "list"),
    "foreign_log_accounts": Operation(_L.STORAGE, "storage_accounts", "get_properties", _T.NAMES),
    "blob_containers": Operation(_L.STORAGE, "blob_containers", "list", _T.NAMES),
    "blob_services": Operation(_L.STORAGE, "blob_services", "get_service_properties", _T.NAMES),
    "file_shares": Operation(_L.STORAGE, "file_shares", "list", _T.NAMES),
    "management_policies": Operation(_L.STORAGE, "management_policies", "get", _T.NAMES, ("default",)),
    "network_security_groups": Operation(_L.NETWORK, "network_security_groups", "list_all"),
    "network_interfaces": Operation(_L.NETWORK, "network_interfaces", "list_all"),
    "network_watchers": Operation(_L.NETWORK, "network_watchers", "list_all"),
    "flow_logs": Operation(_L.NETWORK, "flow_logs", "list", _T.NAMES),
    "foreign_flow_logs": Operation(_L.NETWORK, "flow_logs", "get", _T.NAMES),
    "virtual_networks": Operation(_L.NETWORK, "virtual_networks", "list_all"),
    "sql_servers": Operation(_L.SQL, "servers", "list"),
    "sql_firewall_rules": Operation(_L.SQL, "firewall_rules", "list_by_server", _T.NAMES),
    "sql_ipv6_firewall_rules": Operation(_L.SQL, "ipv6_firewall_rules", "list_by_server", _T.NAMES),
    "sql_virtual_network_rules": Operation(_L.SQL, "virtual_network_rules", "list_by_server", _T.NAMES),
    "sql_server_auditing": Operation(_L.SQL, "server_blob_auditing_policies", "get", _T.NAMES),
    "sql_databases": Operation(_L.SQL, "databases", "list_by_server", _T.NAMES),
    "sql_database_auditing": Operation(_L.SQL, "database_blob_auditing_policies", "get", _T.NAMES),
    "sql_alert_policies": Operation(_L.SQL, "server_security_alert_policies", "get", _T.NAMES, ("Default",)),
    "managed_instances": Operation(_L.SQL, "managed_instances", "list"),
    "managed_instance_atp": Operation(
        _L.SQL, "managed_instance_advanced_threat_protection_settings", "get", _T.NAMES, ("Default",)
    ),
    "sql_networks": Operation(_L.NETWORK, "virtual_networks", "get", _T.NAMES),
    "sql_public_addresses": Operation(_L.NETWORK, "public_ip_addresses", "get", _T.NAMES),
    "activity_log_alerts": Operation(_L.MONITOR, "activity_log_alerts", "list_by_subscription_id"),
    "alerts_elsewhere": Operation(_L.MONITOR, "activity_log_alerts", "list_by_subscription_id"),
    "action_groups": Operation(_L.MONITOR, "action_groups", "list_by_subscription_id"),
    "foreign_action_groups": Operation(_L.MONITOR, "action_groups", "get", _T.NAMES),
    "resources": Operation(_L.RESOURCES, "resources", "list"),
    "defender_pricings": Operation(_L.SECURITY, "pricings", "list", _T.SCOPE),
    "security_settings": Operation(_L.SECURITY, "settings", "list"),
    "vulnerability_settings": Operation(
        _L.SECURITY, "server_vulnerability_assessments_settings", "list_by_subscription"
    ),
    "auto_provisioning": Operation(_L.SECURITY, "auto_provisioning_settings", "list"),
    "security_assessments": Operation(_L.SECURITY, "assessments", "list", _T.SCOPE),
    "security_subassessments": Operation(_L.SECURITY, "sub_assessments", "list_all", _T.SCOPE),
    "security_assessments_metadata": Operation(_L.SECURITY, "assessments_metadata", "list_by_subscription"),
    "secure_scores": Operation(_L.SECURITY, "secure_scores", "list"),
    "policy_assignments": Operation(_L.POLICY, "policy_assignments", "list"),
    "role_assignments": Operation(_L.AUTHORIZATION, "role_assignments", "list_for_subscription"),
    "role_definitions": Operation(_L.AUTHORIZATION, "role_definitions", "list", _T.SCOPE),
    "role_eligibilities": Operation(
        _L.AUTHORIZATION, "role_eligibility_schedule_instances", "list_for_scope", _T.SCOPE
    ),
    "classic_administrators": Operation(_L.AUTHORIZATION, "classic_administrators", "list"),
    "virtual_machines": Operation(_L.COMPUTE, "virtual_machines", "list_all"),
    "virtual_machine_statuses": Operation(_L.COMPUTE, "virtual_machines", "list_all"),
    "virtual_machine_extensions": Operation(_L.COMPUTE, "virtual_machine_extensions", "list", _T.NAMES),
    "disks": Operation(_L.COMPUTE, "disks", "list"),
}
# securityContacts, diagnosticSettings, policyExemptions, guest configuration, workspaces and SQL virtual
# machines have no operation of the wanted version in the SDKs of November 2026: they go as plain requests.

# What a client raises when it cannot build the request or its models refuse the answer.
_REFUSALS = (DeserializationError, SerializationError, AttributeError, TypeError, KeyError, ValueError)
_KEPT_CLIENTS = 256


class Clients:
    """The SDK clients of one session, made when needed; all use the session's one pipeline."""

    def __init__(self, endpoints: Endpoints, credential: Credential, pipeline: Pipeline[Any, Any]) -> None:
        self._endpoints, self._credential, self._pipeline = endpoints, credential, pipeline
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Library, str, str, str], Any] = OrderedDict()

    def group(self, operation: Operation, subscription: str, version: str) -> Any:
        """The operation group of a client for one subscription."""
        key = (operation.library, operation.group, subscription, version)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            group = getattr(self._client(operation.library, subscription, version), operation.group)
            self._kept[key] = group
            if len(self._kept) > _KEPT_CLIENTS:
                self._kept.popitem(last=False)
            return group

    def _client(self, library: Library, subscription: str, version: str) -> Any:
        module, name, in_constructor = library.value
        # Imported when first needed: web processes never pay for it.
        client = getattr(importlib.import_module(module), name)
        # What its models do not know is no news: they are not what is kept.
        logging.getLogger(module).setLevel(logging.ERROR)
        more = {"api_version": version} if in_constructor else {}
        # An empty list of policies: the clients would else make their own, with the one that registers
        # providers.
        return client(
            self._credential,
            subscription,
            base_url=self._endpoints.arm,
            credential_scopes=[self._endpoints.arm_scope],
            pipeline=self._pipeline,
            policies=[],
            **more,
        )


def arguments(operation: Operation, scope: str) -> tuple[str, ...] | None:
    """What to call the operation with for a scope; None where the scope's id has another form."""
    parts = scope.strip("/").split("/")
    if operation.takes is Takes.NOTHING:
        return operation.last
    if operation.takes is Takes.SCOPE:
        return (scope.strip("/"), *operation.last)
    # subscriptions/S/resourceGroups/G/providers/N/type/name[/type/name]
    if len(parts) < 8 or len(parts) % 2 or parts[2].casefold() != "resourcegroups":
        return None
    return (parts[3], *parts[7::2], *operation.last)


def pages(
    clients: Clients, rest: Rest, operation: Operation, collection: Collection, scope: str, url: str
) -> Iterator[list[Document]]:
    """The pages of a collection at a scope; `url` is the plain request for the same."""
    called_with = arguments(operation, scope)
    seen: set[str] = set()
    if called_with is None:
        yield from rest.pages(url, collection.shape, seen)
        return
    captured: list[PipelineResponse[Any, Any]] = []

    def capture(response: PipelineResponse[Any, Any]) -> None:
        if response.http_response.status_code == 200:
            captured.append(response)

    options: dict[str, Any] = {"raw_response_hook": capture, "params": dict(collection.query)}
    if not operation.library.value[2]:
        options["api_version"] = collection.api_version
    group = clients.group(operation, subscription_of(scope), collection.api_version)
    answers: Iterator[Any] | None = None
    link = url
    while link:
        captured.clear()
        refused = False
        try:
            if answers is None:
                answer = getattr(group, operation.method)(*called_with, **options)
                answers = answer.by_page() if isinstance(answer, ItemPaged) else iter(())
            # An operation without pages has made its request in the call.
            if not captured:
                next(answers, None)
        except _REFUSALS:
            refused = True
        if not captured:
            # The SDK could not build the request, or takes an operation for unpaged that has another page.
            yield from rest.pages(link, collection.shape, seen)
            return
        wire = wire_of(captured[-1])
        yield documents_of(wire, collection.shape)
        link = next_link(wire, seen)
        if refused and link:
            yield from rest.pages(link, collection.shape, seen)
            return
