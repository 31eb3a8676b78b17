"""Steps that people take in the tests of whole installations: sign in, accept an invitation, verify a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.assessments.collect.azure import CLIENT, DIRECTORY, Line, guid, subscription, write
from tests.assessments.sandboxed_customer import Azure
from tests.e2e.conftest import Open
from tests.e2e.installation import Installation
from tests.factories import PASSWORD

OTHER_SECRET = "the-next~secret.of-the-tests"
ADA = ("ada@northlight.example", "Ada Lovelace")
SECOND_DIRECTORY = "90000000-0000-0000-0000-00000000000e"
PATIENCE_MS = 60_000
GRAPH = {
    "graph": "policies/authorizationPolicy",
    "value": {"id": "authorizationPolicy", "allowInvitesFrom": "none"},
}


def estate(directory: str, numbers: tuple[int, ...], *secrets: str) -> list[Line]:
    """Return an estate with one directory, whose service principal may sign in with any of the secrets."""
    clients = [{"clientId": CLIENT, "secret": one, "subscriptions": ["*"], "graph": ["*"]} for one in secrets]
    lines: list[Line] = [{"directory": {"tenantId": directory, "clients": clients}}, GRAPH]
    lines += [line for number in numbers for line in subscription(guid(number))]
    named: list[Line] = json.loads(json.dumps(lines).replace(DIRECTORY, directory))
    return named


def change_secret(azure: Azure, numbers: tuple[int, ...]) -> None:
    """Replace the secret in the emulated Azure, so that it refuses the previous secret."""
    (served,) = azure.folder.glob("estate-*.jsonl")
    write(served, estate(DIRECTORY, numbers, OTHER_SECRET))
    assert azure.now is not None
    assert azure.now.http.post(f"{azure.now.url}/_sandbox/reload").ok


def visitor(open_page_of: Open, site: Installation) -> Page:
    """Return a page of a new browser session. Whenever Surety asks for a proof of identity, the proof is entered."""
    page = open_page_of(site.url)
    page.set_default_timeout(PATIENCE_MS)
    # Changes of access need a proof of identity that is not older than five minutes.
    asked = page.get_by_role("button", name="Confirm", exact=True).and_(page.locator(".btn.block"))
    page.add_locator_handler(asked, partial(confirm_identity, page))
    return page


def confirm_identity(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm", exact=True).click()


def sign_in(page: Page, address: str) -> Page:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
    return page


def accept(site: Installation, page: Page, address: str, name: str) -> Page:
    """Accept the invitation that was mailed to the address: open the link, and create the account."""
    page.goto(site.mailed_link(address, "/invitations/"))
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account and accept").click()
    expect(page.get_by_text("Invitation accepted.").first).to_be_visible()
    return page


def verify(visitor: Page, file: Path, sentence: str) -> None:
    """Verify the file on the public page, without an account."""
    visitor.goto("/verify/")
    visitor.get_by_label("Drop a report here or choose a file").set_input_files(file)
    visitor.get_by_role("button", name="Verify").click()
    expect(visitor.get_by_role("heading", level=2).first).to_contain_text(sentence)


def reloaded_until(page: Page, seen: Callable[[], bool], every_ms: int = 2000) -> None:
    """Reload the page until `seen` returns True. Use this for pages that do not update themselves."""
    for _ in range(2 * PATIENCE_MS // every_ms):
        if seen():
            return
        page.wait_for_timeout(every_ms)
        page.reload()
    raise AssertionError(page.locator("main").inner_text())
