"""Approve the exception that the test data contains for the home customer."""

from __future__ import annotations

from portal.treatment.actions.exceptions import approve
from portal.treatment.actions.transitions import apply_transitions
from tests import factories
from tests.portal.web.world import World


def approve_exception(world: World) -> None:
    with factories.in_tenant(world.home):
        approve(
            exception=world.of(world.home)["exception"], by=world.people["approver"], note="No customer data."
        )
        apply_transitions(tenant=world.home)
