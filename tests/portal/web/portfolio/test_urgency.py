"""The most urgent fact about a customer, and the action that pages offer for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assessments.models import Assessment
from portal.queries.portfolio.by_tenant import ExceptionCounts
from portal.treatment.selectors.scores import Standing
from portal.web.portfolio.rows import Row
from portal.web.portfolio.urgency import set_most_urgent
from tenants.models import ServicePrincipal, Tenant
from tenants.roles import CAPABILITIES, Capability, Role

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNITS = {
    "done": {"done": 2},
    "failed": {"failed": 2},
    "partial": {"done": 1, "failed": 1},
    "cut short": {"done": 19, "cancelled": 2},
    "cancelled": {"cancelled": 2},
}


def principal(**values: Any) -> ServicePrincipal:
    return ServicePrincipal(client_id="11111111-1111-1111-1111-111111111111", **values)


def assessment(units: str = "done", state: str = Assessment.State.FINISHED) -> Assessment:
    return Assessment(number=3, state=state, summary={"units": UNITS[units]}, created_at=NOW, ended_at=NOW)


def row(**values: Any) -> Row:
    """Return the row of a customer. The customer has only the problems in the given values."""
    open_, overdue = values.pop("open", {}), values.pop("overdue", {})
    counts, states = values.pop("counts", {"pass": 9}), values.pop("states", {})
    standing = Standing(
        [
            *(("network", severity, "fail", "open", number) for severity, number in open_.items()),
            *(("network", "low", outcome, "", number) for outcome, number in counts.items()),
            *(("network", "low", "manual", state, number) for state, number in states.items()),
        ],
        overdue,
    )
    given: dict[str, Any] = {
        "tenant": Tenant(slug="contoso", name="Contoso"),
        "last": assessment(),
        "read_at": NOW,
        "history": [],
        "principals": [principal(expires_at=NOW + timedelta(days=200))],
        "rights": frozenset(Capability),
        "standing": standing,
        "exceptions": ExceptionCounts(),
        "worst_controls": [],
        "now": NOW,
    }
    found = Row(**(given | values))
    set_most_urgent(found)
    return found


CASES: dict[str, tuple[dict[str, Any], str, bool]] = {
    "no service principal": ({"principals": []}, "No service principal", True),
    "sign-in refused": (
        {"principals": [principal(last_error_code="AADSTS7000215")], "overdue": {"critical": 3}},
        "Sign-in refused, nothing can be read",
        True,
    ),
    "expired": (
        {"principals": [principal(expires_at=NOW - timedelta(hours=1))]},
        "Credential expired, nothing can be read",
        True,
    ),
    "overdue critical before open critical": (
        {"overdue": {"critical": 2, "high": 9}, "open": {"critical": 5}},
        "2 critical overdue",
        True,
    ),
    "several critical of one control": (
        {
            "open": {"critical": 12},
            "worst_controls": [("network-ssh-from-internet", 11), ("network-rdp-from-internet", 1)],
        },
        "11 × SSH open to the Internet",
        True,
    ),
    "one critical": (
        {"open": {"critical": 1}, "worst_controls": [("network-rdp-from-internet", 1)]},
        "RDP open to the Internet",
        True,
    ),
    "critical of unlisted controls": ({"open": {"critical": 4}}, "4 critical open", True),
    "never assessed": ({"last": None}, "Registered, not assessed yet", True),
    "failed": ({"last": assessment("failed")}, "Last assessment failed", True),
    "unknown": ({"counts": {"pass": 1, "unknown": 7}}, "7 unknown verdicts", True),
    "one unknown": ({"counts": {"pass": 1, "unknown": 1}}, "1 unknown verdict", True),
    "ends in 14 days": (
        {"principals": [principal(expires_at=NOW + timedelta(days=13, hours=1))]},
        "Credential ends in 14 days",
        True,
    ),
    "ends in 15 days": (
        {"principals": [principal(expires_at=NOW + timedelta(days=14, hours=1))]},
        "Nothing urgent",
        False,
    ),
    "ends tomorrow": (
        {"principals": [principal(expires_at=NOW + timedelta(days=1))]},
        "Credential ends in 1 day",
        True,
    ),
    "ends today": (
        {"principals": [principal(expires_at=NOW + timedelta(hours=1))]},
        "Credential ends in 1 day",
        True,
    ),
    "overdue": ({"overdue": {"high": 5, "low": 1}}, "6 overdue", True),
    "partial": ({"last": assessment("partial")}, "Last assessment read 1 of 2 units", True),
    "cancelled": (
        {"last": assessment("cancelled", state=Assessment.State.CANCELLED)},
        "Last assessment was cancelled",
        True,
    ),
    "cut short": (
        {"last": assessment("cut short", state=Assessment.State.CANCELLED)},
        "Last assessment read 19 of 21 units",
        True,
    ),
    "one to approve": ({"exceptions": ExceptionCounts(pending=1)}, "1 undecided exception", True),
    "two to approve": ({"exceptions": ExceptionCounts(pending=2)}, "2 undecided exceptions", True),
    "running": ({"last": assessment(state=Assessment.State.RUNNING)}, "Assessment running", False),
    "to attest": ({"states": {"manual": 2, "lapsed": 1}}, "3 attestations to answer", False),
    "calm": ({}, "Nothing urgent", False),
    "calm with delegated subscriptions only": (
        {"principals": [], "is_delegated": True},
        "Nothing urgent",
        False,
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_the_most_urgent_fact_is_shown(name: str) -> None:
    values, text, needs_attention = CASES[name]
    found = row(**values)
    assert (found.urgent.text, found.needs_attention) == (text, needs_attention)
    assert bool(found.urgent.action) is bool(found.urgent.url) is (text != "Nothing urgent")


def test_the_action_for_unknown_verdicts_names_no_missing_data() -> None:
    """Verdicts can be unknown although their data was read, so the action must not claim that data is missing."""
    assert row(counts={"pass": 1, "unknown": 7}).urgent.action == "Show unknown"


def test_rows_are_known_only_after_a_successful_reading() -> None:
    assert row().is_known
    assert not row(last=assessment("failed")).is_known
    assert not row(principals=[principal(last_error_code="AADSTS7000215")]).is_known
    assert row(last=assessment("partial")).is_known


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        (Role.TENANT_ADMINISTRATOR, ["Fix overdue", "Fix critical", "Replace credential", "Show request"]),
        (Role.APPROVER, ["Show overdue", "Show critical", "Show connection", "Review request"]),
        (Role.OWNER, ["Show mine", "Show mine", "Show connection", "Show request"]),
        (Role.AUDITOR, ["Show overdue", "Show critical", "Show connection", "Show request"]),
    ],
)
def test_actions_are_those_of_the_role(role: Role, actions: list[str]) -> None:
    """People are not asked to do what their role does not permit."""
    rights = CAPABILITIES[role]
    ending = [principal(expires_at=NOW + timedelta(days=3))]
    rows = [
        row(rights=rights, open={"critical": 2}, overdue={"critical": 1}),
        row(rights=rights, open={"critical": 2}),
        row(rights=rights, principals=ending),
        row(rights=rights, exceptions=ExceptionCounts(pending=1)),
    ]
    assert [one.urgent.action for one in rows] == actions
