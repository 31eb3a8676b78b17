"""Generated documents can be parsed with the models of Microsoft's SDKs."""

import copy
import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from assessments.estate.collections import ALL
from sandbox.generate.estate import Settings, generate
from sandbox.generate.output import Output
from tests.assessments.definitions.installed_libraries import INSTALLED
from tests.for_each import for_each
from tests.sandbox.arm_kinds import KINDS, WITHOUT_MODEL, Models

Json = dict[str, Any]


@cache
def documents() -> dict[str, list[Json]]:
    """Documents of several estates, by type."""
    by_type: dict[str, list[Json]] = {}
    for seed, rate in ((1, 0.2), (2, 0.5)):
        estate = io.StringIO()
        generate(Settings(subscriptions=8, seed=seed, fail_rate=rate, rare_rate=0.3), Output(estate))
        for line in estate.getvalue().splitlines():
            document = json.loads(line)
            if "id" in document:
                untyped = "provider" if "namespace" in document else "subscription"
                by_type.setdefault(document.get("type", untyped), []).append(document)
    return by_type


def camel(name: str) -> str:
    first, *rest = name.split("_")
    joined = first + "".join(part.capitalize() for part in rest)
    return joined.replace("IpAddress", "IPAddress") if joined.startswith("publicIp") else joined


def parse(model: Any, document: Json) -> Any:
    # Copy the document, because older models remove a key from it: the one that determines the subclass.
    return model.deserialize(copy.deepcopy(document)) if hasattr(model, "deserialize") else model(document)


def document_values(value: Any, path: list[str]) -> Iterator[Any]:
    """Yield all values at the path that exist and are not null."""
    return values_at(value, path, lambda document, name: document.get(name))


def model_values(value: Any, path: list[str]) -> Iterator[Any]:
    """Do the same as `document_values` for the attributes of a model. An unknown name raises AttributeError."""
    return values_at(value, path, getattr)


@cache
def parsed(kind: str) -> list[tuple[Json, Any]]:
    """Return the documents of a type, each with its model."""
    model = KINDS[kind][0]()
    return [(document, parse(model, document)) for document in documents()[kind]]


def values_at(value: Any, path: list[str], member: Callable[[Any, str], Any]) -> Iterator[Any]:
    if value is None:
        return
    if not path:
        yield value
    elif path[0] == "*":
        for one in value:
            yield from values_at(one, path[1:], member)
    else:
        yield from values_at(member(value, path[0]), path[1:], member)


def plain(value: Any) -> Any:
    """Return a model's value in the form that documents have. For dates and durations, return only the type."""
    if isinstance(value, datetime | timedelta):
        return type(value).__name__
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value.value if hasattr(value, "value") else value


CASES = [
    (kind, attribute.partition("=")[0], attribute.partition("=")[2])
    for kind, (_, attributes) in KINDS.items()
    for attribute in attributes.split()
]


@pytest.mark.slow(seconds=1)
@for_each(("kind", "attribute", "wire"), CASES, ids=str)
def test_models_have_the_values_of_the_document(kind: str, attribute: str, wire: str) -> None:
    path = (wire or "properties." + ".".join(camel(part) for part in attribute.split("."))).split(".")
    found = 0
    for document, model in parsed(kind):
        written = list(document_values(document, path))
        read = [plain(v) for v in model_values(model, attribute.split("."))]
        if read and set(map(str, read)) <= {"datetime", "timedelta"}:
            assert len(read) == len(written)
        else:
            assert read == written, document["id"]
        found += len(written)
    assert found, f"{'.'.join(path)} is in no document"


@pytest.mark.slow(seconds=1)
def test_every_type_is_checked_or_has_no_model() -> None:
    """A collected type has no model if no collection of this type was compared with an installed library."""
    with_model = {ALL[name].resource_type.casefold() for name in INSTALLED}
    collected = {collection.resource_type.casefold() for collection in ALL.values()}
    generated = set(documents()) - {"subscription"}
    without = {kind for kind in generated - set(KINDS) if kind.casefold() in collected - with_model}
    assert generated == set(KINDS) | WITHOUT_MODEL | without
    assert not WITHOUT_MODEL & without


@pytest.mark.slow(seconds=1)
def test_subscriptions_can_be_parsed() -> None:
    model = Models("azure.mgmt.resource.subscriptions").Subscription()
    for document in documents()["subscription"]:
        read = model(document)
        assert (read.display_name, read.tenant_id) == (document["displayName"], document["tenantId"])
        assert read.id == f"/subscriptions/{read.subscription_id}"


@pytest.mark.slow(seconds=1)
def test_diagnostic_settings_and_contacts_have_the_documented_members() -> None:
    for document in documents()["Microsoft.Insights/diagnosticSettings"]:
        properties = document["properties"]
        assert {"storageAccountId", "workspaceId", "eventHubAuthorizationRuleId", "logs"} <= set(properties)
        assert all(isinstance(log["enabled"], bool) for log in properties["logs"])
    for document in documents()["Microsoft.Security/securityContacts"]:
        properties = document["properties"]
        assert {"emails", "phone", "isEnabled", "notificationsByRole", "notificationsSources"} == set(
            properties
        )
        assert set(properties["notificationsByRole"]) == {"state", "roles"}
