"""A provider that has only Azure Lighthouse delegations assesses its customers, with pages, commands and workers.

The emulated Azure has one managing directory. Two customers each delegated a subscription to it, and a third customer
delegated only resource groups of a subscription.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.assessments.collect.azure import (
    CLIENT,
    DIRECTORY,
    SECRET,
    Line,
    answer,
    directory,
    guid,
    subscription,
    write,
)
from tests.assessments.sandboxed_customer import Azure
from tests.e2e.conftest import Open, picture
from tests.e2e.installation import Installation
from tests.e2e.steps import ADA, sign_in, visitor
from tests.factories import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.slow(seconds=45)]

PAGE = "/organizations/northlight-managed/settings/lighthouse/"
CUSTOMERS = {
    "Alder Clinics": (guid(1), "a0000000-0000-0000-0000-0000000000aa"),
    "Birch Foods": (guid(2), "b0000000-0000-0000-0000-0000000000bb"),
    "Cedar Trains": (guid(3), "c0000000-0000-0000-0000-0000000000cc"),
}


def delegated(*names: str) -> Iterator[Line]:
    yield directory()
    for name in names:
        identifier, home = CUSTOMERS[name]
        for line in subscription(identifier):
            if "subscriptionId" in line:
                shown = {"displayName": f"{name} production", "tenantId": home}
                line = {**line, **shown, "managedByTenants": [{"tenantId": DIRECTORY}]}
            yield json.loads(json.dumps(line).replace("rg-data", f"rg-{name.split()[0].casefold()}"))


def test_provider_assesses_delegated_subscriptions(
    open_page_of: Open, migrated_site: Installation, azure: Azure, tmp_path: Path
) -> None:
    site = migrated_site
    rights = f"/subscriptions/{CUSTOMERS['Birch Foods'][0]}/providers/Microsoft.Authorization/permissions"
    azure.serve([*delegated(*CUSTOMERS), answer(rights, 200, {"value": []})])
    site.start()
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    site.run(
        "create_organization", "Northlight Managed", "--administrator", ADA[0], "--administrator-name", ADA[1],
        "--password-file", password,
    )  # fmt: skip
    ada = sign_in(partial(visitor, open_page_of, site)(), ADA[0])
    ada.goto(PAGE)
    expect(ada.get_by_text("No service principals yet")).to_be_visible()
    picture(ada, "lighthouse-empty")
    register_principal(ada, azure)
    ada.goto(PAGE)
    expect(ada.get_by_text("No customer has the home directory.").first).to_be_visible()
    for name in ("Alder Clinics", "Birch Foods"):
        register_customer(ada, azure, name)
    decide(ada)
    assess(ada, "alder-clinics")
    # For Cedar, the operator undoes the exclusion and assigns the subscription with commands.
    register_customer(ada, azure, "Cedar Trains")
    shown = site.run("lighthouse", "undo", "northlight-managed", CUSTOMERS["Cedar Trains"][0])
    assert "is undone" in shown
    assert "Assigned" in site.run("lighthouse", "assign", "northlight-managed", CUSTOMERS["Cedar Trains"][0])
    assess(ada, "cedar-trains")
    azure_without_alder(azure, site)
    ada.goto(PAGE)
    expect(ada.get_by_text("Alder Clinics: The delegation has ended")).to_be_visible()
    picture(ada, "lighthouse-ended")
    listed = site.run("lighthouse")
    assert "assigned to cedar-trains" in listed
    assert "assigned to alder-clinics (not read: The delegation has ended)" in listed


def register_principal(page: Page, azure: Azure) -> None:
    page.get_by_role("link", name="Register service principal").click()
    page.get_by_label("Directory ID").fill(DIRECTORY)
    page.get_by_label("Client ID").fill(CLIENT)
    page.get_by_label("Client secret").fill("not-the~secret")
    page.get_by_label("Name").fill("surety-lighthouse")
    fill_cloud(page, azure)
    picture(page, "lighthouse-register")
    page.get_by_role("button", name="Sign in and register").click()
    expect(page.get_by_text("The sign-in failed. The new credential was not stored.")).to_be_visible()
    page.get_by_label("Directory ID").fill(DIRECTORY)
    page.get_by_label("Client ID").fill(CLIENT)
    page.get_by_label("Client secret").fill(SECRET)
    page.get_by_label("Name").fill("surety-lighthouse")
    fill_cloud(page, azure)
    page.get_by_role("button", name="Sign in and register").click()
    expect(page.get_by_text("The credential works and is stored.")).to_be_visible()
    expect(page.get_by_text("3 delegated subscriptions wait for a decision.")).to_be_visible()
    picture(page, "lighthouse-principal")
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("The sign-in succeeded.")).to_be_visible()


def fill_cloud(page: Page, azure: Azure) -> None:
    page.get_by_label("Cloud", exact=True).select_option("custom")
    if not page.get_by_label("Sign-in endpoint").is_visible():
        page.get_by_text("Endpoints of a custom cloud").click()
    cloud = azure.cloud()
    page.get_by_label("Sign-in endpoint").fill(cloud["authority"])
    page.get_by_label("Azure Resource Manager endpoint").fill(cloud["arm"])
    page.get_by_label("Microsoft Graph endpoint").fill(cloud["graph"])
    page.get_by_label("Certificate authority").fill(Path(cloud["ca"]).read_text())


def register_customer(page: Page, azure: Azure, name: str) -> None:
    page.goto("/organizations/northlight-managed/customers/register/")
    page.get_by_label("Customer", exact=True).fill(name)
    page.get_by_label("Directory ID").fill(CUSTOMERS[name][1])
    fill_cloud(page, azure)
    page.get_by_role("button", name="Register and continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Create service principal")


def decide(page: Page) -> None:
    """Assign the subscriptions of two customers, and exclude the subscription of the third, which is not registered
    yet.
    """
    page.goto(PAGE)
    expect(page.get_by_text("Only resource groups were delegated at the last check")).to_have_count(1)
    picture(page, "lighthouse-undecided")
    page.set_viewport_size({"width": 390, "height": 860})
    page.emulate_media(color_scheme="dark")
    picture(page, "lighthouse-undecided-phone")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 860})
    for name in ("Alder Clinics", "Birch Foods"):
        page.get_by_label(f"Select {name} production").check()
    page.get_by_role("button", name="Assign selected").click()
    expect(page.get_by_text("2 assigned.")).to_be_visible()
    page.get_by_label("Select Cedar Trains production").check()
    page.get_by_label("Reason").fill("No contract yet")
    page.get_by_role("button", name="Exclude selected").click()
    expect(page.get_by_text("1 subscription excluded.")).to_be_visible()
    picture(page, "lighthouse-decided")
    page.emulate_media(color_scheme="dark")
    picture(page, "lighthouse-decided-dark")
    page.emulate_media(color_scheme="light")


def assess(page: Page, slug: str) -> None:
    page.goto(f"/t/{slug}/assessments/")
    page.get_by_role("button", name="Start assessment").first.click()
    page.wait_for_url("**/assessments/*/")
    expect(page.get_by_text("Partly finished").first).to_be_visible()
    expect(
        page.get_by_text("Azure Lighthouse delegates subscriptions, but not the directory").first
    ).to_be_visible()
    picture(page, f"lighthouse-assessment-{slug}")
    page.goto(f"/t/{slug}/settings/")
    expect(page.get_by_text("delegated to your provider")).to_be_visible()
    picture(page, f"lighthouse-settings-{slug}")
    page.goto(f"/t/{slug}/findings/?verdict=fail")
    expect(page.get_by_role("main")).to_contain_text(re.compile("storage", re.IGNORECASE))
    picture(page, f"lighthouse-findings-{slug}")


def azure_without_alder(azure: Azure, site: Installation) -> None:
    """Let Alder end its delegation, and check the delegations with the operator's command."""
    (served,) = azure.folder.glob("estate-*.jsonl")
    write(served, delegated("Birch Foods", "Cedar Trains"))
    assert azure.now is not None
    assert azure.now.http.post(f"{azure.now.url}/_sandbox/reload").ok
    assert "sees 2 delegated subscriptions" in site.run("lighthouse", "check", "northlight-managed", CLIENT)
