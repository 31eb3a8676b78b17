"""A stored definition is refused under another name than its own, and under the name of a control of Surety."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from assessments.controls.registry import catalogue
from assessments.estate.estate import UnitKind
from assessments.export.judging import RecordedUnit
from assessments.own.control import ForeignName, controls_under
from assessments.own.definition import stored_form
from portal.reports.reperformance.read import UnusableBundle, check_own_controls
from tests.assessments.own.published import definition

SHIPPED = "storage-secure-transfer"
UNIT = RecordedUnit(
    kind=UnitKind.SUBSCRIPTION,
    unit_id="00000000-0000-0000-0000-000000000000",
    directory_id="",
    cloud="AzureCloud",
    now=datetime(2026, 1, 1, tzinfo=UTC),
    subscriptions=(),
    answers={},
    gaps=(),
    parameters={},
)


def parameters(key: str, name: str) -> dict[str, Any]:
    return {key: {"own_control": {"version": 1, "definition": stored_form(definition(control=name))}}}


@pytest.mark.parametrize(
    ("key", "name", "message"),
    [
        (SHIPPED, SHIPPED, f"“{SHIPPED}” has a name that does not begin with “own-”"),
        ("own-northlight-owner", SHIPPED, f"“{SHIPPED}” is stored as “own-northlight-owner”"),
        ("own-northlight-owner", "own-other-owner", "“own-other-owner” is stored as “own-northlight-owner”"),
    ],
)
def test_an_own_control_cannot_replace_another(key: str, name: str, message: str) -> None:
    assert SHIPPED in catalogue()
    changed = parameters(key, name)
    with pytest.raises(ForeignName, match=message):
        controls_under(changed)
    with pytest.raises(UnusableBundle, match="changed controls"):
        check_own_controls(replace(UNIT, parameters=changed))


def test_a_damaged_definition_is_refused() -> None:
    changed = parameters("own-northlight-owner", "own-northlight-owner")
    check_own_controls(replace(UNIT, parameters=changed))
    del changed["own-northlight-owner"]["own_control"]["definition"]["pass_when"]
    with pytest.raises(UnusableBundle, match="cannot be read"):
        check_own_controls(replace(UNIT, parameters=changed))
