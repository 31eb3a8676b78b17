"""Accessibility check of an organization's settings pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e.pages import check_organization
from tests.portal.web.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.slow(seconds=90)]


def test_no_page_has_a_violation(signed_in: Callable[..., Page], world: World) -> None:
    check_organization(signed_in, world)
