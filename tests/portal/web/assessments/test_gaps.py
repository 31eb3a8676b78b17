"""Gaps on an assessment's page: one group for each reason and missing permission."""

from __future__ import annotations

import pytest
from django.test import Client

from assessments.models import Assessment, Unit
from portal.web.assessments.page import MAX_GAPS_PER_REASON, gaps_by_reason
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

HERE, THERE = Unit(name="Production", azure_id="1"), Unit(name="Test", azure_id="2")


def gap(collection: str, reason: str = "forbidden", permission: str = "Reader") -> dict[str, str]:
    return {"collection": collection, "reason": reason, "permission": permission, "scope": ""}


def test_gaps_with_the_same_reason_and_permission_are_one_group_and_the_largest_is_first() -> None:
    gaps = [
        (HERE, gap("users", permission="User.Read.All")),
        (HERE, gap("servers")),
        (THERE, gap("servers")),
        (THERE, gap("disks")),
        (THERE, gap("alerts", reason="throttled", permission="")),
    ]
    found = gaps_by_reason(gaps, {})
    assert [(group["permission"], group["number"], group["units"]) for group in found] == [
        ("Reader", 3, 2),
        ("", 1, 1),
        ("User.Read.All", 1, 1),
    ]
    assert [row["collection"] for row in found[0]["rows"]] == ["servers", "servers", "disks"]
    assert found[0]["why"] == found[2]["why"]
    assert found[0]["why"] != found[1]["why"]


def test_rows_of_a_group_are_limited_and_the_rest_is_counted() -> None:
    (group,) = gaps_by_reason([(HERE, gap("servers"))] * (MAX_GAPS_PER_REASON + 3), {})
    assert (len(group["rows"]), group["more"], group["number"]) == (
        MAX_GAPS_PER_REASON,
        3,
        MAX_GAPS_PER_REASON + 3,
    )


def test_gaps_after_a_failed_sign_in_are_one_group_without_a_permission() -> None:
    """No permission helps after a refused sign-in, so the page names no permission."""
    refused = [
        (HERE, gap("users", reason="unauthenticated", permission="User.Read.All")),
        (THERE, gap("servers", reason="unauthenticated")),
    ]
    (group,) = gaps_by_reason(refused, {})
    assert (group["permission"], group["number"], group["units"]) == ("", 2, 2)


def test_a_reason_begins_with_a_capital_letter_and_keeps_names() -> None:
    (group,) = gaps_by_reason([(HERE, gap("sites", reason="not_found"))], {})
    assert group["why"] == "Not found in Azure"


@pytest.mark.parametrize(("role", "is_named"), [("auditor", True), ("owner", False)])
def test_owners_see_neither_names_of_unreadable_resources_nor_errors_of_units(
    world: World, role: str, is_named: bool
) -> None:
    assessment: Assessment = world.of(world.home)["assessment"]
    with factories.in_tenant(world.home):
        unit = assessment.units.get()
        scope = (
            f"/subscriptions/{unit.azure_id}/resourceGroups/rg-pay/providers/Microsoft.Web/sites/payroll-app"
        )
        unit.gaps = [{**gap("web_auth", reason="not_found"), "scope": scope, "request_id": "r-1"}]
        unit.error = "The application surety-reader was not found."
        unit.save(update_fields=["gaps", "error"])
    client: Client = signed_in_client(world.people[role])
    html = page(client, "assessment", world.home.slug, assessment.pk)
    assert "web_auth" in html
    assert ("payroll-app" in html) is is_named
    assert ("surety-reader" in html) is is_named
