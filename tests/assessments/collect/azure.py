"""A small customer: lines of an estate file, a sandbox that serves them, sessions, and the results of a unit."""

from __future__ import annotations

import json
import ssl
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assessments.collect.http.clouds import single_host
from assessments.collect.http.policies import Patience
from assessments.collect.run import CollectReport, collect
from assessments.collect.session import Session
from assessments.controls.registry import catalogue
from assessments.estate.collection import Collection
from assessments.estate.estate import Estate, UnitKind
from assessments.evaluate import Result, evaluate
from assessments.management.sandboxed import Served

DIRECTORY = "90000000-0000-0000-0000-00000000000d"
CLIENT = "c0000000-0000-0000-0000-00000000000c"
SECRET = "a-Secret~of.the_tests"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
QUICK = Patience(retries=4, backoff=0.01, backoff_max=0.05)
Line = Mapping[str, Any]


def guid(number: int) -> str:
    return f"10000000-0000-0000-0000-{number:012d}"


def directory(**client: Any) -> Line:
    one = {"clientId": CLIENT, "secret": SECRET, "subscriptions": ["*"], "graph": ["*"], **client}
    return {"directory": {"tenantId": DIRECTORY, "clients": [one]}}


def answer(path: str, status: int, body: Any = None, **more: Any) -> Line:
    return {"answer": {"path": path, "status": status, "body": body, **more}}


def subscription(guid: str) -> list[Line]:
    """Return resources of all types that the storage, network and SQL controls judge. Some of the resources fail."""
    scope = f"/subscriptions/{guid}"
    group = f"{scope}/resourceGroups/rg-data"
    account = f"{group}/providers/Microsoft.Storage/storageAccounts"
    server = f"{group}/providers/Microsoft.Sql/servers/sql1"
    network = f"{group}/providers/Microsoft.Network/networkSecurityGroups/nsg1"
    rule = {
        "protocol": "Tcp",
        "access": "Allow",
        "direction": "Inbound",
        "priority": 100,
        "sourcePortRange": "*",
        "sourceAddressPrefix": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "22",
    }
    return [
        {
            "id": scope,
            "subscriptionId": guid,
            "displayName": "One",
            "tenantId": DIRECTORY,
            "state": "Enabled",
        },
        *(
            {
                "id": f"{account}/{name}",
                "name": name,
                "type": "Microsoft.Storage/storageAccounts",
                "kind": "StorageV2",
                "location": "westeurope",
                "properties": {
                    "supportsHttpsTrafficOnly": https,
                    "allowBlobPublicAccess": True,
                    "somethingNew": 1,
                },
            }
            for name, https in (("aplain", False), ("bsafe", True), ("csafe", True))
        ),
        {
            "id": f"{account}/aplain/blobServices/default/containers/open",
            "name": "open",
            "type": "Microsoft.Storage/storageAccounts/blobServices/containers",
            "properties": {"publicAccess": "Container"},
        },
        {
            "id": server,
            "name": "sql1",
            "type": "Microsoft.Sql/servers",
            "location": "westeurope",
            "properties": {"publicNetworkAccess": "Enabled"},
        },
        {
            "id": f"{server}/firewallRules/everyone",
            "name": "everyone",
            "type": "Microsoft.Sql/servers/firewallRules",
            "properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"},
        },
        {
            "id": network,
            "name": "nsg1",
            "type": "Microsoft.Network/networkSecurityGroups",
            "location": "westeurope",
            "properties": {
                "securityRules": [{"id": f"{network}/securityRules/ssh", "name": "ssh", "properties": rule}],
                "defaultSecurityRules": [],
                "subnets": [{"id": f"{group}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"}],
            },
        },
    ]


def write(path: Path, lines: Iterable[Line]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def session(served: Served, **more: Any) -> Session:
    given: dict[str, Any] = {"secret": SECRET, "patience": QUICK, **more}
    return Session(single_host(served.url, served.ca), DIRECTORY, given.pop("client_id", CLIENT), **given)


@dataclass
class Judged:
    """One unit, collected and judged with the whole catalogue or the given sections."""

    estate: Estate
    report: CollectReport
    results: dict[tuple[str, str], Result]

    def verdict(self, control: str, name: str = "") -> str:
        """The verdict on the subject whose id ends in `name`."""
        found = [
            r for (slug, subject), r in self.results.items() if slug == control and subject.endswith(name)
        ]
        assert len(found) == 1, (control, name, [r.subject for r in found])
        return str(found[0].verdict.outcome)


def judge(
    session: Session,
    unit: str,
    *,
    kind: UnitKind = UnitKind.SUBSCRIPTION,
    subscriptions: tuple[str, ...] = (),
    sections: tuple[str, ...] = ("storage", "network", "sql"),
    assessed: tuple[str, ...] = (),
    foreign: tuple[str, ...] = (),
    **more: Any,
) -> Judged:
    controls = [control for control in catalogue().values() if control.section in sections]
    estate = Estate(
        kind=kind,
        unit_id=unit,
        subscriptions=subscriptions or (unit,),
        now=NOW,
        assessed=assessed,
        foreign=foreign,
    )
    report = collect(estate, controls, session, **more)
    results = {
        (result.control.slug, result.subject.casefold()): result for result in evaluate(estate, controls)
    }
    return Judged(estate, report, results)


def collected(session: Session, unit: str, collection: Collection) -> Estate:
    """Collect this collection and the collections on which it depends, even if no control needs it."""
    control = replace(
        next(iter(catalogue().values())), needs=(collection,), optional=(), unit=collection.unit
    )
    estate = Estate(kind=collection.unit, unit_id=unit, subscriptions=(unit,), now=NOW)
    collect(estate, [control], session)
    return estate


def control_plane(served: Served, method: str, path: str, body: Any = None) -> Any:
    """Send a request to the sandbox's own API, below `/_sandbox/`, and return the answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{served.url}/_sandbox/{path}", method=method, data=data)
    with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=served.ca)) as reply:
        text = reply.read()
    return json.loads(text) if text else None
