"""All pages for signed-in people, and their accessibility check with axe.

The tests that call `check` are in several files, so that they can run in parallel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from django.urls import reverse
from playwright.sync_api import Page

from portal.notify.unsubscribing import DIGEST, MailLink
from tenants.roles import Role
from tests.e2e.conftest import picture
from tests.portal.web.opened_pages import opened_pages
from tests.portal.web.world import World

# Let axe report violations only, because most of its time would go into describing elements that pass.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
OF_COLOURS = ["color-contrast", "link-in-text-block"]
# In the dark theme, only the rules about colours are checked, because the theme changes nothing else.
COLOURS_ONLY = {"runOnly": {"type": "rule", "values": OF_COLOURS}, "resultTypes": ["violations"]}
# Checking the contrast of every element takes most of axe's time, so it is done only on the wide page in the light
# theme. In the dark theme, two elements are checked for each combination of text colours and background colours. At the
# width of a phone, an element is checked only if it was hidden on the wide page, or had other colours or another text
# size there.
COLOURS = """
window.colours = (() => {
  const looks = new Map();
  const behind = (element) => {
    if (!element) return "";
    if (!looks.has(element)) {
      const own = getComputedStyle(element);
      const parts = [own.backgroundColor, own.backgroundImage, own.opacity, own.filter, own.mixBlendMode];
      looks.set(element, `${behind(element.parentElement)} ${own.position[0]}${parts.join()}`);
    }
    return looks.get(element);
  };
  const exempt = ":disabled, [aria-disabled=true], [aria-hidden=true], [inert], label:has(:disabled)";
  const look = (element) => {
    const own = getComputedStyle(element);
    const around = element.parentElement ? getComputedStyle(element.parentElement) : own;
    const parts = [element.tagName, element.className, own.color, own.fontSize, own.fontWeight, own.textShadow];
    parts.push(own.textDecorationLine, around.color, around.display, element.closest(exempt) !== null);
    return parts.join() + behind(element);
  };
  const hasText = (element) =>
    element.matches("input, select, textarea") ||
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const texts = () => {
    looks.clear();
    return [...document.body.querySelectorAll("*")].filter(
      (element) => hasText(element) && element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    );
  };
  const light = new Map();
  return {
    remember() {
      for (const element of texts()) light.set(element, look(element));
    },
    combinations() {
      if (!light.size) return [document.documentElement];
      const found = new Map();
      for (const element of texts()) {
        const key = `${light.get(element)} ${look(element)}`;
        const [first = element] = found.get(key) ?? [];
        found.set(key, new Set([first, element]));
      }
      return [...found.values()].flatMap((pair) => [...pair]);
    },
    async afterChange(rules, ofColours) {
      for (const element of texts().filter((element) => light.get(element) !== look(element)))
        for (const marked of [element, ...element.querySelectorAll("*")]) marked.dataset.look = "changed";
      const before = new Map(axe._audit.rules.map((rule) => [rule, rule.selector]));
      const ofChanged = (selector) => `${selector.trim().replace("*", "")}[data-look=changed]`;
      for (const rule of before.keys())
        if (ofColours.includes(rule.id)) rule.selector = rule.selector.split(",").map(ofChanged).join();
      try {
        return (await axe.run(rules)).violations;
      } finally {
        for (const [rule, selector] of before) rule.selector = selector;
      }
    },
  };
})();
"""
PARTS = 3
# These pages say that something does not exist, so their status is not 200.
_REFUSED = ("not-found", "invitation-unknown", "report-link-unknown")
PHONE = 390
OF_ORGANIZATION = "/organizations/"
# Return the buttons, fields and other controls that are outside of the screen, or less than 44 px wide or high.
HARD_TO_PRESS = """() => {
  const pressed = "button, .btn, summary, select, textarea, input:not([type=hidden]), .place, .menu-item, .bell";
  const problems = [];
  for (const element of document.querySelectorAll(`:is(#main, .bottom, .top) :is(${pressed})`)) {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    let box = element.getBoundingClientRect();
    if (element.matches("[type=checkbox], [type=radio]")) {
      const around = element.closest("label, :is(td, th).select");
      const label = around ?? document.querySelector(`label[for="${element.id}"]`);
      if (label) box = label.getBoundingClientRect();
    }
    if (box.width <= 1) continue;
    const name = `${element.outerHTML.slice(0, 110).replace(/\\s+/g, " ")} at ${Math.round(box.left)}`;
    if (box.left < -1 || box.right > innerWidth + 1) problems.push(`off the screen: ${name}`);
    if (Math.min(box.width, box.height) < 43.5)
      problems.push(`${Math.round(box.width)} x ${Math.round(box.height)} px: ${name}`);
  }
  return problems;
}"""

# Return the elements whose content is cut off, such as tabs that are visible only after scrolling.
CUT = """() => [...document.querySelectorAll("#main :is(.tabs, .c-bar, .stat, th)")]
  .filter((element) => element.checkVisibility() && element.clientWidth)
  .filter((element) => element.scrollWidth > element.clientWidth + 1)
  .map((element) => `cut: ${element.outerHTML.slice(0, 160).replace(/\\s+/g, " ")}`)"""


def addresses(world: World) -> dict[str, str]:
    """Return the address of each page of engineers by the name of its screenshot."""
    slug, own = world.home.slug, world.of(world.home)
    return {
        **{
            name: url
            for name, url in opened_pages(world, Role.ORGANIZATION_ENGINEER).items()
            if not url.startswith(OF_ORGANIZATION)
        },
        "resource-changes-none": reverse("resource-changes", args=[slug]) + "?q=nothing-is-called-so",
        "changes-none": reverse("changes", args=[slug]) + "?kind=gone",
        "findings-filtered": reverse("findings", args=[slug]) + "?state=open&severity=high",
        "findings-none": reverse("findings", args=[slug]) + "?q=nothing-is-called-so",
        "findings-list": reverse("findings", args=[slug]) + "?layout=list",
        "findings-open": reverse("findings", args=[slug])
        + "?open=storage-anonymous-access-disallowed&open=storage-sas-expiry&tags=1",
        "findings-panel": reverse("findings", args=[slug])
        + f"?open=storage-anonymous-access-disallowed&finding={own['owned'].pk}",
        "finding-owned": reverse("finding", args=[slug, own["owned"].pk]),
        "finding-manual": reverse("finding", args=[slug, own["manual"].pk]),
        "acknowledge": reverse("finding-acknowledge", args=[slug, own["owned"].pk]),
        "resources-approve-tag": reverse("resources-approve", args=[slug]) + "?tag=env%3Dprod",
        "exceptions-none": reverse("exceptions", args=[slug]) + "?state=revoked",
        "exception-request-finding": reverse("exception-request", args=[slug])
        + f"?finding={own['finding'].pk}",
        "exception-request-rule": reverse("exception-request", args=[slug]) + "?section=storage",
        "attestations-answer": reverse("attestations-answer", args=[slug]) + f"?finding={own['manual'].pk}",
        "scan-unmatched": reverse("scan", args=[slug, own["scan_import"].pk]) + "?only=unmatched",
        "report-link": reverse("report-link", args=[f"token-of-{slug}"]),
        "report-link-unknown": reverse("report-link", args=["unknown"]),
        "framework-none": reverse("framework", args=["mcsb-1"]) + "?q=nothing-is-called-so",
        "journal-filtered": reverse("journal", args=[slug])
        + f"?of=finding:{own['finding'].pk}&kind=findings",
        "journal-none": reverse("journal", args=[slug]) + "?q=nothing-is-called-so&from=nonsense",
        "journal-entry-third": reverse("journal-entry", args=[slug, 3]),
        "journal-verify-hash": reverse("journal-verify", args=[slug]) + f"?sequence=3&hash={'0' * 64}",
        "notices-unread": reverse("notices") + "?unread=1",
        "unsubscribe-digest": reverse(
            "unsubscribe", args=[digest_link(world, "organization_engineer").token]
        ),
        "invitation-unknown": reverse("invitation", args=["unknown"]),
        "search": reverse("palette") + "?q=storage",
        "second-factor": reverse("mfa_index"),
        "authenticator": reverse("mfa_activate_totp"),
        "security-key": reverse("mfa_add_webauthn"),
        "password": reverse("account_change_password"),
        "email-address": reverse("account_email"),
        "single-sign-on": reverse("socialaccount_connections"),
        "confirm-password": reverse("account_reauthenticate"),
        "not-found": "/t/nobody-is-called-so/",
    }


def organization_addresses(world: World) -> dict[str, str]:
    """Return {name: address} of the pages of an organization, and of a customer's pages that engineers cannot open."""
    slug, own = world.organization.slug, world.of(world.home)
    of_engineers = opened_pages(world, Role.ORGANIZATION_ENGINEER)
    return {
        **{
            name: url
            for name, url in opened_pages(world, Role.ORGANIZATION_ADMINISTRATOR).items()
            if url.startswith(OF_ORGANIZATION) or name not in of_engineers
        },
        "own-control-tried": reverse("own-control", args=[slug, own["own_control"].pk])
        + f"?customer={world.home.slug}",
        "ticket-system-add-github": reverse("ticket-system-add", args=[slug, "github"]),
        "campaign-start-control": reverse("campaign-start", args=[slug])
        + "?control=storage-anonymous-access-disallowed",
        "people-none": reverse("organization-people", args=[slug]) + "?q=nobody-is-called-so",
    }


