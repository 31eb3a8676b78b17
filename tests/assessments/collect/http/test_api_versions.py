"""If a cloud lacks the newest api-version, Surety requests the newest version that the cloud offers and that is
sufficient for the controls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assessments.collect.http import api_versions
from assessments.collect.http.api_versions import (
    OfferedVersions,
    choose,
    describe_refusal,
    offered_in,
    with_version_of,
)
from assessments.collect.http.clouds import single_host
from assessments.collect.session import discover_subscriptions
from assessments.estate.collections import ALL
from assessments.estate.gap_texts import describe_gap
from assessments.estate.gaps import Reason
from assessments.management.sandboxed import Served, serve
from tests.assessments.collect import azure
from tests.for_each import for_each

UNIT = azure.guid(1)
NEWEST = "2023-09-01"
OFFERS = {
    "Microsoft.Network": ["2019-12-01", NEWEST, "2022-07-01", "2023-11-01-preview"],
    "Microsoft.Storage": ["2021-06-01", "2023-01-01"],
    "Microsoft.Security/pricings": ["2022-03-01", "2023-01-01"],
    "Microsoft.Resources": ["2016-06-01", "2019-11-01", "2021-04-01"],
    "Microsoft.Sql/servers/firewallRules": ["2014-04-01"],
}
NETWORK = ALL["network_security_groups"]


@pytest.fixture(scope="module")
def lines() -> list[azure.Line]:
    return [azure.directory(), *azure.subscription(UNIT)]


@pytest.fixture(scope="module")
def lagging(tmp_path_factory: pytest.TempPathFactory, lines: list[azure.Line]) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("lagging") / "estate.jsonl"
    with serve(azure.write(path, [*lines, {"cloud": {"versions": OFFERS}}])) as served:
        yield served


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory, lines: list[azure.Line]) -> Iterator[Served]:
    with serve(azure.write(tmp_path_factory.mktemp("current") / "estate.jsonl", lines)) as served:
        yield served


def refused(served: Served) -> Counter[str]:
    """Return the refused requests by path, and reset the statistics."""
    found = Counter(
        {r["path"]: r["count"] for r in azure.control_plane(served, "GET", "requests") if r["status"] >= 400}
    )
    azure.control_plane(served, "POST", "requests/reset")
    return found


class Shared:
    """A store of offered api-versions that several sessions share."""

    def __init__(self) -> None:
        self.values: dict[str, Sequence[str]] = {}

    def get(self, key: str) -> Sequence[str] | None:
        return self.values.get(key)

    def put(self, key: str, versions: Sequence[str], seconds: int) -> None:
        assert seconds == api_versions.SECONDS
        self.values[key] = versions


@pytest.mark.slow(seconds=1)
def test_a_lagging_cloud_is_judged_as_a_current_one(lagging: Served, current: Served) -> None:
    sections = ("network", "storage")
    behind = azure.judge(azure.session(lagging), UNIT, sections=sections)
    ahead = azure.judge(azure.session(current), UNIT, sections=sections)
    assert {key: str(r.verdict.outcome) for key, r in behind.results.items()} == {
        key: str(r.verdict.outcome) for key, r in ahead.results.items()
    }
    versions = {e.collection: e.api_version for r in behind.results.values() for e in r.evidence}
    assert versions["network_security_groups"] == NEWEST
    assert versions["storage_accounts"] == "2023-01-01"


@pytest.mark.slow(seconds=1)
def test_a_version_is_negotiated_once_for_all_sessions_that_share_it(lagging: Served) -> None:
    shared = Shared()
    refused(lagging)
    azure.judge(azure.session(lagging, versions=shared), UNIT, sections=("network", "storage"), threads=1)
    groups = f"/subscriptions/{UNIT}/providers/Microsoft.Network/networkSecurityGroups".casefold()
    first = {path.casefold(): count for path, count in refused(lagging).items()}
    assert first[groups] == 1
    azure.judge(azure.session(lagging, versions=shared), UNIT, sections=("network",), threads=1)
    assert groups not in {path.casefold() for path in refused(lagging)}
    # Without the shared store, another session has to find out the versions again.
    azure.judge(azure.session(lagging), UNIT, sections=("network",), threads=1)
    assert groups in {path.casefold() for path in refused(lagging)}


def test_newer_versions_are_asked_again_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("assessments.collect.http.api_versions.time.monotonic", lambda: now)
    known = OfferedVersions(single_host("https://here.invalid", ""))
    known.put("Microsoft.Sql/servers", ["2021-11-01"])
    assert known.get("microsoft.sql/Servers") == ("2021-11-01",)
    now += api_versions.SECONDS + 1
    assert known.get("Microsoft.Sql/servers") == ()


def test_clouds_do_not_share_what_they_offer() -> None:
    shared = Shared()
    one, other = (
        OfferedVersions(single_host(f"https://{name}.invalid", ""), shared) for name in ("one", "other")
    )
    one.put("Microsoft.Sql/servers", ["2021-11-01"])
    assert other.get("Microsoft.Sql/servers") == ()
    assert OfferedVersions(single_host("https://one.invalid", ""), shared).get("Microsoft.Sql/servers") == (
        "2021-11-01",
    )


def test_a_stored_offer_that_is_no_list_of_versions_is_ignored() -> None:
    shared = Shared()
    known = OfferedVersions(single_host("https://here.invalid", ""), shared)
    known.put("Microsoft.Sql/servers", ["2021-11-01"])
    shared.values = {key: ["../evil?x=1", "2023-08-01"] for key in shared.values}
    fresh = OfferedVersions(single_host("https://here.invalid", ""), shared)
    assert fresh.get("Microsoft.Sql/servers") == ("2023-08-01",)


@pytest.mark.slow(seconds=1)
def test_a_gap_names_asked_offered_and_needed_versions(lagging: Served) -> None:
    judged = azure.judge(azure.session(lagging), UNIT, sections=("sql",))
    gap = next(gap for gap in judged.estate.gaps() if gap.collection == "sql_firewall_rules")
    assert (gap.reason, gap.status, gap.api_version) == (Reason.API_VERSION, 400, "2025-01-01")
    assert describe_gap(gap) == (
        "This cloud does not offer api-version 2025-01-01 of Microsoft.Sql/servers/firewallRules. The newest "
        "supported api-versions are '2014-04-01'. Surety needs 2021-11-01 to 2025-01-01, no previews"
        " (SQL firewall rules, 400 NoRegisteredProviderFound)"
    )
    assert judged.verdict("sql-firewall-internet", "sql1") == "unknown"


def test_refusals_of_resource_manager_and_security_have_other_forms(lagging: Served) -> None:
    session = azure.session(lagging)
    assert [row["subscriptionId"] for row in discover_subscriptions(session)] == [UNIT]
    assert session.versions.get("Microsoft.Resources/subscriptions")[0] == "2021-04-01"
    list(session.pages(ALL["defender_pricings"], f"/subscriptions/{UNIT}"))
    assert session.versions.get("Microsoft.Security/pricings") == ("2023-01-01", "2022-03-01")


@for_each(
    ("status", "message", "versions"),
    [
        (
            400,
            (
                "No registered resource provider found for location 'usgovvirginia' and API version '2021-08-01' for"
                " type 'storageAccounts'. The supported api-versions are '2018-03-01-preview, 2021-06-01, 2019-06-01'."
                " The supported locations are 'usgoviowa, usgovvirginia'."
            ),
            ("2021-06-01", "2019-06-01", "2018-03-01-preview"),
        ),
        (
            404,
            (
                "The resource type 'pricings' could not be found in the namespace 'Microsoft.Security' for api version"
                " '2024-01-01'. The supported api-versions are '2023-01-01,2018-06-01,2017-08-01-preview'."
            ),
            ("2023-01-01", "2018-06-01", "2017-08-01-preview"),
        ),
        (
            400,
            "The api-version '2021-03-01' is invalid. The supported versions are '2014-04,2020-01-01'.",
            ("2020-01-01",),
        ),
        (404, "The resource type could not be found in the namespace 'Microsoft.X' for api version 'x'.", ()),
        (500, "The supported api-versions are '2020-01-01'.", ()),
    ],
)
def test_offers_are_read_from_every_form(status: int, message: str, versions: tuple[str, ...]) -> None:
    assert offered_in(status, message) == versions


@for_each(
    ("collection", "offered", "chosen"),
    [
        ("network_security_groups", ["2017-10-01", "2017-09-01"], "2017-10-01"),
        ("network_security_groups", ["2017-09-01", "2016-01-01"], ""),
        ("network_security_groups", ["2027-01-01", "2024-01-01"], "2024-01-01"),
        ("network_security_groups", ["2024-01-01-preview"], ""),
        ("policy_exemptions", ["2020-07-01-preview", "2020-06-01-preview"], "2020-07-01-preview"),
        ("policy_exemptions", ["2021-01-01-preview", "2021-01-01"], "2021-01-01"),
    ],
)
def test_the_newest_acceptable_version_is_chosen(collection: str, offered: list[str], chosen: str) -> None:
    assert choose(ALL[collection], offered) == chosen


def test_offered_versions_are_read_back_from_the_message_of_a_gap() -> None:
    """An export of evidence contains the message of a gap. Judging the export must give the same message again."""
    offered = tuple(f"20{year}-01-01" for year in range(29, 9, -1))
    text = describe_refusal(NETWORK, "2026-03-01", offered)
    assert len(text) <= 300
    assert describe_refusal(NETWORK, "2026-03-01", offered_in(400, text)) == text


def test_every_collection_of_arm_declares_what_it_accepts() -> None:
    declared: list[Any] = [c for c in ALL.values() if c.source == "arm"]
    assert declared
    for collection in declared:
        assert collection.resource_type, collection.name
        assert collection.specification, collection.name
        assert collection.accepts(collection.oldest_version), collection.name
        assert collection.accepts(collection.api_version), collection.name
        assert not collection.accepts("2010-01-01"), collection.name
        for version in collection.later_properties.values():
            assert collection.oldest_version[:10] < version[:10] <= collection.api_version[:10]
    assert not replace(NETWORK, oldest_version="").accepts("2025-01-01")


@for_each(
    ("collection", "version", "accepted"),
    [
        # Controls read `flowLogs` of virtual networks, which version 2022-09-01 introduced.
        ("virtual_networks", "2022-07-01", False),
        ("virtual_networks", "2022-09-01", True),
        # Only the preview version has the `condition` of a role's permissions. Controls do not need it, so version
        # 2022-04-01 is accepted too.
        ("role_definitions", "2022-05-01-preview", True),
        ("role_definitions", "2022-04-01", True),
        ("role_definitions", "2018-07-01", False),
    ],
)
def test_a_version_without_what_controls_read_is_not_accepted(
    collection: str, version: str, accepted: bool
) -> None:
    assert ALL[collection].accepts(version) is accepted


def test_pre_flight_negotiates_as_well(lagging: Served, tmp_path: Path) -> None:
    from assessments.controls.registry import catalogue
    from assessments.permissions.preflight import preflight

    control = catalogue()["network-ssh-from-internet"]
    report = preflight(
        azure.session(lagging),
        [UNIT],
        [control],
        client_id=azure.CLIENT,
        cloud="AzureUSGovernment",
        now=datetime.now(UTC),
    )
    assert [row.is_judged for row in report.controls] == [True]


@for_each(
    ("link", "expected"),
    [
        ("", ""),
        ("https://a/b?$skipToken=2", "https://a/b?$skipToken=2&api-version=2021-06-01"),
        ("https://a/b", "https://a/b?api-version=2021-06-01"),
        ("https://a/b?Api-Version=2020-01-01", "https://a/b?Api-Version=2020-01-01"),
    ],
)
def test_links_without_api_version_get_that_of_the_request(link: str, expected: str) -> None:
    assert with_version_of(link, "https://a/b?api-version=2021-06-01") == expected
    assert with_version_of(link, "https://graph/v1.0/users") == link
