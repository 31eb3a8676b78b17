"""The change report states what happened between its two assessments, for each kind of event."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from assessments.actions.control_settings import set_control_values
from assessments.actions.profiles import set_severity_rules, switch_off, switch_on
from assessments.models import Assessment, Finding
from tenants.models import Person, Tenant
from tests import factories
from tests.portal.reports.kinds.rendering import Rendered, rendered
from tests.portal.web.world import World, account, assess

pytestmark = pytest.mark.slow(seconds=10)

ROTATION = "storage-key-rotation"
CREATED = f"{timezone.now() - timedelta(days=60):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class Event:
    """What happens before the first assessment (`first`), and between the two assessments (`between`).

    - `without`: the accounts that are gone in the second assessment
    - `lists`: an expected row of the table “Controls that were judged differently”: (control, before, now)
    - `changes`: an expected row of changes.csv: (group, verdict before, verdict after), or None if nothing differs
    """

    between: Callable[[Tenant, Person], Any] = lambda tenant, by: None
    first: Callable[[Tenant, Person], Any] = lambda tenant, by: None
    without: tuple[str, ...] = ()
    lists: tuple[str, Any, Any] | None = None
    changes: tuple[str, str, str] | None = None


def rotation(days: int) -> Callable[[Tenant, Person], Any]:
    return lambda tenant, by: set_control_values(
        tenant=tenant, by=by, slug=ROTATION, values={"max_age": days}
    )


def off(tenant: Tenant, by: Person) -> None:
    switch_off(tenant=tenant, by=by, slug=ROTATION, reason="Another team checks it")


EVENTS: dict[str, Event] = {
    "nothing": Event(),
    "stricter parameter": Event(
        rotation(30),
        lists=(ROTATION, {"max_age": 90}, {"max_age": 30}),
        changes=("New failures", "pass", "fail"),
    ),
    "looser parameter": Event(
        lambda tenant, by: set_control_values(tenant=tenant, by=by, slug=ROTATION, values={"max_age": 90}),
        first=rotation(30),
        lists=(ROTATION, {"max_age": 30}, {"max_age": 90}),
        changes=("Fixed failures", "fail", "pass"),
    ),
    "switched on": Event(
        lambda tenant, by: switch_on(tenant=tenant, by=by, slug=ROTATION),
        first=off,
        lists=(ROTATION, None, {"max_age": 90}),
        changes=("No earlier verdict, and neither failing nor unknown now", "", "pass"),
    ),
    "switched off": Event(off, changes=("No longer judged", "pass", "gone")),
    "severity": Event(
        lambda tenant, by: set_severity_rules(
            tenant=tenant, by=by, rules=[{"when": "tag", "tag": "env", "values": ["prod"], "step": 1}]
        ),
    ),
    "resource gone": Event(without=("kept1",), changes=("Other changes", "pass", "gone")),
}


def accounts(guid: str, without: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    found = [account(guid, name, safe=name != "kept2") for name in ("kept0", "kept1", "kept2")]
    for one in found:
        one["properties"]["keyCreationTime"] = {"key1": CREATED, "key2": CREATED}
    return [one for one in found if one["name"] not in without]


def after(world: World, event: Event, **choices: Any) -> Rendered:
    """Return the change report about the event."""
    home, by = world.home, world.people["organization_administrator"]
    subscription = world.of(home)["subscription"]
    with factories.in_tenant(home):
        event.first(home, by)
    first = assess(home, subscription, accounts(subscription.subscription_id), by=by)
    with factories.in_tenant(home):
        event.between(home, by)
    second = assess(home, subscription, accounts(subscription.subscription_id, event.without), by=by)
    with factories.in_tenant(home):
        return rendered(home, kind="changes", assessment=second, baseline=first, **choices)


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_is_stated(world: World, tmp_path: Path, name: str) -> None:
    event = EVENTS[name]
    found = after(world, event)
    text = found.text(tmp_path)
    stated = found.results["judging_changes"]
    listed = [(row["control"], row["before"], row["after"]) for row in stated["controls"]]
    assert listed == ([event.lists] if event.lists else [])
    assert ("Controls that were judged differently" in text) == bool(event.lists)
    assert stated["catalogue_changed"] is False
    assert "used an earlier catalogue" not in text
    assert "This report compares the configuration at two points in time." in text
    assert "Severities are those at the time of this report, also for “Before”." in text
    rows = list(csv.DictReader(io.StringIO(found.files["changes.csv"].decode("utf-8-sig"))))
    if event.changes:
        assert event.changes in {
            (row["group"], row["before"], row["after"]) for row in rows if row["control"] == ROTATION
        }
    else:
        assert rows == []
        assert "Nothing differs." in text
    with factories.in_tenant(world.home):
        present = Finding.objects.filter(tenant=world.home, gone_at=None)
        outcomes = Counter(present.values_list("outcome", flat=True))
    assert found.results["counts"] == dict(outcomes)
    gone = sum(row["after"] == "gone" for row in rows)
    new = sum(row["before"] == "" for row in rows)
    assert sum(found.results["comparison"]["counts"].values()) == outcomes.total() + gone - new


def test_a_report_over_a_period_states_other_parameters(world: World, tmp_path: Path) -> None:
    after(world, EVENTS["stricter parameter"])
    with factories.in_tenant(world.home):
        found = rendered(world.home, kind="period")
    stated = found.results["judging_changes"]
    assert (stated["assessment_before"], [row["control"] for row in stated["controls"]]) == (1, [ROTATION])
    assert "Controls that were judged differently" in found.text(tmp_path)


def test_another_catalogue_is_stated(world: World, tmp_path: Path) -> None:
    with factories.in_tenant(world.home):
        first = Assessment.objects.get(tenant=world.home, number=1)
        Assessment.objects.filter(pk=first.pk).update(catalogue_hash="0" * 64, product_version="0.1")
        found = rendered(world.home, kind="changes", baseline=first)
        full = rendered(world.home)
    assert found.results["judging_changes"]["catalogue_changed"] is True
    assert "Assessment 1 used an earlier catalogue of controls (Surety 0.1; now" in found.text(tmp_path)
    assert full.results["judging_changes"] is None
    earlier = (
        "The evidence of this report belongs to the verdicts of assessment 2. Earlier verdicts are printed"
    )
    assert earlier in found.text(tmp_path)
    text = full.text(tmp_path)
    assert "This report assesses the configuration at one point in time." in text
    assert "Earlier verdicts are printed" not in text, "it has none"
