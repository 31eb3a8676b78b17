"""A customer gets a legal hold while the erasure of another customer deletes portfolio reports about both customers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.offboarding.erasures import erase_customer
from portal.offboarding.erasures.erase_customer import _claimed
from portal.portfolio_reports.models import PortfolioReport
from portal.portfolio_reports.retention import delete_of_erased
from portal.retention.actions.holds import place_hold
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.concurrency import run_in_the_middle
from tests.factories import BY
from tests.portal.offboarding.erasure_cases import confirmed, run, shared_report
from tests.portal.web.world import World


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("by", ["the worker", "the database function alone"])
def test_no_report_is_deleted_after_a_hold_was_placed(
    committed: World, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = committed
    second = factories.member(Role.ORGANIZATION_ADMINISTRATOR, world.organization)
    neighbour, report = shared_report(world)
    erasure = confirmed(world, second)

    def is_there() -> bool:
        with organization_scope(world.organization):
            return PortfolioReport.objects.filter(pk=report.pk).exists()

    def hold() -> bool:
        with factories.in_tenant(neighbour):
            place_hold(tenant=neighbour, by=BY, reason="Litigation 4713")
        return is_there()

    def erase(let_second_run: Callable[[], None]) -> None:
        if by == "the worker":

            def deleting(*given: Any) -> int:
                let_second_run()
                return delete_of_erased(*given)

            monkeypatch.setattr(erase_customer, "delete_of_erased", deleting)
            run(erasure)
            return
        _claimed(erasure.organization_id, erasure.pk)
        with organization_scope(world.organization):
            delete_of_erased(world.organization, erasure.pk)
            let_second_run()

    _, was_there = run_in_the_middle(erase, hold)
    # The hold was placed only after the deletion. So the report was not deleted while a hold existed.
    assert (was_there, is_there()) == (False, False)
