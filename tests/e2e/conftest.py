"""Fixtures for tests in a real browser (the system's or Playwright's Chromium) against a real server.

`SURETY_SCREENSHOTS=DIR pytest tests/e2e` also saves a screenshot of every checked page in DIR.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, expect, sync_playwright

from portal.embedded import Valkey
from tenants.models import Person
from tests.assessments.sandboxed_customer import Azure
from tests.databases import database_url
from tests.e2e.installation import Installation, installation
from tests.factories import PASSWORD
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

# Prefer the headless shell: it has no windows, so a new page takes a third of the processor time.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = os.environ.get("SURETY_CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Even on a busy machine, a page loads within this time. Only a failing test waits that long.
PATIENCE_MS = 30_000

# Playwright's synchronous API runs an event loop in this thread, in which Django refuses queries by default.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def until(page: Page, is_so: Callable[[], bool], seconds: float = PATIENCE_MS / 1000) -> None:
    """Wait until the condition holds; fail after `seconds`.

    ``page.wait_for_function`` cannot be used: after its first attempt it needs `eval`, which the content security
    policy of the pages forbids.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            if is_so():
                return
        except Error as error:
            if "navigat" not in error.message and "context was destroyed" not in error.message:
                raise
        assert time.monotonic() < deadline, f"not so after {seconds} seconds: {page.url}"
        page.wait_for_timeout(100)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip(
            "no Chromium found: install Debian's package chromium-headless-shell or chromium, or set"
            " SURETY_CHROMIUM to its path"
        )
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


type Open = Callable[..., Page]


@pytest.fixture
def open_page_of(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Open]:
    """``open_page_of(url, theme="dark", width=390)`` opens a new browser session; console errors fail the test."""
    assert request.node.get_closest_marker("e2e"), "A test that opens a browser needs the marker e2e."
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    pending: set[Request] = set()

    # Playwright sets an attribute on each callback. Methods of a set do not allow that, so these are functions.
    def began(request: Request) -> None:
        pending.add(request)

    def ended(request: Request) -> None:
        pending.discard(request)

    def opened(
        url: str, theme: str = "light", width: int = 1280, height: int = 860, javascript: bool = True
    ) -> Page:
        context = browser.new_context(
            base_url=url,
            color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", began)
        page.on("requestfinished", ended)
        page.on("requestfailed", ended)
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"console: {message.text}") if message.type == "error" else None
            ),
        )
        return page

    yield opened
    for context in contexts:
        for page in context.pages:
            page.evaluate("0")  # Let Playwright deliver the pending events.
            if pending:
                # Wait until all requests are answered. Until then, they hold locks on tables, and the end of the test
                # could not empty these tables.
                page.wait_for_load_state("networkidle")
        context.close()
    # Browsers also log these expected statuses as console errors.
    refusals = ("400", "404", "409", "410")
    assert [c for c in complaints if not any(code in c for code in refusals)] == []


@pytest.fixture
def open_page(open_page_of: Open, live_server: Any) -> Open:
    """``open_page(theme="dark", width=390)`` opens a new browser session on the test's server."""
    return partial(open_page_of, live_server.url)


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Azure]:
    """A sandbox for this test. It serves nothing until the test calls `serve`."""
    made = Azure(tmp_path)
    yield made
    made.close()


@pytest.fixture
def site() -> Iterator[Installation]:
    """An installation without files and processes. During the test, Playwright's `expect` waits for up to a minute."""
    expect.set_options(timeout=60_000)
    with installation() as made:
        yield made
    expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def migrated_site(transactional_db: None, broker: str, site: Installation) -> Installation:
    """An installation that uses this test process's empty database, so it need not create the tables."""
    site.environment |= {
        "DATABASE_URL": database_url(),
        "DATABASE_OWNER_URL": database_url("owner"),
        "BROKER_URL": broker,
        "CACHE_URL": Valkey(settings.EMBEDDED_HOME).cache_url(),
    }
    return site


@pytest.fixture
def signed_in(open_page: Open, world: World, live_server: Any) -> Callable[..., Page]:
    """``signed_in(person, theme=..., width=...)`` opens the person's home page in a signed-in session."""

    def page_of(who: Person, **options: object) -> Page:
        page = open_page(**options)
        client = signed_in_client(who)
        name = settings.SESSION_COOKIE_NAME
        url = live_server.url
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
        page.goto("/")
        return page

    return page_of


def sign_in(page: Page, who: Person) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(who.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def picture(page: Page, name: str) -> None:
    """Save a screenshot if SURETY_SCREENSHOTS is set."""
    folder = os.environ.get("SURETY_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
