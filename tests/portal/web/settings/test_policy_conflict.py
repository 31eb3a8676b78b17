"""Concurrent edits of the policy: changes by others are shown and not overwritten."""

from __future__ import annotations

import json
from html import unescape

import pytest
from django.test import Client

from portal.web.settings.policy_form import read_start
from tenants.actions import change_tenant
from tests import factories
from tests.portal.web.settings.policy_form import changed, form, held, url
from tests.portal.web.world import World


def test_changes_by_others_are_shown_and_not_overwritten(world: World, engineer: Client) -> None:
    mine = form(world, due_high="14", due_low="100")
    other = world.people["tenant_administrator"]
    with factories.in_tenant(world.home):
        change_tenant(
            by=other,
            tenant=world.home,
            exception_cap_days=45,
            due_days={**world.home.due_days, "high": 21},
        )
    answer = engineer.post(url(world), mine)
    assert answer.status_code == 409
    html = unescape(answer.content.decode())
    assert "Your changes were not saved: the policy was changed while you edited it" in html
    assert other.email in html
    row = html.split('scope="row">High</th>')[1].split("</tr>")[0]
    assert ["30 days" in row, "21 days" in row, "14 days" in row] == [True, True, True]
    cap = html.split('scope="row">Maximum length of exceptions</th>')[1].split("</tr>")[0]
    assert ["180 days" in cap, "45 days" in cap, "not changed" in cap] == [True, True, True]
    # Edited fields have the typed values; all other fields have the saved ones.
    for part in (
        'name="due_high" value="14"',
        'name="due_low" value="100"',
        'name="exception_cap_days" value="45"',
    ):
        assert part in html
    assert held(world).due_days["high"] == 21
    # Submitting the merged form saves it.
    start = html.split('name="start" value="')[1].split('">')[0]
    again = {**mine, "exception_cap_days": "45", "start": start}
    assert engineer.post(url(world), again).status_code == 302
    tenant = held(world)
    assert (tenant.due_days["high"], tenant.due_days["low"], tenant.exception_cap_days) == (14, 100, 45)


def test_submitting_twice_saves_once(world: World, engineer: Client) -> None:
    given = form(world, due_high="14")
    assert engineer.post(url(world), given).status_code == 302
    assert engineer.post(url(world), given).status_code == 302
    assert len(changed(world)) == 1


def test_refused_form_keeps_its_starting_values(world: World, engineer: Client) -> None:
    """If the refused form got new starting values from the database, submitting it again would overwrite changes."""
    bad = form(world, due_high="0")
    with factories.in_tenant(world.home):
        change_tenant(by=world.people["tenant_administrator"], tenant=world.home, exception_cap_days=45)
    html = unescape(engineer.post(url(world), bad).content.decode())
    start = html.split('name="start" value="')[1].split('">')[0]
    assert json.loads(start)["exception_cap_days"] == 180
    assert engineer.post(url(world), {**bad, "due_high": "14", "start": start}).status_code == 409


WITHOUT_START = {
    "half a character": json.dumps(
        {
            "name": "\ud800",
            "timezone": "UTC",
            "labels": ["\ud800"],
            "exception_cap_days": 180,
            "due_days": {},
        }
    ),
    "none": "",
    "broken": "{",
    "a list": "[]",
    "empty": "{}",
    "a part": '{"name":"x"}',
    "null": "null",
    "a text": '"x"',
    "deep": "[" * 100_000,
    "labels that are numbers": (
        '{"name":"x","timezone":"UTC","labels":[1],"exception_cap_days":1,"due_days":{}}'
    ),
}


@pytest.mark.parametrize("start", WITHOUT_START.values(), ids=WITHOUT_START)
def test_form_without_starting_values_is_not_saved(world: World, engineer: Client, start: str) -> None:
    answer = engineer.post(url(world), form(world, start=start, due_high="14"))
    assert answer.status_code == 400
    assert "The form arrived incomplete" in answer.content.decode()
    assert held(world).due_days["high"] == 30
    assert read_start(start) is None
