"""axe on every page, in both themes and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from portal.treatment.actions.snapshots import take_snapshot
from tests import factories
from tests.e2e.conftest import Open, picture
from tests.web.world import World

pytestmark = pytest.mark.e2e
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# The themes differ in nothing else.
OF_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def addresses(world: World) -> dict[str, str]:
    """Every page that a person opens, by the name of its picture."""
    slug, own = world.home.slug, world.of(world.home)
    return {
        "portfolio": reverse("portfolio"),
        "tenant": reverse("tenant", args=[slug]),
        "changes": reverse("changes", args=[slug]),
        "changes-none": reverse("changes", args=[slug]) + "?kind=gone",
        "findings": reverse("findings", args=[slug]),
        "findings-filtered": reverse("findings", args=[slug]) + "?state=open&severity=high",
        "findings-none": reverse("findings", args=[slug]) + "?q=nothing-is-called-so",
        "findings-list": reverse("findings", args=[slug]) + "?layout=list",
        "findings-open": reverse("findings", args=[slug])
        + "?open=storage-anonymous-access-disallowed&open=storage-sas-expiry&tags=1",
        "my": reverse("my"),
        "finding": reverse("finding", args=[slug, own["finding"].pk]),
        "finding-owned": reverse("finding", args=[slug, own["owned"].pk]),
        "finding-manual": reverse("finding", args=[slug, own["manual"].pk]),
        "acknowledge": reverse("finding-acknowledge", args=[slug, own["owned"].pk]),
        "comment": reverse("comment-edit", args=[slug, own["comment"].pk]),
        "comment-delete": reverse("comment-delete", args=[slug, own["comment"].pk]),
        "owner-rules": reverse("owner-rules", args=[slug]),
        "owner-rule": reverse("owner-rule", args=[slug, own["rule"].pk]),
        "owner-rule-add": reverse("owner-rule-add", args=[slug]),
        "owner-rule-delete": reverse("owner-rule-delete", args=[slug, own["rule"].pk]),
        "exceptions": reverse("exceptions", args=[slug]),
        "exceptions-none": reverse("exceptions", args=[slug]) + "?state=revoked",
        "exception": reverse("exception", args=[slug, own["exception"].pk]),
        "exception-request": reverse("exception-request", args=[slug]) + f"?finding={own['finding'].pk}",
        "exception-request-rule": reverse("exception-request", args=[slug]) + "?section=storage",
        "attestations": reverse("attestations", args=[slug]),
        "attest": reverse("attest", args=[slug, own["manual"].pk]),
        "assessments": reverse("assessments", args=[slug]),
        "assessment": reverse("assessment", args=[slug, own["assessment"].pk]),
        "reports": reverse("reports", args=[slug]),
        "controls": reverse("controls"),
        "controls-by-framework": reverse("controls") + "?by=CIS+Azure+4.0.0",
        "control": reverse("control", args=["storage-secure-transfer"]),
        "settings": reverse("tenant-settings", args=[slug]),
        "service-principal": reverse("service-principal-add", args=[slug]),
        "preflight": reverse("preflight", args=[slug, own["principal"].pk]),
        "notices": reverse("notices"),
        "notices-unread": reverse("notices") + "?unread=1",
        "preferences": reverse("preferences"),
        "channels": reverse("channels", args=[slug]),
        "channel-add": reverse("channel-add", args=[slug]),
        "channel": reverse("channel", args=[slug, own["channel"].pk]),
        "channel-secret": reverse("channel-secret", args=[slug, own["channel"].pk]),
        "dead-letters": reverse("dead-letters", args=[slug]),
        "verify": reverse("verify"),
        "search": reverse("palette") + "?q=storage",
        "second-factor": reverse("mfa_index"),
        "authenticator": reverse("mfa_activate_totp"),
        "security-key": reverse("mfa_add_webauthn"),
        "password": reverse("account_change_password"),
        "sessions": reverse("usersessions_list"),
        "not-found": "/t/nobody-is-called-so/",
    }


def violations(page: Page, theme: str = "light") -> list[str]:
    rules = OF_COLOURS if theme == "dark" else RULES
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{v['id']} ({v['impact']}): {node['html'][:160]}" for v in found for node in v["nodes"][:3]]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_no_page_has_a_violation(
    signed_in: Callable[..., Page], world: World, theme: str, width: int
) -> None:
    page = signed_in(world.people["organization_engineer"], theme=theme, width=width)
    problems: dict[str, list[str]] = {}
    for name, address in addresses(world).items():
        page.goto(address)
        if name.startswith("findings"):
            page.wait_for_load_state("networkidle")  # the counts that are fetched after the page
        picture(page, f"{name}-{theme}-{width}")
        found = violations(page, theme)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{wide - width} px wider than the screen")
        if found:
            problems[name] = found
    assert problems == {}


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_the_trend_has_no_violation(
    signed_in: Callable[..., Page], world: World, theme: str, width: int
) -> None:
    """A tenant with more than one day: charts, and their table opened."""
    with factories.in_tenant(world.home):
        for days in range(60):
            take_snapshot(tenant=world.home, now=timezone.now() - timedelta(days=days))
    page = signed_in(world.people["organization_engineer"], theme=theme, width=width)
    page.goto(reverse("tenant", args=[world.home.slug]) + "?days=90")
    page.get_by_text("The same as a table").click()
    assert page.get_by_role("row", name=f"{timezone.now():%Y-%m-%d}").is_visible()
    picture(page, f"trend-{theme}-{width}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_without_an_account_has_a_violation(
    open_page: Open, transactional_db: None, theme: str
) -> None:
    page = open_page(theme=theme)
    for name in ("account_login", "account_reset_password", "verify"):
        page.goto(reverse(name))
        picture(page, f"{name}-{theme}")
        assert violations(page) == [], name
