"""Set up, use and erase the same things as in `test_first_start`, but with a CSV file, a YAML file and commands.

The installation starts without a database. Pages are used only for steps that have no command: accept an invitation,
and confirm an erasure as a second person. The files can name only Microsoft's clouds, so a proxy forwards the requests
for Azure's hosts to the sandbox.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.assessments.collect.azure import CLIENT, DIRECTORY, SECRET, write
from tests.assessments.sandboxed_customer import Azure
from tests.e2e.conftest import Open
from tests.e2e.forward_proxy import forward_proxy
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
    visitor,
)
from tests.factories import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.slow(seconds=220)]

CUSTOMERS = f"""name,directory_id,short_name,time_zone,labels,client_id,client_secret
Contoso Logistics,{DIRECTORY},contoso,Europe/Berlin,gold,{CLIENT},{SECRET}
Fabrikam Dental,{SECOND_DIRECTORY},fabrikam,UTC,,{CLIENT},{SECRET}
"""
ORGANIZATION = """version: 1
organization:
  short_name: northlight-managed
  people:
    - {email: ada@northlight.example, role: organization_administrator}
customers:
  - short_name: contoso
    schedule: daily %(start)s within 0
    policy: {exception_cap_days: 90}
    people:
      - {email: olga@contoso.example, role: owner}
      - {email: april@contoso.example, role: approver}
      - {email: audrey@auditors.example, role: auditor, until: %(until)s}
  - short_name: fabrikam
    schedule: daily %(utc)s within 0
    people:
      - {email: fay@fabrikam.example, role: owner}
"""
INVITED = {
    "olga@contoso.example": "Olga Owner",
    "april@contoso.example": "April Approver",
    "audrey@auditors.example": "Audrey Auditor",
    "fay@fabrikam.example": "Fay Fabrikam",
}
START_AFTER = timedelta(seconds=90)


def test_everything_from_files_and_commands(
    open_page_of: Open, site: Installation, azure: Azure, tmp_path: Path
) -> None:
    second = write(tmp_path / "second.jsonl", estate(SECOND_DIRECTORY, (3,), SECRET))
    sandbox = azure.serve(estate(DIRECTORY, (1, 2), SECRET), str(second))
    with forward_proxy(sandbox.url) as proxy:
        site.environment |= {"HTTPS_PROXY": proxy, "REQUESTS_CA_BUNDLE": sandbox.ca}
        site.start()
        begin(site, tmp_path)
        starts_at = configure(site, tmp_path)
        for address, name in INVITED.items():
            accept(site, visitor(open_page_of, site), address, name)
        waiting = site.run("confirm_role")
        assert waiting.count("\n") == 1
        reason = ("--reason", "Appointed in the configuration file")
        assert "Approver" in site.run("confirm_role", waiting.split()[0], *reason)

        report = tmp_path / "report.pdf"
        built = report_when_assessed(site, report, starts_at)
        assert "report 1 of Contoso Logistics on assessment 1" in built
        assert "valid" in site.run("verify_report", report)

        replace_secret(site, azure, tmp_path)
        site.run("archive_customer", "contoso", "--reason", "The contract ended")
        assert "SHA-256" in site.run("export_customer", "contoso", tmp_path / "contoso.zip")
        certificate = erase(site, open_page_of, tmp_path)
        assert "Certificate of erasure" in site.run("verify_report", certificate)


def begin(site: Installation, folder: Path) -> None:
    """Register the organization, and import customers from a CSV file. The import signs in with each credential."""
    (folder / "password").write_text(f"{PASSWORD}\n")
    site.run(
        "create_organization", "Northlight Managed", "--administrator", ADA[0],
        "--administrator-name", ADA[1], "--password-file", folder / "password", "--erasure-wait", "0",
    )  # fmt: skip
    file = folder / "customers.csv"
    file.write_text(CUSTOMERS)
    assert "2 registered" in site.run("import_customers", file, "--sign-in")


def configure(site: Installation, folder: Path) -> datetime:
    """Apply a YAML file. Return the time at which Contoso's first assessment starts."""
    file = folder / "northlight.yaml"
    starts_at = datetime.now(UTC) + START_AFTER
    start = f"{starts_at.astimezone(ZoneInfo('Europe/Berlin')):%H:%M}"
    until = f"{starts_at + timedelta(days=90):%Y-%m-%d}"
    file.write_text(ORGANIZATION % {"start": start, "utc": f"{starts_at:%H:%M}", "until": until})
    assert "Applied northlight.yaml" in site.run("configuration", "apply", file)
    return starts_at.replace(second=0, microsecond=0)


def report_when_assessed(site: Installation, report: Path, starts_at: datetime) -> str:
    """Wait for the scheduled assessments of both customers, and build a report on each. Return the output of
    `build_report` for Contoso.
    """
    time.sleep(max(0.0, (starts_at - datetime.now(UTC)).total_seconds()))
    ended = re.compile(r"Task portal\.treatment\.tasks\.after_assessment\S+ succeeded")
    site.waited(lambda: "ended" if len(ended.findall(site.log.read_text())) >= 2 else "", 180)
    second = report.with_name("second.pdf")
    assert "report 1 of Fabrikam Dental on assessment 1" in site.run("build_report", "fabrikam", second)
    assert "valid" in site.run("verify_report", second)
    return site.run("build_report", "contoso", report)


def replace_secret(site: Installation, azure: Azure, folder: Path) -> None:
    change_secret(azure, (1, 2))
    (folder / "secret").write_text(f"{OTHER_SECRET}\n")
    done = site.run("replace_secret", "contoso", CLIENT, "--secret-file", folder / "secret")
    assert "sees 2 subscriptions" in done


def erase(site: Installation, open_page_of: Open, folder: Path) -> Path:
    """Request the erasure with the command, and confirm it on the page. A worker then erases the customer, without a
    waiting period. Return the certificate.
    """
    reason = ("--reason", "The contract ended")
    assert "waiting for a second administrator" in site.run("erase_customer", "contoso", *reason)
    ada = sign_in(visitor(open_page_of, site), ADA[0])
    ada.goto("/organizations/northlight-managed/settings/erasures/")
    ada.get_by_role("link", name="Contoso Logistics").click()
    ada.get_by_role("button", name="Confirm erasure").click()
    button = ada.get_by_role("button", name="Download certificate")
    reloaded_until(ada, button.is_visible)
    with ada.expect_download() as download:
        button.click()
    download.value.save_as(folder / "certificate.pdf")
    return folder / "certificate.pdf"
