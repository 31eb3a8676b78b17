"""The controls to fix first, compared with a computation that looks at each finding."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.models import Assessment, Finding
from portal.queries.tenant_overview.fix_next import FixGroup, fix_next
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.due_dates import due_at
from portal.treatment.states import shown_state
from portal.web.shared.headline import headline, with_links
from tenants.models import Person, Tenant
from tenants.roles import Role
from tests import factories
from tests.portal.web.random_findings import populate


@pytest.mark.parametrize("seed", range(4))
def test_groups_equal_those_of_single_findings(db: None, seed: int) -> None:
    organization = factories.organization()
    people = [factories.member(Role.ORGANIZATION_ENGINEER, organization) for _ in range(2)]
    tenant, now = factories.tenant(organization), timezone.now()
    with factories.in_tenant(tenant):
        populate(tenant, people, now, seed)
        found = fix_next(tenant, Finding.objects.all(), now, limit=20)
        expected = plain_groups(tenant, now)
        counted = fix_next(tenant, Finding.objects.all(), now, limit=20, complete=True)
        Assessment.objects.create(
            tenant=tenant, number=1, state="finished", ended_at=now, catalogue_hash="c" * 64, product_version="1"
        )  # fmt: skip
        take_snapshot(tenant=tenant, now=now)
        with CaptureQueriesContext(connection) as queries:
            stored = fix_next(tenant, Finding.objects.all(), now, limit=20, complete=True)
        assert len(queries) == 3
    assert found
    assert in_order(counted) == in_order(stored) == in_order(found)
    order = [(["critical", "high", "medium", "low"].index(g.severity), -g.open, g.control) for g in found]
    assert order == sorted(order)
    assert {(g.control, g.severity): facts(g) for g in found} == expected


def in_order(groups: list[FixGroup]) -> list[Any]:
    return [(group.control, group.severity, facts(group)) for group in groups]


def facts(group: FixGroup) -> dict[str, Any]:
    return {
        "open": group.open,
        "counts": group.counts,
        "treated": group.treated,
        "other_open": group.other_open,
        "owners": set(group.owners),
        "unassigned": group.unassigned,
        "due": group.due,
        "overdue": group.overdue,
    }


def plain_groups(tenant: Tenant, now: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """Compute the groups of `fix_next` in Python, one finding at a time."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    treated: Counter[str] = Counter()
    all_open: Counter[str] = Counter()
    open_: dict[tuple[str, str], list[Any]] = defaultdict(list)
    rows = Finding.objects.filter(tenant=tenant, gone_at=None).annotate(shown=shown_state(now))
    for row in rows.select_related("treatment__owner"):
        key = row.control, row.severity
        counts[row.control][row.outcome] += 1
        treated[row.control] += row.shown in ("acknowledged", "excepted")
        if row.shown == "open":
            all_open[row.control] += 1
            open_[key].append(row)
    return {
        (control, severity): {
            **plain_group(tenant, found, counts[control], now),
            "treated": treated[control],
            "other_open": all_open[control] - len(found),
        }
        for (control, severity), found in open_.items()
    }


def plain_group(tenant: Tenant, rows: list[Any], counts: Counter[str], now: Any) -> dict[str, Any]:
    owners: list[Person | None] = [getattr(getattr(row, "treatment", None), "owner", None) for row in rows]
    dues = [due for row in rows if (due := due_at(tenant, row)) is not None]
    return {
        "open": len(rows),
        "counts": dict(counts),
        "owners": {owner for owner in owners if owner},
        "unassigned": owners.count(None),
        "due": min(dues, default=None),
        "overdue": sum(due < now for due in dues),
    }


def test_only_visible_findings_count_and_the_number_of_groups_is_limited(db: None) -> None:
    organization = factories.organization()
    person = factories.member(Role.ORGANIZATION_ENGINEER, organization)
    tenant, now = factories.tenant(organization), timezone.now()
    with factories.in_tenant(tenant):
        populate(tenant, [person], now, 1)
        assert len(fix_next(tenant, Finding.objects.all(), now, limit=2)) == 2
        own = Finding.objects.filter(treatment__owner=person)
        groups = fix_next(tenant, own, now)
        assert groups
        assert all(group.owners == [person] and not group.unassigned for group in groups)
        assert fix_next(tenant, Finding.objects.none(), now) == []


def test_the_number_of_queries_does_not_depend_on_the_number_of_groups(
    db: None, django_assert_num_queries: Any
) -> None:
    organization = factories.organization()
    person = factories.member(Role.ORGANIZATION_ENGINEER, organization)
    tenant, now = factories.tenant(organization), timezone.now()
    with factories.in_tenant(tenant):
        populate(tenant, [person], now, 2)
        for limit in (1, 5):
            with django_assert_num_queries(5):
                assert len(fix_next(tenant, Finding.objects.all(), now, limit)) == min(limit, 5)


class _Standing:
    """Stands for `Standing`, with only the figures that a headline needs."""

    def __init__(self, open_: dict[str, int], overdue: dict[str, int], states: dict[str, int]) -> None:
        self._open, self.overdue, self.states = open_, overdue, states
        self.is_known = set(states) != {"unknown"}

    def open(self, severity: str) -> int:
        return self._open.get(severity, 0)


SSH, RDP = "network-ssh-from-internet", "network-rdp-from-internet"
HEADLINES: dict[str, tuple[dict[str, Any], list[FixGroup], str]] = {
    "two controls fix most": (
        {"open_": {"critical": 20, "high": 3}, "overdue": {"critical": 4}},
        [FixGroup(SSH, "critical", 11), FixGroup(RDP, "critical", 8), FixGroup("x", "critical", 1)],
        (
            "20 critical findings are open, 4 critical are overdue. "
            "Fixing “SSH open to the Internet” and “RDP open to the Internet” closes 19."
        ),
    ),
    "one finding": (
        {"open_": {"critical": 1}},
        [FixGroup(SSH, "critical", 1), FixGroup(RDP, "high", 9)],
        "1 critical finding is open. It is “SSH open to the Internet”.",
    ),
    "one finding is the person's own": (
        {"open_": {"high": 13}},
        [FixGroup(SSH, "high", 1)],
        "13 high findings are open. Fixing “SSH open to the Internet” closes 1.",
    ),
    "no critical": (
        {"open_": {"medium": 2}},
        [FixGroup(SSH, "medium", 2)],
        "2 medium findings are open. Fixing “SSH open to the Internet” closes 2.",
    ),
    "only unknown": (
        {"states": {"unknown": 3, "passing": 9}},
        [],
        "Nothing is open, but 3 checks are unknown.",
    ),
    "nothing known": ({"states": {"unknown": 3}}, [], "No automatic check has a result: 3 are unknown."),
    "all well": ({"states": {"passing": 9}}, [], "Nothing is open."),
    "not assessed": ({}, [], ""),
}


@pytest.mark.parametrize("name", list(HEADLINES))
def test_the_headline_says_what_is_worst(name: str) -> None:
    values, groups, text = HEADLINES[name]
    standing: Any = _Standing(**{"open_": {}, "overdue": {}, "states": {}, **values})
    assert headline(standing, groups) == text


def test_the_headline_links_to_the_findings_of_the_named_controls() -> None:
    text = "2 critical findings are open. Fixing “SSH open to the Internet” closes 2 & more."
    assert with_links(text, {SSH: "/t/a/findings/?control=x&state=open", RDP: "/"}) == (
        '2 critical findings are open. Fixing “<a href="/t/a/findings/?control=x&amp;state=open">'
        "SSH open to the Internet</a>” closes 2 &amp; more."
    )
