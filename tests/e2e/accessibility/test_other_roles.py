"""Accessibility check of the pages of approvers, owners, auditors and administrators of one customer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e.pages import check_pages, role_addresses
from tests.portal.web.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.slow(seconds=60)]


@pytest.mark.parametrize("role", ["approver", "owner", "auditor", "tenant_administrator"])
def test_no_page_of_the_role_has_a_violation(signed_in: Callable[..., Page], world: World, role: str) -> None:
    addresses = role_addresses(world, role)
    if role == "owner":
        # The exception in `World` is about an unassigned finding, so owners cannot see it.
        del addresses["owner-exception"]
    check_pages(signed_in(world.people[role]), addresses)
