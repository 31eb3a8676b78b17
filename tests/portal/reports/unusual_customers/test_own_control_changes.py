"""What reports state about an own control that was published, changed, retired or switched off between assessments."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from assessments.actions.own_controls import publish, save_draft, set_state
from assessments.models import Finding, FindingChange, OwnControl
from tenants.models import Organization, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.assessments.own.published import definition
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.reports.unusual_customers.assessed import Read, assess, customer
from tests.portal.reports.unusual_customers.histories import SMALL, held_to

SLUG = "own-northlight-https"


def write(org: Organization, by: Person, *, safe: bool = True, **changed: Any) -> None:
    """Publish a version. A version with `safe=False` fails the resources that a version with `safe=True` passes."""
    data = definition(
        control=SLUG,
        pass_when={"path": "properties.supportsHttpsTrafficOnly", "equals": safe},
        cases=[
            {"document": {"properties": {"supportsHttpsTrafficOnly": safe}}, "verdict": "pass"},
            {"document": {"properties": {"supportsHttpsTrafficOnly": not safe}}, "verdict": "fail"},
        ],
        **changed,
    )
    with organization_scope(org):
        row = save_draft(organization=org, by=by, text=json.dumps(data), data=data)
        publish(control=row, by=by, number=row.version + 1)


def switch(org: Organization, by: Person, state: str) -> None:
    with organization_scope(org):
        row = OwnControl.objects.get(slug=SLUG)
        set_state(control=row, by=by, state=state, reason="Another team checks it.")


def verdicts(tenant: Tenant, number: int) -> dict[Any, str]:
    """Derive {finding: its verdict at the end of this assessment} from the recorded changes, without gone findings."""
    rows = FindingChange.objects.filter(tenant=tenant, assessment__number__lte=number).order_by("at", "id")
    found = dict(rows.values_list("finding", "after_outcome"))
    return {key: outcome for key, outcome in found.items() if outcome != "gone"}


# {what happens between the assessments: (differences by group, (version before, version now) in the report)}
EVENTS: dict[str, tuple[dict[str, int], tuple[Any, Any] | None]] = {
    "published": (
        {"New failures": 2, "No earlier verdict, and neither failing nor unknown now": 1},
        (None, {"version": 1}),
    ),
    "changed": ({"New failures": 1, "Fixed failures": 2}, ({"version": 1}, {"version": 2})),
    "retired": ({"No longer judged": 3, "Other changes": 1}, None),
    "off": ({"No longer judged": 3, "Other changes": 1}, None),
}


@pytest.mark.slow(seconds=4)
@pytest.mark.parametrize("event", EVENTS)
def test_every_number_is_that_of_the_stored_changes(
    event: str, provider: Organization, engineer: Person, tmp_path: Path
) -> None:
    groups, judged = EVENTS[event]
    admin = factories.member(Role.ORGANIZATION_ADMINISTRATOR, provider)
    one = held_to(customer(provider, engineer), *SMALL)
    units = [Read(one.directory, [True]), Read(one.subscriptions[0], [True, False, False])]
    if event != "published":
        write(provider, admin)
    first = assess(one, units)
    if event == "published":
        write(provider, admin)
    elif event == "changed":
        write(provider, admin, safe=False, severity="critical", problem="Storage account that is too safe")
    else:
        switch(provider, admin, event)
    second = assess(one, units)
    with factories.in_tenant(one.tenant):
        found = rendered(one.tenant, kind="changes", assessment=second, baseline=first)
        period = rendered(one.tenant, kind="period").results["period"]
        before, now = verdicts(one.tenant, first.number), verdicts(one.tenant, second.number)
        changes = FindingChange.objects.filter(tenant=one.tenant)
        moved = Counter(pair for pair in changes.values_list("before_outcome", "after_outcome"))
        shown = Finding.objects.filter(tenant=one.tenant, gone_at=None)
        assert Counter(now.values()) == Counter(shown.values_list("outcome", flat=True))
    rows = list(csv.DictReader(io.StringIO(found.files["changes.csv"].decode("utf-8-sig"))))
    assert Counter(row["group"] for row in rows) == groups
    assert {row["control"] for row in rows} == {SLUG}
    assert +Counter(found.results["counts"]) == Counter(now.values())
    assert +Counter(found.results["comparison"]["counts"]) == Counter(before.values())
    assert len(rows) == sum(before.get(key) != now.get(key) for key in {*before, *now})
    stated = {(row["before"], row["after"]): row["number"] for row in period["change_counts"]}
    assert stated == {pair: number for pair, number in moved.items() if pair[0] != pair[1]}
    listed = found.results["judging_changes"]["controls"]
    assert [(row["before"], row["after"]) for row in listed] == ([judged] if judged else [])
    text = found.text(tmp_path)
    if event == "changed":
        assert "Most new failures: Storage account that is too safe (1)." in text
    if event == "retired":
        assert "Storage accounts name their owner (retired)" in text
