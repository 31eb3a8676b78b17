"""Whatever Azure answers: the rest is judged rightly, and what could not be read is unknown with its reason."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from assessments.collect.policies import Patience
from assessments.estate.collection import Shape
from assessments.estate.gaps import Reason
from assessments.management.sandboxed import Served, serve
from tests.collect.azure import (
    NOW,
    Judged,
    Line,
    answer,
    control_plane,
    directory,
    guid,
    judge,
    session,
    subscription,
    write,
)

ACCOUNTS = "/providers/Microsoft.Storage/storageAccounts"
RULES = "/resourceGroups/rg-data/providers/Microsoft.Sql/servers/sql1/firewallRules"


def error(code: str, message: str = "No.") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


@dataclass(frozen=True)
class Fault:
    """Azure answers `path` (under the subscription) so; the collection then has a gap, or none."""

    name: str
    collection: str
    path: str
    status: int
    body: Any
    reason: Reason | None
    code: str = ""
    headers: dict[str, str] | None = None
    times: int | None = None
    documents: int = 0


REGISTRATION = "The subscription is not registered to use namespace 'Microsoft.Storage'."
LAGS = "No registered resource provider found. The supported api-versions are '2015-01-01'."
PAGE = [{"id": "/subscriptions/x/resourceGroups/g" + ACCOUNTS + "/z", "name": "z", "properties": {}}]
FAULTS = [
    Fault("403", "storage_accounts", ACCOUNTS, 403, error("AuthorizationFailed"), Reason.FORBIDDEN, "AuthorizationFailed"),
    Fault("403 on a child", "sql_firewall_rules", RULES, 403, error("AuthorizationFailed"), Reason.FORBIDDEN,
          "AuthorizationFailed"),
    Fault("403 in HTML", "storage_accounts", ACCOUNTS, 403, "<html>no</html>", Reason.FORBIDDEN),
    Fault("401 for ever", "storage_accounts", ACCOUNTS, 401, error("InvalidAuthenticationToken"),
          Reason.UNAUTHENTICATED, "InvalidAuthenticationToken"),
    Fault("404", "storage_accounts", ACCOUNTS, 404, error("InvalidResourceType"), Reason.NOT_FOUND, "InvalidResourceType"),
    Fault("404 on a child", "sql_firewall_rules", RULES, 404, error("ResourceNotFound"), Reason.NOT_FOUND,
          "ResourceNotFound"),
    Fault("no subscription", "storage_accounts", ACCOUNTS, 404, error("SubscriptionNotFound"), Reason.NOT_FOUND,
          "SubscriptionNotFound"),
    Fault("400", "storage_accounts", ACCOUNTS, 400, error("InvalidApiVersionParameter"), Reason.BAD_ANSWER,
          "InvalidApiVersionParameter"),
    Fault("licence", "storage_accounts", ACCOUNTS, 403, error("AadPremiumLicenseRequired"), Reason.LICENCE_MISSING,
          "AadPremiumLicenseRequired"),
    Fault("disabled", "storage_accounts", ACCOUNTS, 409, error("ReadOnlyDisabledSubscription"),
          Reason.SUBSCRIPTION_DISABLED, "ReadOnlyDisabledSubscription"),
    Fault("429 once", "storage_accounts", ACCOUNTS, 429, error("TooManyRequests"), None, headers={"Retry-After": "1"},
          times=1, documents=3),
    Fault("429 for an hour", "storage_accounts", ACCOUNTS, 429, error("TooManyRequests"), Reason.THROTTLED,
          "TooManyRequests", headers={"Retry-After": "3600"}),
    Fault("503 burst", "storage_accounts", ACCOUNTS, 503, error("ServerBusy"), None, times=3, documents=3),
    Fault("500 for ever", "storage_accounts", ACCOUNTS, 500, error("InternalServerError"), Reason.SERVER_ERROR,
          "InternalServerError"),
    Fault("502 in HTML", "storage_accounts", ACCOUNTS, 502, "<html>", Reason.SERVER_ERROR),
    Fault("redirect", "storage_accounts", ACCOUNTS, 302, None, Reason.BAD_ANSWER, headers={"Location": "https://x.test/"}),
    Fault("no JSON", "storage_accounts", ACCOUNTS, 200, "{'value': []}", Reason.BAD_ANSWER,
          headers={"Content-Type": "application/json"}),
    Fault("no JSON once", "storage_accounts", ACCOUNTS, 200, '{"value": [', None, times=1, documents=3,
          headers={"Content-Type": "application/json"}),
    Fault("no UTF-8", "storage_accounts", ACCOUNTS, 200, "", Reason.BAD_ANSWER),
    Fault("a list", "storage_accounts", ACCOUNTS, 200, [], Reason.BAD_ANSWER),
    Fault("null", "storage_accounts", ACCOUNTS, 200, {"value": None}, Reason.BAD_ANSWER),
    Fault("an object", "storage_accounts", ACCOUNTS, 200, {"value": {}}, Reason.BAD_ANSWER),
    Fault("no value", "storage_accounts", ACCOUNTS, 200, {"nextLink": ""}, Reason.BAD_ANSWER),
    Fault("texts", "storage_accounts", ACCOUNTS, 200, {"value": ["a"]}, Reason.BAD_ANSWER),
    Fault("setting is a list", "sql_server_auditing", RULES.replace("firewallRules", "auditingSettings/default"), 200, [1],
          Reason.BAD_ANSWER),
    Fault("link elsewhere", "storage_accounts", ACCOUNTS, 200, {"value": PAGE, "nextLink": "https://evil.test/more"},
          Reason.FOREIGN_HOST, documents=1),
    Fault("link to http", "storage_accounts", ACCOUNTS, 200, {"value": PAGE, "nextLink": "http://localhost/more"},
          Reason.FOREIGN_HOST, documents=1),
    Fault("link with user", "storage_accounts", ACCOUNTS, 200, {"value": PAGE, "nextLink": "https://localhost@evil.test/"},
          Reason.FOREIGN_HOST, documents=1),
    Fault("link is a number", "storage_accounts", ACCOUNTS, 200, {"value": PAGE, "nextLink": 7}, Reason.BAD_ANSWER,
          documents=1),
    Fault("link is no address", "storage_accounts", ACCOUNTS, 200, {"value": PAGE, "nextLink": "https://[x"},
          Reason.BAD_ANSWER, documents=1),
    Fault("circle", "storage_accounts", ACCOUNTS, 200,
          {"value": PAGE, "nextLink": f"/subscriptions/UNIT{ACCOUNTS}?api-version=2026-09-01"}, Reason.BAD_ANSWER,
          documents=1),
    Fault("a later page fails", "storage_accounts", ACCOUNTS, 200,
          {"value": PAGE, "nextLink": f"/subscriptions/UNIT/resourceGroups/no{ACCOUNTS}?api-version=2026-09-01"},
          Reason.NOT_FOUND, "ResourceGroupNotFound", documents=1),
    Fault("not registered", "storage_accounts", ACCOUNTS, 409, error("MissingSubscriptionRegistration", REGISTRATION), None),
    Fault("no such namespace", "storage_accounts", ACCOUNTS, 404, error("InvalidResourceNamespace"), None),
    Fault("the cloud lags behind", "storage_accounts", ACCOUNTS, 404, error("NoRegisteredProviderFound", LAGS),
          Reason.NOT_FOUND, "NoRegisteredProviderFound"),
    Fault("models refuse", "network_security_groups", "/providers/Microsoft.Network/networkSecurityGroups", 200,
          {"value": [{"id": 7, "properties": [], "tags": "x"}, {"name": None, "properties": "?"}]}, None, documents=2),
]  # fmt: skip
HEALTHY = guid(999)
IMPATIENT = Patience(retries=0)


def lines() -> Iterator[Line]:
    yield directory()
    yield from subscription(HEALTHY)
    for number, fault in enumerate(FAULTS):
        yield from subscription(guid(number))
        more: dict[str, Any] = {"headers": fault.headers or {}}
        if fault.times:
            more["times"] = fault.times
        body = json.loads(json.dumps(fault.body).replace("UNIT", guid(number)))
        yield answer(f"/subscriptions/{guid(number)}{fault.path}", fault.status, body, **more)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(write(tmp_path_factory.mktemp("faults") / "estate.jsonl", lines())) as served:
        yield served


@pytest.fixture(scope="module")
def healthy(served: Served) -> Judged:
    return judge(session(served), HEALTHY)


def test_the_healthy_one_has_every_kind_of_verdict(healthy: Judged) -> None:
    assert healthy.estate.gaps() == []
    assert healthy.verdict("storage-secure-transfer", "aplain") == "fail"
    assert healthy.verdict("storage-secure-transfer", "bsafe") == "pass"
    assert healthy.verdict("storage-public-blob", "aplain") == "fail"
    assert healthy.verdict("sql-firewall-internet", "sql1") == "fail"
    assert healthy.verdict("network-ssh-from-internet", "nsg1") == "fail"


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=[fault.name for fault in FAULTS])
def test_fault(number: int, served: Served, healthy: Judged) -> None:
    fault, unit = FAULTS[number], guid(number)
    began = time.monotonic()
    judged = judge(session(served), unit)
    assert time.monotonic() - began < 15, "a long Retry-After was slept through"
    gaps = [gap for gap in judged.estate.gaps() if gap.collection == fault.collection]
    if fault.reason is None:
        assert judged.estate.gaps() == []
    else:
        gap = gaps[0]
        assert (gap.reason, gap.code) == (fault.reason, fault.code), gap
        if fault.reason is not Reason.FOREIGN_HOST and fault.name != "a later page fails":
            assert gap.status == fault.status
        assert gap.permission.endswith("/read")
        assert fault.path.casefold() in gap.path.casefold()
    assert len(judged.estate.documents(fault.collection)) == fault.documents
    assert judged.report.throttled == (fault.status == 429)
    nothing_better(judged, healthy, unit, fault)


def nothing_better(judged: Judged, healthy: Judged, unit: str, fault: Fault) -> None:
    """Against the healthy twin a fault may make verdicts unknown; it must not touch what does not need it."""
    empty = fault.reason is None and not fault.documents
    for (slug, subject), result in healthy.results.items():
        needs = {collection.name for collection in result.control.needs}
        parents = {name for collection in result.control.needs for name in collection.after}
        twin = judged.results.get((slug, subject.replace(HEALTHY, unit)))
        if fault.collection not in needs | parents or (fault.reason is None and not empty and fault.documents > 2):
            assert twin is not None, (slug, subject)
            assert twin.verdict.outcome == result.verdict.outcome, (slug, subject)
        elif twin is not None and fault.reason is not None:
            assert twin.verdict.outcome in ("unknown", result.verdict.outcome), (slug, subject)
    if fault.reason is not None:
        scope = (f"/subscriptions/{unit}", "unknown")
        whose = {(r.subject, str(r.verdict.outcome)) for r in judged.results.values()}
        children = fault.collection.startswith("sql_")
        assert children or scope in whose
        if children:
            assert judged.verdict(
                "sql-server-auditing" if "auditing" in fault.collection else "sql-firewall-internet", "sql1"
            ) == "unknown"  # fmt: skip


GLOBAL = [
    ({"reset": 1}, {Reason.CONNECTION}),
    ({"truncate": 1}, {Reason.BAD_ANSWER, Reason.CONNECTION}),
    ({"invalid-json": 1}, {Reason.BAD_ANSWER}),
    ({"503": 1}, {Reason.SERVER_ERROR}),
]


@pytest.mark.parametrize(("faults", "reasons"), GLOBAL, ids=[next(iter(faults)) for faults, _ in GLOBAL])
def test_everything_fails(faults: dict[str, float], reasons: set[Reason], served: Served) -> None:
    reader = session(served)
    list(reader.arm.pages(reader.arm.url("/subscriptions", {"api-version": "2022-12-01"}), Shape.LIST, set()))
    control_plane(served, "POST", "faults", faults)
    try:
        judged = judge(reader, HEALTHY)
    finally:
        control_plane(served, "POST", "faults", {})
    assert {gap.reason for gap in judged.estate.gaps()} <= reasons
    assert judged.estate.gaps()
    assert {str(result.verdict.outcome) for result in judged.results.values()} == {"unknown"}


@pytest.mark.parametrize("faults", [{"reset": 0.2}, {"burst": 0.1}, {"truncate": 0.2}, {"expire-tokens": 8}, {"429": 0.2}])
def test_what_passes_changes_nothing(faults: dict[str, float], served: Served, healthy: Judged) -> None:
    control_plane(served, "POST", "faults", faults)
    try:
        judged = judge(session(served), HEALTHY, threads=2)
    finally:
        control_plane(served, "POST", "faults", {})
    assert judged.estate.gaps() == []
    assert {key: r.observed_sha256 for key, r in judged.results.items()} == {
        key: r.observed_sha256 for key, r in healthy.results.items()
    }
    assert judged.report.requests > healthy.report.requests
    assert judged.report.started > NOW.replace(year=2020)


def test_a_slow_answer_is_a_timeout(tmp_path: Any) -> None:
    estate = [directory(), *subscription(guid(1)), answer(f"/subscriptions/{guid(1)}{ACCOUNTS}", 200, {}, delay_ms=3000)]
    with serve(write(tmp_path / "estate.jsonl", estate)) as served:
        judged = judge(session(served, read_timeout=0.6, patience=IMPATIENT), guid(1))
    gap = judged.estate.gaps()[0]
    assert (gap.collection, gap.reason, gap.status) == ("blob_containers", Reason.TIMEOUT, None)
    assert judged.verdict("network-ssh-from-internet", "nsg1") == "fail"
