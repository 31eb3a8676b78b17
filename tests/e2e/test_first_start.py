"""Use an empty installation only in a browser: register, assess, verify a report, and finally erase a customer.

The first customer is registered step by step as README.md says: the test finds pages, fields and buttons by the names
that are in bold there. `manage.py serve` runs the site and its workers as for any operator, against an emulated Azure.
No test code runs in the installation. A new administrator may confirm roles and requests of others only after seven
days, and an erasure starts a day after its confirmation. For each of these periods, the installation is stopped and
started again with a later clock.
"""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tenants.people.second_administrators import ESTABLISHED_AFTER
from tests import readme
from tests.assessments.collect.azure import CLIENT, DIRECTORY, SECRET, write
from tests.assessments.sandboxed_customer import Azure
from tests.e2e.conftest import Open, picture
from tests.e2e.installation import Installation
from tests.e2e.steps import (
    ADA,
    OTHER_SECRET,
    SECOND_DIRECTORY,
    accept,
    change_secret,
    estate,
    reloaded_until,
    sign_in,
    verify,
    visitor,
)
from tests.factories import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.slow(seconds=220)]

PEOPLE = "/organizations/northlight-managed/settings/people/"
GRACE = ("grace@northlight.example", "Grace Hopper")
README = readme.read()
(
    (REGISTER_AND_SIGN_IN,),
    (REGISTER_CUSTOMER, REGISTER_AND_CONTINUE),
    (CREATE_PRINCIPAL, CONTINUE_TO_CREDENTIAL),
    (ENTER_CREDENTIAL, CLIENT_ID, CLIENT_SECRET, SECRET_EXPIRES_ON, SIGN_IN_AND_SAVE),
    (CHECK_PERMISSIONS, CONTINUE_TO_SUBSCRIPTIONS),
    (CHOOSE_SUBSCRIPTIONS, SAVE_SUBSCRIPTIONS),
    (SCHEDULE, SAVE_SCHEDULE),
    (FIRST_ASSESSMENT, START_ASSESSMENT),
) = README.steps
SETTINGS, REPORTS = README.afterwards
CUSTOM_CLOUD, ENDPOINTS = README.quoted


