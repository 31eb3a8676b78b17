"""Form, API and page of a job follow from the values that a bulk action declares."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from portal.api.v1.bulk_values import values_serializer
from portal.bulk_jobs.bulk_actions.base import BulkAction, Reason, Step
from portal.bulk_jobs.bulk_actions.values import Value, ValueType
from portal.web.findings.buttons.base import Button
from tenants.errors import InvalidInput
from tests.for_each import for_each
from tests.portal.bulk_jobs.selections import acting
from tests.portal.web.world import World

LEVELS = {"low": "Low", "high": "High"}


class ReviewLater(BulkAction):
    key = "review-later"
    label = "Review later"
    position = 60
    capabilities = ()
    reasons = ()
    values = (
        Value("reason", "Reason", max_length=20, help="Why a later review is enough"),
        Value("remark", "Remark", required=False),
        Value("review_on", "Review on", ValueType.DAY, first_day=lambda tenant, now: date(2027, 1, 2)),
        Value("remind_at", "Remind at", ValueType.TIME, required=False),
        Value("is_urgent", "Urgency", ValueType.BOOLEAN, choices={True: "Urgent", False: "Not urgent"}),
        Value("risk", "Risk", ValueType.CHOICE, required=False, choices=LEVELS, if_empty="Unknown"),
        Value("reviewer", "Reviewer", ValueType.EMAIL, required=False),
    )

    def skipped(self, step: Step) -> dict[UUID, Reason]:
        return {}


ACTION = ReviewLater()
GIVEN = {
    "reason": "Low risk",
    "remark": "Ask the owner",
    "review_on": date(2027, 1, 31),
    "remind_at": datetime(2027, 1, 30, 8, tzinfo=UTC),
    "is_urgent": True,
    "risk": "high",
    "reviewer": "reviewer@example.com",
}
LEAST = {
    "reason": "Low risk",
    "remark": "",
    "review_on": date(2027, 1, 31),
    "remind_at": None,
    "is_urgent": False,
    "risk": None,
    "reviewer": None,
}


def filled(world: World, **data: str) -> dict[str, Any]:
    """Return the values of a form with the required values and `data`."""
    with acting(world, "organization_engineer"):
        return Button(ACTION).cleaned(world.home, {"reason": "Low risk", "review_on": "2027-01-31", **data})


def test_the_form_has_a_field_for_each_value(world: World) -> None:
    world.home.timezone = "Europe/Berlin"
    assert filled(world) == LEAST
    everything = {"remark": "Ask the owner", "remind_at": "2027-01-30T09:00", "is_urgent": "on"}
    assert filled(world, risk="high", reviewer="reviewer@example.com", **everything) == GIVEN
    with acting(world, "organization_engineer"):
        form = Button(ACTION).form(world.home)
    assert form is not None
    html = form.as_p()
    for text in ("Why a later review is enough.", 'min="2027-01-02"', "In the time zone Europe/Berlin."):
        assert text in html, text
    assert "required" not in html, "the forms of all actions are sent together"


@for_each(
    ("name", "text", "label"),
    [
        ("reason", "", "Reason"),
        ("reason", "x" * 21, "Reason"),
        ("review_on", "31.1.", "Review on"),
        ("remind_at", "soon", "Remind at"),
        ("risk", "medium", "Risk"),
        ("reviewer", "nobody", "Reviewer"),
    ],
)
def test_invalid_values_of_a_form_are_refused(world: World, name: str, text: str, label: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{label}: "):
        filled(world, **{name: text})


def test_the_api_takes_the_same_values() -> None:
    serializer = values_serializer(ACTION)
    assert serializer.__name__ == "ReviewLaterValuesSerializer"
    for values in (GIVEN, LEAST):
        sent = serializer(data=ACTION.parameters(None, None, values, None))
        assert sent.is_valid(), sent.errors
        assert sent.validated_data == values
    least = serializer(data={"reason": "Low risk", "review_on": "2027-01-31", "is_urgent": False})
    assert least.is_valid(), least.errors
    assert least.validated_data == LEAST
    for wrong in ({"reason": "x" * 21}, {"risk": "medium"}, {"review_on": None}, {"other": "x"}):
        assert not serializer(data={**least.initial_data, **wrong}).is_valid(), wrong


def test_stored_values_are_read_and_shown() -> None:
    for values in (GIVEN, LEAST):
        assert ACTION.read(ACTION.parameters(None, None, values, None)) == values
    stored = ACTION.parameters(None, None, GIVEN, None)
    assert [value.shown(stored[value.name]) for value in ACTION.values] == [
        "Low risk",
        "Ask the owner",
        date(2027, 1, 31),
        datetime(2027, 1, 30, 8, tzinfo=UTC),
        "Urgent",
        "High",
        "reviewer@example.com",
    ]
    stored = ACTION.parameters(None, None, LEAST, None)
    shown = [value.shown(stored[value.name]) for value in ACTION.values]
    assert shown == ["Low risk", "", date(2027, 1, 31), "", "Not urgent", "Unknown", ""]
    assert Value("is_open", "Open", ValueType.BOOLEAN).shown(False) == "No"