def role_addresses(world: World, role: str) -> dict[str, str]:
    """Return {name: address} of the pages that look different to people with this role than to engineers."""
    slug, own = world.home.slug, world.of(world.home)
    common = {
        "home": reverse("home"),
        "portfolio": reverse("portfolio"),
        "overview": reverse("tenant", args=[slug]),
        "findings": reverse("findings", args=[slug]),
        "exceptions": reverse("exceptions", args=[slug]),
        "exception": reverse("exception", args=[slug, own["exception"].pk]),
    }
    more = {
        "approver": {
            "inbox": reverse("inbox"),
            "inbox-request": reverse("inbox-request", args=[own["exception"].pk]),
            "inbox-decided": reverse("inbox") + "?show=decided",
        },
        "owner": {
            "my": reverse("my"),
            "workload": reverse("workload"),
            "controls": reverse("controls"),
            "finding": reverse("finding", args=[slug, own["owned"].pk]),
            "attestations": reverse("attestations", args=[slug]),
        },
        "auditor": {
            "audit-room": reverse("audit-room", args=[slug]),
            "finding": reverse("finding", args=[slug, own["finding"].pk]),
            "reports": reverse("reports", args=[slug]),
            "journal": reverse("journal", args=[slug]),
        },
        "tenant_administrator": {
            "settings": reverse("tenant-settings", args=[slug]),
            "people": reverse("tenant-people", args=[slug]),
            "retention": reverse("retention", args=[slug]),
        },
    }
    return {f"{role}-{name}": address for name, address in {**common, **more[role]}.items()}