def test_everything_on_pages(open_page_of: Open, site: Installation, azure: Azure, tmp_path: Path) -> None:
    second = write(tmp_path / "second.jsonl", estate(SECOND_DIRECTORY, (3,), SECRET))
    azure.serve(estate(DIRECTORY, (1, 2), SECRET), str(second))
    terminal = site.start()

    opened = partial(visitor, open_page_of, site)
    ada = opened()
    first_start(ada, terminal)
    register(ada, azure, "Contoso Logistics", DIRECTORY)
    refused_and_accepted_secret(ada)
    leave_and_resume(ada)
    exclude_a_subscription(ada)
    ada.get_by_label("Own schedule of this customer").check()
    ada.get_by_role("button", name=SAVE_SCHEDULE, exact=True).click()
    start_assessment(ada)
    report = build_report(ada, tmp_path)
    verify(opened(), report, "report.pdf is valid: it is unchanged since it was signed.")
    replace_secret(ada, azure)

    site.kill_broker()
    register(ada, azure, "Fabrikam Dental", SECOND_DIRECTORY)
    enter_secret(ada, SECRET)
    ada.get_by_role("button", name="Continue").click()
    ada.get_by_role("button", name="Save and continue").click()
    schedule_soon(ada)
    expect(ada.get_by_role("heading", level=1)).to_have_text("First assessment")
    ada.get_by_role("button", name="Skip remaining steps").click()
    ada.wait_for_url(lambda url: "/registration/" not in url)

    invite(ada, GRACE[0], "Organization administrator", "Northlight Managed and all its customers")
    invite(ada, "olga@contoso.example", "Owner", "Contoso Logistics", "Fabrikam Dental")
    invite(ada, "april@contoso.example", "Approver", "Contoso Logistics")
    until = datetime.now(UTC).date() + timedelta(days=90)
    invite(ada, "audrey@auditors.example", "Auditor", "Contoso Logistics", until=until)
    grace = accept(site, opened(), *GRACE)
    expect(grace.get_by_role("link", name="Fabrikam Dental", exact=True)).to_be_visible()
    olga = accept(site, opened(), "olga@contoso.example", "Olga Owner")
    expect(olga.get_by_role("heading", level=1)).to_have_text("My findings")
    april = accept(site, opened(), "april@contoso.example", "April Approver")
    expect(april.get_by_text("The role starts when a second administrator confirms it.")).to_be_visible()
    audrey = accept(site, opened(), "audrey@auditors.example", "Audrey Auditor")
    expect(audrey.get_by_role("heading", name="Audit room", level=1)).to_be_visible()
    picture(audrey, "audit-room-of-an-invited-auditor")
    assessed_on_schedule(ada)
    archive(ada, "fabrikam-dental")
    grace.goto(PEOPLE)
    expect(grace.get_by_text("No administrator can confirm this role yet.")).to_be_visible()
    expect(grace.get_by_role("button", name="Confirm Approver of April Approver")).to_have_count(0)

    site.restart_later(ESTABLISHED_AFTER.days + 1)
    for page, address in ((ada, ADA[0]), (grace, GRACE[0]), (april, "april@contoso.example")):
        sign_in(page, address)
    confirm_approver(grace)
    expect(grace.get_by_text("is confirmed.")).to_be_visible()
    april.goto("/home/")
    expect(april.get_by_role("heading", level=1)).to_have_text("Inbox")
    export(ada, tmp_path)
    archive(ada, "contoso-logistics")
    request_and_confirm_erasure(ada, grace)
    # Start again with a clock that is after the waiting period of the erasure.
    site.restart_later(ESTABLISHED_AFTER.days + 3)
    certificate = certificate_of_erasure(site, sign_in(grace, GRACE[0]), tmp_path)
    verify(opened(), certificate, "certificate.pdf is valid: a certificate of erasure")
    verify(opened(), report, "report.pdf is valid: it is unchanged since it was signed.")


def first_start(page: Page, terminal: str) -> None:
    page.goto("/")
    expect(page.get_by_text("Surety has no organization yet")).to_be_visible()
    picture(page, "first-start-sign-in")
    link = re.search(r"http://\S+/first-start/\S+", terminal)
    assert link, terminal
    page.goto(link[0])
    picture(page, "first-start")
    page.get_by_label("Organization").fill("Northlight Managed")
    page.get_by_label("Your name").fill(ADA[1])
    page.get_by_label("Email").fill(ADA[0])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name=REGISTER_AND_SIGN_IN, exact=True).click()


