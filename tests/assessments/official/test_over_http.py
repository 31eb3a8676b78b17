"""Microsoft's example bodies, served by the sandbox and assessed with `manage.py assess_estate`, get the same verdicts.

The other tests of this folder judge the bodies directly. Here each body passes through requests, paging, targets and
gaps as in an assessment.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from assessments.estate.collection import Collection, Shape, Source
from assessments.estate.collections import ALL
from assessments.estate.estate import UnitKind
from assessments.export.lines import merged
from tests.assessments.collect.azure import Line, answer, write
from tests.assessments.controls.judging import DIRECTORY, SUB, TENANT, scoped
from tests.assessments.official import bodies
from tests.assessments.official.estates import BODIES, short_name
from tests.assessments.official.expected_verdicts import as_lines, expected, undecidable

NOW = "2026-11-25T12:00:00Z"
_PLACES = ("/subscriptions/", "/providers/")
# {collection: why the ids of its example bodies do not tell the sandbox to which list the bodies belong}
SERVED_AS_ANSWERS = {
    "activity_log_settings": "the ids have no leading slash",
    "management_group_log_settings": "the ids have no leading slash",
    "security_contacts": "the type in the id is securityContact, not securityContacts",
    "provider_operations": "the id is the word id",
    "subscription_policy": "the ids have no leading slash",
    "entra_log_settings": "the ids have no leading slash",
    "iot_solutions": "the ids have a location between type and name",
    "intune_log_settings": "the ids have no leading slash",
}
# Verdicts that are not those of `OFFICIAL_VERDICTS`, because here one estate contains all example bodies:
# {(control, subject): outcome, or None for no verdict}
DIFFERENT = {
    # Here, the list of Defender's recommendations also contains the recommendation in `software_updates`.
    ("defender-no-open-recommendations", "unit"): None,
    ("defender-no-open-recommendations", "5d2f0c1e"): "fail",
    # This account is in the other subscription, which is a unit of its own here.
    ("logging-storage-encryption", "wzstorage002"): None,
    ("logging-storage-secure-transfer", "wzstorage002"): None,
    # The collections `group_members` and `excluded_group_members` have the same address, so both get all members.
    ("identity-mfa-azure-writers", "11111111"): "unknown",
    # Here, the list of all resources contains the storage accounts, so the control applies.
    ("defender-plan-storage", "StorageAccounts"): "pass",
    # Two bodies of this network are merged here, and the one in `sql_networks` has a subnet.
    ("logging-flow-analytics", "vnet2"): "fail",
    ("network-subnet-nsg", "default"): "fail",
    ("network-subnet-nsg", "vnet2"): None,
    # Two examples of this API Management service are merged here, and one of them has the tier Consumption.
    ("logging-platform", "vvktestcons"): "not_applicable",
    # Here, the list of all resources also contains the SKUs of the resources.
    ("platform-production-sku", "unit"): "manual",
    # `isUcEnabled` is true in the example of the list, which counts here, and false in the example of the workspace.
    ("databricks-unity-catalog", "myWorkspace1"): "pass",
    # Here, the document has an api-version that knows the property `minimumTlsVersion`. So if the property is absent,
    # the default applies.
    ("servicebus-tls", "SBPremium"): "pass",
}


def lines() -> Iterator[Line]:
    """Yield the lines of an estate file with all example bodies."""
    permissions = {p for c in ALL.values() if c.source is Source.GRAPH for p in c.permissions}
    client = {"clientId": TENANT, "secret": "s-1", "subscriptions": ["*"], "graph": sorted(permissions)}
    yield {"directory": {"tenantId": TENANT, "clients": [client]}}
    documents: dict[str, Any] = {}
    graph: dict[str, Any] = {}
    for kind in (UnitKind.SUBSCRIPTION, UnitKind.DIRECTORY):
        for name, scopes in scoped(BODIES[kind]).items():
            for scope, held in scopes.items():
                collection = ALL[name]
                path = _path(collection, scope)
                if name in SERVED_AS_ANSWERS:
                    body = {"value": held} if collection.shape is Shape.LIST else held[0]
                    yield answer(path, 200, body)
                elif collection.source is Source.GRAPH and collection.shape is Shape.LIST:
                    graph.setdefault(path.strip("/"), []).extend(held)
                elif collection.source is Source.GRAPH:
                    graph[path.strip("/")] = held[0]
                else:
                    for body in held:
                        identifier = body.get("id") or path
                        copied = json.loads(json.dumps({**body, "id": identifier}))
                        known = documents.get(identifier.casefold(), {})
                        documents[identifier.casefold()] = merged(known, copied)
    yield from ({"graph": path, "value": value} for path, value in graph.items())
    yield from documents.values()
    yield from (
        answer(_path(ALL[name], scope), 404, {"error": {"code": "ResourceNotFound", "message": "Not found."}})
        for name, scope in bodies.ABSENT
    )


def _path(collection: Collection, scope: str) -> str:
    return collection.path.replace("{scope}", scope).partition("?")[0]


@pytest.mark.slow(seconds=1)
def test_an_assessment_of_official_bodies_judges_them_as_a_person_would(tmp_path: Path) -> None:
    out = io.StringIO()
    estate = write(tmp_path / "official.jsonl", lines())
    call_command("assess_estate", str(estate), "--now", NOW, stdout=out, stderr=io.StringIO())
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    found = {
        (row["control"], short_name(row["subject"])): row["verdict"]
        for row in rows
        if row["subject"].startswith((SUB, DIRECTORY))
    }
    wanted = {**expected(), **{key: outcome for key, outcome in DIFFERENT.items() if outcome is not None}}
    for key, outcome in DIFFERENT.items():
        if outcome is None:
            del wanted[key]
    new, old = found.items() - wanted.items(), wanted.items() - found.items()
    assert found == wanted, (
        "enter these verdicts in OFFICIAL_VERDICTS of these modules, or in DIFFERENT:\n"
        f"{as_lines(new)}\nand remove these:\n{as_lines(old)}"
    )
    unknown = {key for key, outcome in found.items() if outcome == "unknown"}
    assert unknown - DIFFERENT.keys() == undecidable() - DIFFERENT.keys()


def test_only_named_collections_are_served_as_answers() -> None:
    odd = set()
    for kind in (UnitKind.SUBSCRIPTION, UnitKind.DIRECTORY):
        for name, scopes in scoped(BODIES[kind]).items():
            listed = [
                b["id"]
                for held in scopes.values()
                for b in held
                if ALL[name].source is Source.ARM and "id" in b
            ]
            if any(not identifier.startswith(_PLACES) for identifier in listed):
                odd.add(name)
    assert odd <= SERVED_AS_ANSWERS.keys()