def digest_link(world: World, role: str) -> MailLink:
    """Return the unsubscribe link in a digest to the person with that role."""
    return MailLink(world.home.pk, world.people[role].pk, DIGEST, 0)


def violations(page: Page, theme: str = "light", width: int = 1280) -> list[str]:
    # Inject axe only once per document, because injecting it takes as long as running it.
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT + COLOURS)
    if width == PHONE:
        # Check all rules in one run, because preparing a run takes as long as checking most of the rules.
        found = page.evaluate("(given) => colours.afterChange(...given)", [RULES, OF_COLOURS])
    elif theme == "dark":
        found = run(page, COLOURS_ONLY, "colours.combinations()")
    else:
        found = run(page, RULES)
        page.evaluate("colours.remember()")
    return [f"{v['id']} ({v['impact']}): {node['html'][:160]}" for v in found for node in v["nodes"][:3]]


def run(
    page: Page, rules: dict[str, Any], elements: str = "[document.documentElement]"
) -> list[dict[str, Any]]:
    """Return the violations of axe's rules in the elements that the script `elements` returns."""
    found: list[dict[str, Any]] = page.evaluate(
        f"""async (rules) => {{
          const include = {elements};
          return include.length ? (await axe.run({{ include }}, rules)).violations : [];
        }}""",
        rules,
    )
    return found


def check(signed_in: Callable[..., Page], world: World, part: int) -> None:
    """Assert that pages of engineers have no problem (`problems_of`).

    Checks every `PARTS`-th page, starting with number `part`.
    """
    engineer = signed_in(world.people["organization_engineer"])
    check_pages(engineer, dict(list(addresses(world).items())[part::PARTS]))


def check_organization(signed_in: Callable[..., Page], world: World) -> None:
    """Assert the same as `check` for the pages of an organization's administrators."""
    check_pages(signed_in(world.people["organization_administrator"]), organization_addresses(world))


def check_pages(page: Page, pages: dict[str, str]) -> None:
    """Assert the same as `check` for these pages, in an open session."""
    problems: dict[str, list[str]] = {}
    for name, address in pages.items():
        page.set_viewport_size({"width": 1280, "height": 860})
        answer = page.goto(address)
        # Check the status too, because the page may be an error page without violations.
        if answer is None or (answer.status != 200 and name not in _REFUSED):
            problems[name] = [f"status {answer.status if answer else 'unknown'}"]
        if name.startswith("findings"):
            page.wait_for_load_state("networkidle")  # Wait for the counts that the page loads later.
        problems.update(problems_of(page, name))
    assert problems == {}, problems


def problems_of(page: Page, name: str) -> dict[str, list[str]]:
    """Return the violations of the open page in the light theme, the dark theme, and at the width of a phone."""
    page.emulate_media(reduced_motion="reduce")
    problems = {}
    # Only style sheets react to the theme and the width, so the page need not be reloaded.
    for theme, width in (("light", 1280), ("dark", 1280), ("light", PHONE)):
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 860})
        picture(page, f"{name}-{theme}-{width}")
        # No row may be covered by the header or by the bar at the bottom of phones. So scroll to the top, and on phones
        # make the window as high as the page.
        page.evaluate("window.scrollTo(0, 0)")
        if width == PHONE:
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": height})
        found = violations(page, theme, width)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{wide - width} px wider than the screen")
        found += page.evaluate(CUT)
        if width == PHONE:
            found += page.evaluate(HARD_TO_PRESS)
        if found:
            problems[f"{name}, {theme}, {width}"] = found
    return problems
