"""Faulty answers of Azure make the affected verdicts unknown, with a reason. All other verdicts stay correct."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from assessments.collect.errors import BadAnswer
from assessments.collect.failures import gap_of
from assessments.collect.http import bounded_answers, policies
from assessments.collect.http.policies import Patience, Tally, counted
from assessments.collect.session import discover_subscriptions
from assessments.collect.sign_in.refusals import AuthorityUnavailable
from assessments.estate.collection import Shape
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.gaps import Reason
from assessments.management.sandboxed import Served, serve
from tests.assessments.collect import azure
from tests.faults.cases import ACCOUNTS, FAULTS, Fault

HEALTHY = azure.guid(999)
IMPATIENT = Patience(retries=0)


def lines() -> Iterator[azure.Line]:
    yield azure.directory()
    yield from azure.subscription(HEALTHY)
    for number, fault in enumerate(FAULTS):
        yield from azure.subscription(azure.guid(number))
        more: dict[str, Any] = {"headers": fault.headers or {}}
        if fault.times:
            more["times"] = fault.times
        body = json.loads(json.dumps(fault.body).replace("UNIT", azure.guid(number)))
        yield azure.answer(f"/subscriptions/{azure.guid(number)}{fault.path}", fault.status, body, **more)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(azure.write(tmp_path_factory.mktemp("faults") / "estate.jsonl", lines())) as served:
        yield served


@pytest.fixture(scope="module")
def healthy(served: Served) -> azure.Judged:
    return azure.judge(azure.session(served), HEALTHY)


def test_assessment_without_faults_has_every_kind_of_verdict(healthy: azure.Judged) -> None:
    assert healthy.estate.gaps() == []
    assert healthy.verdict("storage-secure-transfer", "aplain") == "fail"
    assert healthy.verdict("storage-secure-transfer", "bsafe") == "pass"
    assert healthy.verdict("storage-public-blob", "aplain") == "fail"
    assert healthy.verdict("sql-firewall-internet", "sql1") == "fail"
    assert healthy.verdict("network-ssh-from-internet", "nsg1") == "fail"


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=[fault.name for fault in FAULTS])
def test_a_fault_makes_only_affected_verdicts_unknown(
    number: int, served: Served, healthy: azure.Judged
) -> None:
    fault, unit = FAULTS[number], azure.guid(number)
    began = time.monotonic()
    judged = azure.judge(azure.session(served), unit)
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
    assert judged.report.throttled == ((fault.times or 1) if fault.status == 429 else 0)
    assert_equal_or_unknown(judged, healthy, unit, fault)


def assert_equal_or_unknown(judged: azure.Judged, healthy: azure.Judged, unit: str, fault: Fault) -> None:
    """Compare the verdicts with those on a subscription without faults. Verdicts that need the faulty collection may be
    unknown instead. All other verdicts must be equal.
    """
    empty = fault.reason is None and not fault.documents
    for (slug, subject), result in healthy.results.items():
        needs = {collection.name for collection in result.control.needs}
        parents = {name for collection in result.control.needs for name in collection.after}
        twin = judged.results.get((slug, subject.replace(HEALTHY, unit)))
        if fault.collection not in needs | parents or (
            fault.reason is None and not empty and fault.documents > 2
        ):
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


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize(("faults", "reasons"), GLOBAL, ids=[next(iter(faults)) for faults, _ in GLOBAL])
def test_if_all_requests_fail_every_verdict_is_unknown(
    faults: dict[str, float], reasons: set[Reason], served: Served
) -> None:
    reader = azure.session(served)
    list(reader.arm.pages(reader.arm.url("/subscriptions", {"api-version": "2022-12-01"}), Shape.LIST, set()))
    azure.control_plane(served, "POST", "faults", faults)
    try:
        judged = azure.judge(reader, HEALTHY)
    finally:
        azure.control_plane(served, "POST", "faults", {})
    assert {gap.reason for gap in judged.estate.gaps()} <= reasons
    assert judged.estate.gaps()
    assert {str(result.verdict.outcome) for result in judged.results.values()} == {"unknown"}


@pytest.mark.parametrize(
    "faults", [{"reset": 0.2}, {"burst": 0.1}, {"truncate": 0.2}, {"expire-tokens": 20}, {"429": 0.2}]
)
def test_temporary_faults_change_nothing(
    faults: dict[str, float], served: Served, healthy: azure.Judged
) -> None:
    azure.control_plane(served, "POST", "faults", faults)
    try:
        judged = azure.judge(azure.session(served), HEALTHY, threads=2)
    finally:
        azure.control_plane(served, "POST", "faults", {})
    assert judged.estate.gaps() == []
    assert {key: r.observed_sha256 for key, r in judged.results.items()} == {
        key: r.observed_sha256 for key, r in healthy.results.items()
    }
    assert judged.report.requests > healthy.report.requests
    assert judged.report.started > azure.NOW.replace(year=2020)


def test_a_slow_answer_counts_as_a_timeout(tmp_path: Any) -> None:
    estate = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        azure.answer(f"/subscriptions/{azure.guid(1)}{ACCOUNTS}", 200, {}, delay_ms=3000),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", estate)) as served:
        judged = azure.judge(azure.session(served, read_timeout=0.6, patience=IMPATIENT), azure.guid(1))
    gap = judged.estate.gaps()[0]
    assert (gap.collection, gap.reason, gap.status) == ("blob_containers", Reason.TIMEOUT, None)
    assert judged.verdict("network-ssh-from-internet", "nsg1") == "fail"


@pytest.mark.parametrize(
    ("kind", "reason", "message"),
    [
        ("huge", Reason.BAD_ANSWER, "The answer has more than 32 MiB, so it was not read"),
        ("gzip-bomb", Reason.BAD_ANSWER, "The answer has more than 32 MiB, so it was not read"),
        ("endless", Reason.TIMEOUT, "The answer was not complete after 2 seconds"),
    ],
)
def test_answers_without_end_are_gaps_and_are_not_requested_again(
    kind: str, reason: Reason, message: str, served: Served
) -> None:
    """People enter the addresses of a custom cloud, so a hostile server could send huge or endless answers."""
    reader = azure.session(served, **({"read_timeout": 0.4} if kind == "endless" else {}))
    reader.sign_in()
    tally = Tally()
    azure.control_plane(served, "POST", "faults", {kind: 1})
    try:
        with counted(tally), pytest.raises(BadAnswer) as raised:
            list(reader.pages(STORAGE_ACCOUNTS, f"/subscriptions/{HEALTHY}"))
    finally:
        azure.control_plane(served, "POST", "faults", {})
    gap = gap_of(raised.value, STORAGE_ACCOUNTS, f"/subscriptions/{HEALTHY}", "")
    assert gap is not None
    assert (gap.reason, gap.message) == (reason, message)
    assert tally.requests == 1, "the request was repeated"
    # The next request succeeds, although the rest of the previous answer was not read.
    assert (
        len([row for page in reader.pages(STORAGE_ACCOUNTS, f"/subscriptions/{HEALTHY}") for row in page])
        == 3
    )


def test_all_verdicts_are_unknown_in_a_cloud_whose_answers_are_too_large(
    served: Served, healthy: azure.Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_answers, "MAX_ANSWER_BYTES", 2)
    reader = azure.session(served)
    with monkeypatch.context() as during_sign_in:
        during_sign_in.setattr(bounded_answers, "MAX_ANSWER_BYTES", 100_000)
        reader.sign_in()
    judged = azure.judge(reader, HEALTHY)
    assert {gap.reason for gap in judged.estate.gaps()} == {Reason.BAD_ANSWER}
    assert {str(result.verdict.outcome) for result in judged.results.values()} == {"unknown"}


def test_a_reading_ends_when_all_answers_together_are_too_large(
    served: Served, healthy: azure.Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "MAX_TOTAL_BYTES", 2_000)
    judged = azure.judge(azure.session(served), HEALTHY, threads=1)
    assert 1 < judged.report.requests < healthy.report.requests
    messages = {gap.message for gap in judged.estate.gaps()}
    assert messages == {"All answers together have more than 0 MiB, so no more were requested"}
    assert {gap.reason for gap in judged.estate.gaps()} == {Reason.BAD_ANSWER}
    reader = azure.session(served)
    reader.sign_in()
    monkeypatch.setattr(bounded_answers, "MAX_TOTAL_BYTES", 100)
    with pytest.raises(BadAnswer, match="The list has more than"):
        discover_subscriptions(reader)


def test_a_sign_in_with_a_huge_answer_is_refused(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_answers, "MAX_ANSWER_BYTES", 20)
    with pytest.raises(AuthorityUnavailable) as raised:
        azure.session(served).sign_in()
    assert raised.value.code == "unusable_answer"


def test_a_reading_ends_after_its_time(
    served: Served, healthy: azure.Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a time limit, a cloud with many slow pages would occupy a worker for weeks."""
    reader = azure.session(served)
    reader.sign_in()
    monkeypatch.setattr(policies, "MAX_READING_SECONDS", -1)
    judged = azure.judge(reader, HEALTHY)
    assert judged.report.requests == 0
    assert {gap.reason for gap in judged.estate.gaps()} == {Reason.TIMEOUT}
    assert {str(result.verdict.outcome) for result in judged.results.values()} == {"unknown"}
