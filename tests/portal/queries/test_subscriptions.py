"""The texts about each subscription in the settings, in the pre-flight and in the scope of reports."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.models import Unit
from portal.queries.subscriptions import (
    NOT_ASSESSED,
    STATE_REMARKS,
    listed_subscriptions,
    state_remark,
    why_not_assessed,
)
from portal.reports.parts.scope import _excluded_subscriptions, _remarks
from tenants import selectors
from tenants.models import Situation, Subscription
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db

# (columns of the subscription, expected situation, words of the reason, words of the remark)
STATES: list[tuple[dict[str, Any], Situation, str, str]] = [
    ({}, Situation.INCLUDED, "", ""),
    ({"state": "Disabled"}, Situation.INCLUDED, "", "fixed only after the subscription is reactivated"),
    ({"state": "Expired"}, Situation.INCLUDED, "", "fixed only after the subscription is reactivated"),
    ({"state": "PastDue"}, Situation.INCLUDED, "", "payment for the subscription is overdue"),
    ({"state": "Warned"}, Situation.INCLUDED, "", "disable the subscription soon"),
    ({"state": "StateOfTheFuture"}, Situation.INCLUDED, "", ""),
    ({"state": "Deleted"}, Situation.DELETED, "none of its data can be read", ""),
    ({"state": "Vanished"}, Situation.VANISHED, "no longer sees the subscription", ""),
    ({"state": "Waiting"}, Situation.WAITING, "Grant a service principal the Reader role", ""),
    ({"quota_id": "AAD_2015-09-01"}, Situation.NO_RESOURCES, "DisallowedOperation", ""),
    ({"included": False}, Situation.EXCLUDED, "Excluded", ""),
    (
        {"exclusion_rule": True},
        Situation.EXCLUDED,
        "Excluded by the rule “Sandboxes”: Only for experiments.",
        "",
    ),
    ({"home_directory_id": "f" * 36}, Situation.FOREIGN, "Moved to the directory", ""),
]


@pytest.mark.parametrize(("columns", "situation", "reason", "remark"), STATES)
def test_each_state_is_explained_where_people_look(
    columns: dict[str, Any], situation: Situation, reason: str, remark: str, world: World
) -> None:
    own = world.of(world.home)
    identifier = own["subscription"].pk
    if "exclusion_rule" in columns:
        columns = {"exclusion_rule": own["exclusion_rule"]}
    with factories.in_tenant(world.home):
        Subscription.objects.filter(pk=identifier).update(**columns)
        (row,) = listed_subscriptions(world.home)
        is_assessed = selectors.subscriptions(world.home, to_assess=True).filter(pk=identifier).exists()
        assert row.situation is situation
        assert is_assessed == (situation is Situation.INCLUDED)
        units = list(Unit.objects.filter(subscription=row))[:1] if is_assessed else []
        said = [fact.reason for fact in (*_excluded_subscriptions([row], units), *_remarks([row], units))]
        assert said == [text for text in (why_not_assessed(row), state_remark(row)) if text]
    assert reason in why_not_assessed(row)
    assert bool(reason) == bool(why_not_assessed(row))
    assert remark in state_remark(row)
    assert bool(remark) == bool(state_remark(row))
    client = signed_in_client(world.people["organization_engineer"])
    for name, args in (("tenant-settings", ()), ("preflight", (own["principal"].pk,))):
        html = page(client, name, world.home.slug, *args)
        if name == "tenant-settings" or situation is not Situation.WAITING:
            assert reason in html, name
        assert remark in html, name


def test_every_situation_and_readable_state_has_a_text() -> None:
    assert set(NOT_ASSESSED) == set(Situation) - {Situation.INCLUDED}
    assert {columns.get("state") for columns, *_, remark in STATES if remark} == set(STATE_REMARKS)


def test_foreign_subscriptions_that_were_never_assessed_are_not_listed(world: World) -> None:
    with factories.in_tenant(world.home):
        assert world.of(world.home)["delegated"] not in listed_subscriptions(world.home)
