"""The pages of imported vulnerability scans: the empty list, the import, refused files, and deleting an import."""

from __future__ import annotations

from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments.models import ScanImport
from portal.retention.actions.holds import place_hold
from portal.web.scans.views import LOCATION, UPLOAD
from tenants.models import JournalEntry
from tests import factories
from tests.assessments.scan_files import examples
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


def file(content: bytes = examples.NESSUS, name: str = "weekly.nessus") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def own(world: World) -> ScanImport:
    row: ScanImport = world.of(world.home)["scan_import"]
    return row


def test_a_file_is_imported_and_its_unmatched_machines_are_listed(engineer: Client, world: World) -> None:
    address = reverse("scans", args=[world.home.slug])
    answer = engineer.post(address, {"file": file()}, follow=True)
    html = unescape(answer.content.decode())
    with factories.in_tenant(world.home):
        row = ScanImport.objects.get(scanner="nessus")
        assert row.origin == "page"
        assert row.imported_by == world.people["organization_engineer"]
    assert answer.redirect_chain == [(reverse("scan", args=[world.home.slug, row.pk]), 302)]
    for text in (
        "Scan imported. The next assessment evaluates the scan.",
        "weekly.nessus",
        "2, 2 of them without a matching machine in the inventory",
        "1 critical, 1 medium",
        "No machine has the address 10.0.0.4 or the name web1.contoso.example or web1",
        "The scanner did not sign in",
        row.sha256,
    ):
        assert text in html, text
    html = unescape(page(engineer, "scans", world.home.slug))
    assert "weekly.nessus" in html
    assert "2 unmatched" in html


def test_a_script_gets_the_address_instead_of_a_redirect(engineer: Client, world: World) -> None:
    address = reverse("scans", args=[world.home.slug])
    answer = engineer.post(address, {"file": file()}, headers={UPLOAD: "1"})
    with factories.in_tenant(world.home):
        row = ScanImport.objects.get(scanner="nessus")
    assert answer.status_code == 204
    assert answer.headers[LOCATION] == reverse("scan", args=[world.home.slug, row.pk])
    assert "Scan imported" in unescape(engineer.get(answer.headers[LOCATION]).content.decode())


@pytest.mark.parametrize(
    ("content", "scanned_at", "text"),
    [
        (examples.IP360, "", "does not state when the machines were scanned. Enter the time of the scan."),
        (b"<!DOCTYPE r [<!ENTITY e 'x'>]><NessusClientData_v2/>", "", "declares XML entities"),
        (examples.NESSUS[:300], "", "not complete, well-formed XML"),
        (b"a,b\n1,2\n", "", "names the columns of a known scanner"),
        (b"a,b\n1,2\n", "", "Tripwire IP360: ip, vulnerability, vulnerability id"),
        (examples.NESSUS, "yesterday", "Enter a valid date/time."),
        (b"", "", "The submitted file is empty."),
    ],
)
def test_refused_files_store_nothing(
    engineer: Client, world: World, content: bytes, scanned_at: str, text: str
) -> None:
    values = {"file": file(content), "scanned_at": scanned_at}
    answer = engineer.post(reverse("scans", args=[world.home.slug]), values)
    assert answer.status_code == 400
    assert text in unescape(answer.content.decode())
    with factories.in_tenant(world.home):
        assert list(ScanImport.objects.all()) == [own(world)]


def test_the_stated_time_is_in_the_zone_of_the_customer(engineer: Client, world: World) -> None:
    with factories.in_tenant(world.home):
        type(world.home).objects.filter(pk=world.home.pk).update(timezone="Asia/Tokyo")
    values = {"file": file(examples.IP360, "ip360.xml"), "scanned_at": "2026-10-01T09:00"}
    assert engineer.post(reverse("scans", args=[world.home.slug]), values).status_code == 302
    with factories.in_tenant(world.home):
        row = ScanImport.objects.get(file_name="ip360.xml")
    assert row.scanned_at.isoformat() == "2026-10-01T00:00:00+00:00"


def test_deleting_needs_a_reason(engineer: Client, world: World) -> None:
    address = reverse("scan-delete", args=[world.home.slug, own(world).pk])
    refused = engineer.post(address, {"reason": " "})
    assert refused.status_code == 400
    with factories.in_tenant(world.home):
        assert ScanImport.objects.count() == 1
    answer = engineer.post(address, {"reason": "Wrong customer"}, follow=True)
    html = unescape(answer.content.decode())
    assert "The next assessment no longer uses this import." in html
    assert "No scans imported" in html
    with factories.in_tenant(world.home):
        assert not ScanImport.objects.exists()
        assert JournalEntry.objects.filter(action="scan.deleted").count() == 1


def test_an_import_stays_while_the_customer_is_on_hold(engineer: Client, world: World) -> None:
    with factories.in_tenant(world.home):
        place_hold(tenant=world.home, by=world.people["organization_administrator"], reason="Litigation 4711")
    address = reverse("scan-delete", args=[world.home.slug, own(world).pk])
    refused = engineer.post(address, {"reason": "Wrong customer"})
    assert refused.status_code == 400
    assert "is on legal hold" in unescape(refused.content.decode())
    with factories.in_tenant(world.home):
        assert ScanImport.objects.count() == 1


def test_only_unmatched_machines(engineer: Client, world: World) -> None:
    html = unescape(page(engineer, "scan", world.home.slug, str(own(world).pk), query="?only=unmatched"))
    assert "192.0.2.4" in html
    assert "No machine has the address 192.0.2.4" in html


def test_auditors_see_imports_but_cannot_change_them(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people["auditor"])
    html = unescape(page(client, "scans", world.home.slug))
    assert own(world).file_name in html
    assert "Import a scan" not in html
    assert client.post(reverse("scans", args=[world.home.slug]), {"file": file()}).status_code == 403
    address = reverse("scan-delete", args=[world.home.slug, own(world).pk])
    assert client.post(address, {"reason": "No"}).status_code == 403
    with factories.in_tenant(world.home):
        assert ScanImport.objects.count() == 1


def test_imports_of_another_customer_are_not_found(engineer: Client, world: World) -> None:
    foreign = world.of(world.foreign)["scan_import"].pk
    for slug in (world.home.slug, world.foreign.slug):
        assert engineer.get(reverse("scan", args=[slug, foreign])).status_code == 404
        answer = engineer.post(reverse("scan-delete", args=[slug, foreign]), {"reason": "x"})
        assert answer.status_code == 404
    answer = engineer.post(reverse("scans", args=[world.foreign.slug]), {"file": file()})
    assert answer.status_code == 404
