"""From an empty database to a signed report, on pages alone, against an emulated Azure."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import Page, expect

import portal.reports.tasks  # noqa: F401 - registers the tasks that `work` runs
from tests.assessments.collect.azure import CLIENT, DIRECTORY, SECRET, guid, subscription, write
from tests.assessments.sandboxed_customer import Azure, sent, work
from tests.e2e.conftest import Open, picture
from tests.factories import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
OTHER_SECRET = "the-next~secret.of-the-tests"
GRAPH = {
    "graph": "policies/authorizationPolicy",
    "value": {"id": "authorizationPolicy", "allowInvitesFrom": "none"},
}


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Azure]:
    made = Azure(tmp_path)
    yield made
    made.close()


def estate(*secrets: str) -> list[object]:
    clients = [{"clientId": CLIENT, "secret": one, "subscriptions": ["*"], "graph": ["*"]} for one in secrets]
    directory = {"directory": {"tenantId": DIRECTORY, "clients": clients}}
    second = json.loads(json.dumps(subscription(guid(2))))
    return [directory, GRAPH, *subscription(guid(1)), *second]


def settled(page: Page) -> None:
    """Run the queued tasks, and show their result."""
    work()
    page.reload()


def run_sign_in(page: Page) -> None:
    """Run the sign-in for which the page waits."""
    expect(page.get_by_text("Signing in since")).to_be_visible(timeout=30_000)
    work()


def test_from_an_empty_database_to_a_signed_report(
    open_page: Open, live_server: object, azure: Azure, tmp_path: Path
) -> None:
    sent()
    azure.serve(estate(SECRET))
    page = open_page()
    page.set_default_timeout(30_000)
    page.goto("/")
    expect(page.get_by_text("Surety has no organization yet")).to_be_visible()
    picture(page, "first-start-sign-in")
    out = io.StringIO()
    with override_settings(SURETY_URL=live_server.url):  # type: ignore[attr-defined]
        call_command("setup_link", stdout=out, stderr=io.StringIO())
    page.goto(out.getvalue().strip())
    picture(page, "first-start")
    page.get_by_label("Organization").fill("Northlight Managed")
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("Email").fill("ada@northlight.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Register and sign in").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Register customer")
    page.get_by_label("Customer", exact=True).fill("Contoso Logistics")
    page.get_by_label("Directory ID").fill(DIRECTORY)
    page.get_by_label("Cloud", exact=True).select_option("custom")
    page.get_by_text("Endpoints of a custom cloud").click()
    cloud = azure.cloud()
    page.get_by_label("Sign-in endpoint").fill(cloud["authority"])
    page.get_by_label("Azure Resource Manager endpoint").fill(cloud["arm"])
    page.get_by_label("Microsoft Graph endpoint").fill(cloud["graph"])
    page.get_by_label("Certificate authority").fill(Path(cloud["ca"]).read_text())
    picture(page, "registration-customer")
    page.get_by_role("button", name="Register and continue").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Create service principal")
    expect(page.get_by_text(f"az login --tenant {DIRECTORY}")).to_be_visible()
    picture(page, "registration-permissions")
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Enter credential")
    page.get_by_label("Client ID").fill(CLIENT)
    page.get_by_label("Client secret").fill("not-the~secret")
    page.get_by_role("button", name="Sign in and save").click()
    run_sign_in(page)
    expect(page.get_by_text("The sign-in failed. The new credential was not stored.")).to_be_visible()
    picture(page, "registration-credential-refused")
    page.get_by_label("Client ID").fill(CLIENT)
    page.get_by_label("Client secret").fill(f"{SECRET} ")
    page.get_by_label("Name").fill("surety-reader")
    page.get_by_role("button", name="Sign in and save").click()
    run_sign_in(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("Check permissions")
    expect(page.get_by_role("heading", name="Assessable", exact=True)).to_be_visible()
    picture(page, "registration-check")
    # Leave, and take the registration up again.
    page.goto("/t/contoso-logistics/settings/")
    page.get_by_role("link", name="Continue").click()
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Choose subscriptions")
    boxes = page.get_by_role("checkbox")
    expect(boxes).to_have_count(2)
    boxes.last.uncheck()
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text("Enter why this subscription is not assessed.")).to_be_visible()
    page.get_by_role("textbox", name=re.compile("Reason to exclude")).last.fill("Sandbox of the developers")
    picture(page, "registration-subscriptions")
    page.set_viewport_size({"width": 390, "height": 860})
    page.emulate_media(color_scheme="dark")
    picture(page, "registration-subscriptions-phone")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 860})
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Schedule")
    picture(page, "registration-schedule")
    page.get_by_label("Own schedule of this customer").check()
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("First assessment")
    picture(page, "registration-assessment")
    page.get_by_role("button", name="Start assessment").click()
    page.wait_for_url("**/assessments/*/")
    settled(page)
    expect(page.get_by_text("Finished").first).to_be_visible()

    page.goto("/t/contoso-logistics/reports/")
    page.get_by_role("button", name="Build").first.click()
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download")).first.click()
    file = tmp_path / "report.pdf"
    download.value.save_as(file)
    out = io.StringIO()
    call_command("verify_report", str(file), stdout=out)
    assert "valid" in out.getvalue().casefold()

    replace_the_secret(page, azure)


def replace_the_secret(page: Page, azure: Azure) -> None:
    """Replace the secret after Azure refuses it, as an engineer would."""
    (served,) = azure.folder.glob("estate-*.jsonl")
    write(served, estate(OTHER_SECRET))
    assert azure.now is not None
    assert azure.now.http.post(f"{azure.now.url}/_sandbox/reload").ok
    page.goto("/t/contoso-logistics/settings/")
    page.get_by_role("link", name="surety-reader", exact=True).click()
    page.get_by_role("button", name="Check now").click()
    run_sign_in(page)
    expect(page.get_by_text("The sign-in failed.")).to_be_visible()
    picture(page, "principal-refused")
    page.get_by_label("Client secret").fill(OTHER_SECRET)
    page.get_by_role("button", name="Sign in and replace").click()
    run_sign_in(page)
    expect(page.get_by_text("The credential works and is stored.")).to_be_visible()
    picture(page, "principal")
