"""Which rows are old, and which of them are kept because something cites them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from assessments.models import Unit
from portal.retention.kinds import KINDS
from tests import factories
from tests.portal.retention.customers import PLACE, Customer

pytestmark = pytest.mark.django_db
OTHER = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def customer(db: None) -> Customer:
    return Customer()


def test_database_and_code_agree_on_minimum_and_default() -> None:
    with connection.cursor() as cursor:
        for kind in KINDS.values():
            cursor.execute("SELECT retention_minimum(%s), retention_default(%s)", [kind.key, kind.key])
            assert cursor.fetchone() == (kind.minimum, kind.default), kind.key


def test_evidence(customer: Customer) -> None:
    """The name of each document says why the document is kept or deleted."""
    c = customer
    names = (
        "unused",
        "exact",
        "open",
        "passing",
        "old-assessment",
        "reported",
        "excepted",
        "in-use",
        "last",
        "list",
    )
    items = {name: c.document(name, 500) for name in names}
    items["exact"] = c.document("exactly", 400)
    items["young"] = c.document("young", 399)
    first = c.assessment(1, 500, ["old-assessment"])
    reported = c.assessment(2, 490, ["reported", "list"])
    c.assessment(3, 480, ["excepted"])
    c.assessment(4, 470, ["last"], places=[OTHER])
    c.assessment(5, 300, ["in-use"])
    c.assessment(6, 2, [])
    c.assessment(7, 1, [])
    c.report(1, 400, reported)
    c.exception(c.finding(1), 475, state="expired")
    c.finding(2, evidence=["open"], outcome="fail", state="open", failing_since=c.at(5))
    c.finding(3, evidence=["passing"])
    found = c.rows("evidence", 400)
    assert {name: found.get(item.pk, "newer") for name, item in items.items()} == {
        "unused": "",
        "exact": "newer",
        "open": "open_finding",
        "passing": "current",
        "old-assessment": "",
        "reported": "report",
        "list": "report",
        "excepted": "exception",
        "in-use": "period",
        "last": "current",
        "young": "newer",
    }
    manifests = {
        unit.assessment_id: found[unit.manifest_id] for unit in _units(c) if unit.manifest_id in found
    }
    assert manifests[first.pk] == ""
    assert manifests[reported.pk] == "report"
    assert sorted(manifests.values()) == ["", "current", "exception", "report"]


def test_evidence_of_a_customer_that_is_no_longer_assessed(customer: Customer) -> None:
    c = customer
    before, last, gone = c.document("before", 900), c.document("last", 900), c.document("gone", 900)
    c.assessment(1, 890, ["gone"])
    c.assessment(2, 880, ["before"])
    c.assessment(3, 870, ["last"])
    found = c.rows("evidence", 400)
    assert (found[gone.pk], found[before.pk], found[last.pk]) == ("", "current", "current")


def test_versions(customer: Customer) -> None:
    c = customer
    run = c.assessment(1, 1)
    old, replaced_now, present = c.resource("a", [900, 500, 399], run)
    (only,) = c.resource("b", [900], run)
    failing, excepted, now = c.resource("c", [900, 800, 700], run)
    subject = {"subject": "/subscriptions/x/C", "outcome": "fail", "state": "open"}
    finding = c.finding(1, **subject, failing_since=c.at(850))
    c.exception(finding, 750)
    found = c.rows("versions", 400)
    assert {row.document["days"]: found.get(row.pk, "newer") for row in (old, replaced_now, present)} == {
        900: "",
        500: "newer",  # It was the present version until 399 days ago.
        399: "newer",
    }
    assert [found[row.pk] for row in (only, failing, excepted, now)] == [
        "current",
        "open_finding",
        "exception",
        "current",
    ]


CHANGES: dict[str, tuple[list[tuple[int, str, str]], list[str]]] = {
    "only the first": ([(900, "", "pass")], ["current"]),
    "a pass followed by another verdict": ([(900, "", "pass"), (800, "pass", "fail")], ["", "current"]),
    "a pass whose value changed": (
        [(900, "", "pass"), (800, "pass", "pass"), (700, "pass", "pass")],
        ["current", "", "current"],
    ),
    "a closed failure": (
        [(900, "", "fail"), (800, "fail", "pass"), (700, "pass", "not_applicable")],
        ["", "", "current"],
    ),
    "an open failure": (
        [(950, "", "pass"), (900, "pass", "fail"), (800, "fail", "fail"), (700, "fail", "fail"), (5, "fail", "fail")],
        ["", "open_finding", "", "current", "newer"],
    ),
    "unknown in between does not close": (
        [(950, "", "fail"), (900, "fail", "unknown"), (800, "unknown", "fail")],
        ["open_finding", "open_finding", "current"],
    ),
    "closed only recently": (
        [(950, "", "fail"), (900, "fail", "fail"), (800, "fail", "fail"), (100, "fail", "pass")],
        ["open_finding", "", "current", "newer"],
    ),
    "gone and back": (
        [(950, "", "fail"), (900, "fail", "gone"), (800, "gone", "fail"), (750, "fail", "pass")],
        ["", "", "", "current"],
    ),
    "exactly as old": ([(900, "", "fail"), (800, "fail", "pass"), (400, "pass", "fail")], ["", "current", "newer"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_changes(customer: Customer, case: str) -> None:
    changes, expected = CHANGES[case]
    finding = customer.finding(1)
    rows = []
    for number, (days, before, after) in enumerate(changes, 1):
        ran = customer.assessment(number, days)
        rows.append(customer.change(finding, ran, before, after))
    found = customer.rows("changes", 400)
    assert [found.get(row.pk, "newer") for row in rows] == expected


def test_changes_of_exceptions_in_force_and_of_reports(customer: Customer) -> None:
    c = customer
    assessments = [c.assessment(number, days) for number, days in enumerate((900, 800, 700), 1)]
    kept, ended, plain = (c.finding(number) for number in (1, 2, 3))
    changes = {}
    for finding in (kept, ended, plain):
        for ran, (before, after) in zip(
            assessments, [("", "fail"), ("fail", "pass"), ("pass", "fail")], strict=True
        ):
            changes[finding.pk, ran.number] = c.change(finding, ran, before, after)
    c.exception(kept, 850)
    c.exception(ended, 850, state="expired")
    found = c.rows("changes", 400)
    assert [found[changes[kept.pk, number].pk] for number in (1, 2, 3)] == ["exception"] * 3
    assert [found[changes[ended.pk, number].pk] for number in (1, 2, 3)] == ["", "", "current"]
    c.report(1, 800, assessments[0])
    found = c.rows("changes", 400)
    # The report states the failure that change 1 began. Without change 2, it would not seem to have ended.
    assert [found[changes[plain.pk, number].pk] for number in (1, 2, 3)] == ["report", "report", "current"]


def test_end_of_a_failure_is_kept_if_a_report_cites_a_change_of_its_value(customer: Customer) -> None:
    c = customer
    finding = c.finding(1)
    assessments = [c.assessment(number, days) for number, days in enumerate((900, 800, 700, 600), 1)]
    verdicts = [("", "fail"), ("fail", "fail"), ("fail", "pass"), ("pass", "fail")]
    changes = [c.change(finding, ran, *one) for ran, one in zip(assessments, verdicts, strict=True)]
    c.report(1, 790, assessments[1])
    found = c.rows("changes", 400)
    # The report cites change 2. Without change 3, the failure in change 2 would seem to last until the present.
    assert [found[change.pk] for change in changes] == ["", "report", "report", "current"]


def test_assessments(customer: Customer) -> None:
    c = customer
    rows: dict[str, Any] = {"deletable": c.assessment(1, 900), "reported": c.assessment(2, 890)}
    rows["excepted"] = c.assessment(3, 880)
    rows["with changes"] = c.assessment(4, 870)
    rows["last of a place"] = c.assessment(5, 860, places=[OTHER])
    rows["failed report"] = c.assessment(6, 850)
    rows["exactly"] = c.assessment(7, 400)
    rows["before the last"] = c.assessment(8, 300)
    rows["last"] = c.assessment(9, 200)
    c.report(1, 800, rows["reported"])
    c.report(2, 800, rows["failed report"], state="failed", error="e", file="", sha256="")
    finding = c.finding(1)
    c.exception(finding, 875)
    c.change(finding, rows["with changes"], "", "pass")
    found = c.rows("assessments", 400)
    assert {name: found.get(row.pk, "newer") for name, row in rows.items()} == {
        "deletable": "",
        "reported": "report",
        "excepted": "exception",
        "with changes": "details",
        "last of a place": "current",
        "failed report": "report",
        "exactly": "newer",
        "before the last": "newer",
        "last": "newer",
    }


def test_last_whole_assessment_the_one_before_and_later_parts_are_kept(customer: Customer) -> None:
    c = customer
    rows = [c.assessment(1, 900), c.assessment(2, 890), c.assessment(3, 880)]
    rows.append(c.assessment(4, 870, only=[f"/subscriptions/{PLACE}"]))
    rows.append(c.assessment(5, 860, places=[], state="cancelled", summary={}))
    found = c.rows("assessments", 400)
    assert [found[row.pk] for row in rows] == ["", "current", "current", "current", "current"]


def test_reports(customer: Customer) -> None:
    c = customer
    ran = c.assessment(1, 900)
    rows = [
        c.report(1, 900, ran),
        c.report(2, 900, ran, framework="cis-5.0.0"),
        c.report(3, 900, ran, without_names=True),
        c.report(4, 900, ran, state="failed", error="e", file="", sha256=""),
        c.report(5, 900, ran, state="building", file="", sha256="", size=0),
        c.report(6, 400, ran),
        c.report(7, 399, ran, state="failed", error="e", file="", sha256=""),
        c.report(8, 900, ran, state="cancelled", file="", sha256="", size=0),
    ]
    found = c.rows("reports", 400)
    assert [found.get(row.pk, "newer") for row in rows] == [
        "",
        "current",
        "current",
        "",
        "newer",
        "newer",
        "newer",
        "",
    ]


def test_latest_report_of_each_kind_is_kept(customer: Customer) -> None:
    c = customer
    ran = c.assessment(1, 900)
    rows = [
        c.report(1, 900, ran),
        c.report(2, 890, ran, kind="executive"),
        c.report(3, 880, ran, kind="executive"),
    ]
    found = c.rows("reports", 400)
    assert [found[row.pk] for row in rows] == ["current", "", "current"]


def _units(customer: Customer) -> list[Any]:
    with factories.in_tenant(customer.tenant):
        return list(Unit.objects.all())