def register(page: Page, azure: Azure, name: str, directory: str) -> None:
    """Register a customer up to the step that asks for the credential."""
    # The first start already leads to the registration of Contoso Logistics.
    if name != "Contoso Logistics":
        page.get_by_role("link", name="Northlight Managed", exact=True).first.click()
        page.get_by_role("link", name=REGISTER_CUSTOMER, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(REGISTER_CUSTOMER)
    page.get_by_label("Customer", exact=True).fill(name)
    page.get_by_label("Directory ID").fill(directory)
    page.get_by_label("Cloud", exact=True).select_option(label=CUSTOM_CLOUD)
    page.get_by_text(ENDPOINTS, exact=True).click()
    cloud = azure.cloud()
    page.get_by_label("Sign-in endpoint").fill(cloud["authority"])
    page.get_by_label("Azure Resource Manager endpoint").fill(cloud["arm"])
    page.get_by_label("Microsoft Graph endpoint").fill(cloud["graph"])
    page.get_by_label("Certificate authority").fill(Path(cloud["ca"]).read_text())
    picture(page, f"registration-customer-{directory[-1]}")
    page.get_by_role("button", name=REGISTER_AND_CONTINUE, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CREATE_PRINCIPAL)
    expect(page.get_by_text(f"az login --tenant {directory}")).to_be_visible()
    picture(page, f"registration-permissions-{directory[-1]}")
    page.get_by_role("button", name=CONTINUE_TO_CREDENTIAL, exact=True).click()


def enter_secret(page: Page, secret: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(ENTER_CREDENTIAL)
    page.get_by_label(CLIENT_ID).fill(CLIENT)
    page.get_by_label(CLIENT_SECRET).fill(secret)
    page.get_by_label(SECRET_EXPIRES_ON).fill(f"{datetime.now(UTC) + timedelta(days=365):%Y-%m-%d}")
    page.get_by_label("Name").fill("surety-reader")
    page.get_by_role("button", name=SIGN_IN_AND_SAVE, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CHECK_PERMISSIONS)


def refused_and_accepted_secret(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(ENTER_CREDENTIAL)
    page.get_by_label(CLIENT_ID).fill(CLIENT)
    page.get_by_label(CLIENT_SECRET).fill("not-the~secret")
    page.get_by_role("button", name=SIGN_IN_AND_SAVE, exact=True).click()
    refused = page.get_by_text("The sign-in failed. The new credential was not stored.")
    expect(refused).to_be_visible()
    picture(page, "registration-credential-refused")
    enter_secret(page, f"{SECRET} ")
    assessable = page.get_by_role("heading", name="Assessable", exact=True)
    expect(assessable).to_be_visible()
    picture(page, "registration-check")


def leave_and_resume(page: Page) -> None:
    page.goto("/t/contoso-logistics/")
    page.get_by_role("link", name=SETTINGS, exact=True).first.click()
    page.get_by_role("link", name="Continue").click()
    page.get_by_role("button", name=CONTINUE_TO_SUBSCRIPTIONS, exact=True).click()


def exclude_a_subscription(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(CHOOSE_SUBSCRIPTIONS)
    boxes = page.get_by_role("checkbox")
    expect(boxes).to_have_count(2)
    boxes.last.uncheck()
    page.get_by_role("button", name=SAVE_SUBSCRIPTIONS, exact=True).click()
    expect(page.get_by_text("Enter why this subscription is not assessed.")).to_be_visible()
    page.get_by_role("textbox", name=re.compile("Reason to exclude")).last.fill("Sandbox of the developers")
    picture(page, "registration-subscriptions")
    page.set_viewport_size({"width": 390, "height": 860})
    page.emulate_media(color_scheme="dark")
    picture(page, "registration-subscriptions-phone")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 860})
    page.get_by_role("button", name=SAVE_SUBSCRIPTIONS, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SCHEDULE)
    picture(page, "registration-schedule")


def start_assessment(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(FIRST_ASSESSMENT)
    picture(page, "registration-assessment")
    page.get_by_role("button", name=START_ASSESSMENT, exact=True).click()
    page.wait_for_url("**/assessments/*/")
    expect(page.get_by_text("Finished").first).to_be_visible()


def build_report(page: Page, folder: Path) -> Path:
    page.get_by_role("link", name=REPORTS, exact=True).first.click()
    page.get_by_role("button", name="Build").first.click()
    link = page.get_by_role("link", name=re.compile("Download")).first
    reloaded_until(page, link.is_visible)
    with page.expect_download() as download:
        link.click()
    download.value.save_as(folder / "report.pdf")
    return folder / "report.pdf"


def replace_secret(page: Page, azure: Azure) -> None:
    """Replace the secret after Azure refuses it, as an engineer would."""
    change_secret(azure, (1, 2))
    page.goto("/t/contoso-logistics/settings/")
    page.get_by_role("link", name="surety-reader", exact=True).click()
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("The sign-in failed.")).to_be_visible()
    picture(page, "principal-refused")
    page.get_by_label("Client secret").fill(OTHER_SECRET)
    page.get_by_role("button", name="Sign in and replace").click()
    expect(page.get_by_text("The credential works and is stored.")).to_be_visible()
    picture(page, "principal")


def schedule_soon(page: Page) -> None:
    """Let Fabrikam's assessments start every day, the first time in less than two minutes."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Schedule")
    page.get_by_label("Own schedule of this customer").check()
    for box in page.get_by_role("checkbox").all():
        box.check()
    soon = datetime.now(UTC) + timedelta(seconds=75)
    page.get_by_label("Times").fill(f"{soon:%H:%M}")
    page.get_by_label("Window in minutes").fill("0")
    page.get_by_role("button", name="Save and continue").click()


def assessed_on_schedule(page: Page) -> None:
    page.goto("/t/fabrikam-dental/assessments/")
    row = page.get_by_role("row").filter(has_text="Schedule").filter(has_text="Finished")
    reloaded_until(page, row.is_visible, 5000)
    picture(page, "assessments-scheduled")


def invite(page: Page, address: str, role: str, *places: str, until: date | None = None) -> None:
    page.goto(PEOPLE)
    page.get_by_role("link", name="Invite", exact=True).click()
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Role", exact=True).select_option(label=role)
    for place in places:
        page.get_by_label(place, exact=True).check()
    if until:
        page.get_by_label("Last day of access").fill(f"{until:%Y-%m-%d}")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("People")


def archive(page: Page, slug: str) -> None:
    page.goto(f"/t/{slug}/settings/leaving/")
    page.get_by_label("Reason").fill("The contract ended")
    page.get_by_role("button", name="Archive customer").click()
    expect(page.get_by_text("Its service principals are deleted.")).to_be_visible()


def export(page: Page, folder: Path) -> None:
    page.goto("/t/contoso-logistics/settings/leaving/")
    page.get_by_role("button", name="Request export").click()
    button = page.get_by_role("button", name="Download export")
    expect(button).to_be_visible()
    with page.expect_download() as download:
        button.click()
    download.value.save_as(folder / "export.zip")
    with zipfile.ZipFile(folder / "export.zip") as archive:
        assert "journal.jsonl" in archive.namelist()


def confirm_approver(page: Page) -> None:
    page.goto(PEOPLE)
    page.get_by_role("button", name="Confirm Approver of April Approver").click()


def request_and_confirm_erasure(page: Page, second: Page) -> None:
    """Request the erasure as one administrator and confirm it as another one."""

    def requested() -> bool:
        page.goto("/t/contoso-logistics/settings/leaving/")
        page.get_by_label("Name of the customer").fill("Contoso Logistics")
        page.get_by_label("Reason").fill("The contract ended")
        page.get_by_role("button", name="Request erasure").click()
        own = page.get_by_text("You made this request, so another administrator must confirm it.")
        # After the change of the clock, a scheduled assessment is due. Until it has ended, the request is refused.
        busy = page.get_by_text("An assessment of Contoso Logistics is not finished.")
        expect(own.or_(busy)).to_be_visible()
        return own.is_visible()

    reloaded_until(page, requested)
    picture(page, "erasure-requested")
    second.goto("/organizations/northlight-managed/settings/erasures/")
    second.get_by_role("link", name="Contoso Logistics").click()
    picture(second, "erasure-to-confirm")
    second.get_by_role("button", name="Confirm erasure").click()
    expect(second.get_by_text("The request can be withdrawn until then.")).to_be_visible()
    picture(second, "erasure-confirmed")


def certificate_of_erasure(site: Installation, page: Page, folder: Path) -> Path:
    """Wait until the workers have erased the customer. No person needs to do anything. Return the certificate."""
    page.goto(site.mailed_link(GRACE[0], "/organizations/northlight-managed/settings/erasures/"))
    button = page.get_by_role("button", name="Download certificate")
    expect(button).to_be_visible()
    picture(page, "erasure-finished")
    page.goto("/notices/")
    picture(page, "erasure-notice")
    with page.expect_download() as download:
        button.click()
    download.value.save_as(folder / "certificate.pdf")
    answer = page.goto("/t/contoso-logistics/")
    assert answer is not None
    assert answer.status == 404
    page.goto("/")
    expect(page.get_by_text("Contoso Logistics")).to_have_count(0)
    return folder / "certificate.pdf"
