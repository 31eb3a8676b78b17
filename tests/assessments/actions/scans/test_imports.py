"""Importing scans: matching with the inventory, stored rows, journal entries, and the documents added to an estate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.actions.scans.documents import add_imported_scans
from assessments.actions.scans.imports import SLOTS, delete_import, import_scan, match_again, old_imports
from assessments.actions.units.inventory import key_of
from assessments.estate.estate import Estate, UnitKind
from assessments.models import Assessment, Resource, ResourceVersion, ScanEntry, ScanImport
from tenants.errors import Conflict, InvalidInput, NoScope
from tenants.locks import Lock
from tenants.models import JournalEntry, Person, Tenant
from tenants.scope import tenant_scope
from tests import factories
from tests.concurrency import held_elsewhere

pytestmark = pytest.mark.django_db

GUID = "10000000-0000-0000-0000-000000000001"
GROUP = f"/subscriptions/{GUID}/resourceGroups/rg"
VM = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/Web1"
NIC = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/nic1"
ADDRESS = f"{GROUP}/providers/Microsoft.Network/publicIPAddresses/ip1"
COLUMNS = "IP,NetBIOS Name,Vulnerability,Vulnerability ID,CVSS V3"


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant()


@pytest.fixture
def by() -> Person:
    return factories.person("anna@contoso.example", name="Anna")


def add_resource(tenant: Tenant, identifier: str, kind: str, properties: dict[str, Any]) -> Resource:
    now = timezone.now()
    resource = Resource.objects.create(
        tenant=tenant,
        resource_id=identifier,
        key=key_of(identifier),
        type=kind,
        name=identifier.rsplit("/", 1)[-1],
        unit=f"/subscriptions/{GUID}",
        sha256="a" * 64,
        first_seen_at=now,
        changed_at=now,
    )
    assessment, _ = Assessment.objects.get_or_create(tenant=tenant, number=1, defaults={"trigger": "manual"})
    ResourceVersion.objects.create(
        tenant=tenant,
        resource=resource,
        assessment=assessment,
        at=now,
        sha256="a" * 64,
        stored={"id": identifier, "properties": properties},
    )
    return resource


def add_machine(tenant: Tenant) -> Resource:
    add_resource(
        tenant,
        NIC,
        "microsoft.network/networkInterfaces",
        {
            "virtualMachine": {"id": VM.upper()},
            "ipConfigurations": [
                {"properties": {"privateIPAddress": "10.0.0.4", "publicIPAddress": {"id": ADDRESS.lower()}}}
            ],
        },
    )
    add_resource(
        tenant,
        ADDRESS,
        "Microsoft.Network/publicIPAddresses",
        {"ipAddress": "203.0.113.9", "dnsSettings": {"fqdn": "www.contoso.example"}},
    )
    return add_resource(
        tenant,
        VM,
        "Microsoft.Compute/virtualMachines",
        {"vmId": "0F0F0F0F-0000-0000-0000-000000000001", "osProfile": {"computerName": "WEB-OS"}},
    )


def imported(tenant: Tenant, by: Person, *rows: str, days: float = 2, **given: Any) -> ScanImport:
    values = {
        "origin": "page",
        "file_name": "weekly.csv",
        "content": "\n".join([COLUMNS, *rows]).encode(),
        "scanned_at": timezone.now() - timedelta(days=days),
        **given,
    }
    return import_scan(tenant=tenant, by=by, **values)


def documents(tenant: Tenant, guid: str = GUID) -> Any:
    """Return the imported scans in the estate of a subscription, or None if the estate lacks this collection."""
    estate = Estate(kind=UnitKind.SUBSCRIPTION, unit_id=guid, subscriptions=[guid], now=timezone.now())
    add_imported_scans(estate, tenant.pk)
    if not estate.was_asked("imported_scans"):
        return None
    return [dict(view.body) for view in estate.documents("imported_scans")]


@pytest.mark.parametrize(
    "row",
    [
        "10.0.0.4,,",
        "203.0.113.9,,",
        "192.0.2.1,web1,",
        "192.0.2.1,web-os.corp.contoso.example,",
        "192.0.2.1,www.contoso.example,",
    ],
)
def test_a_machine_is_matched_by_what_the_inventory_knows(tenant: Tenant, by: Person, row: str) -> None:
    with tenant_scope(tenant.pk):
        add_machine(tenant)
        entry = imported(tenant, by, f"{row}Old TLS library,801,9.8").entries.get()
        assert (entry.machine, entry.reason) == (VM.casefold(), "")


def test_an_import_stores_its_machines_and_is_recorded_in_the_journal(tenant: Tenant, by: Person) -> None:
    with tenant_scope(tenant.pk):
        add_machine(tenant)
        row = imported(tenant, by, "10.0.0.4,web1,Old TLS library,801,9.8", "192.0.2.7,,Weak ciphers,802,5.0")
        assert (row.scanner, row.origin, row.imported_by, row.counts) == (
            "ip360",
            "page",
            by,
            {"critical": 1, "medium": 1},
        )
        matched, other = row.entries.order_by("-machine")
        assert matched.vulnerabilities == [{"id": "801", "title": "Old TLS library", "severity": "critical"}]
        assert other.reason == "No machine has the address 192.0.2.7"
        entry = JournalEntry.objects.get(tenant=tenant, action="scan.imported")
        assert entry.details["machines"] == 2
        assert entry.details["unmatched"] == 1
        assert entry.details["sha256"] == row.sha256


def test_the_same_file_is_not_imported_twice(tenant: Tenant, by: Person) -> None:
    with tenant_scope(tenant.pk):
        imported(tenant, by, "10.0.0.4,,Old TLS library,801,9.8")
        with pytest.raises(Conflict, match="was imported on") as error:
            imported(tenant, by, "10.0.0.4,,Old TLS library,801,9.8", file_name="again.csv")
        assert error.value.code == "already_imported"
        assert ScanImport.objects.count() == 1


@pytest.mark.parametrize("occupied", ["the customer", "all slots"])
def test_uploads_do_not_wait_for_each_other(tenant: Tenant, by: Person, occupied: str) -> None:
    """Reading a large file takes many seconds. If other uploads waited for it, they would occupy all web server
    threads.
    """
    which = Lock.SCAN_IMPORTS if occupied == "the customer" else Lock.SCAN_SLOT
    names = [str(tenant.pk)] if occupied == "the customer" else map(str, range(SLOTS))
    row = "10.0.0.4,,Old TLS library,801,9.8"
    with tenant_scope(tenant.pk):
        with held_elsewhere(which, *names):
            for origin in ("page", "api"):
                with pytest.raises(Conflict, match="Try again in a minute") as error:
                    imported(tenant, by, row, origin=origin)
                assert error.value.code == "import_busy"
            if occupied == "all slots":
                assert imported(tenant, by, row, origin="folder").origin == "folder"
        assert imported(tenant, by, f"{row}\n{row}").origin == "page"


def test_nothing_is_stored_of_a_refused_file(tenant: Tenant, by: Person) -> None:
    with tenant_scope(tenant.pk):
        for content in (b"<NessusClientData_v2><Report>", b"nonsense"):
            with pytest.raises(InvalidInput):
                imported(tenant, by, content=content)
        with pytest.raises(InvalidInput, match="does not state when"):
            imported(tenant, by, "10.0.0.4,,Old TLS library,801,9.8", scanned_at=None)
        assert not ScanImport.objects.exists()
        assert not JournalEntry.objects.filter(tenant=tenant, action="scan.imported").exists()


def test_the_number_of_imports_is_limited(
    tenant: Tenant, by: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assessments.actions.scans.imports.MAX_IMPORTS", 1)
    with tenant_scope(tenant.pk):
        imported(tenant, by, "10.0.0.4,,Old TLS library,801,9.8")
        with pytest.raises(Conflict, match="Delete old ones"):
            imported(tenant, by, "10.0.0.4,,Old TLS library,802,9.8")


def test_deleting_needs_a_reason_and_is_recorded(tenant: Tenant, by: Person) -> None:
    with tenant_scope(tenant.pk):
        row = imported(tenant, by, "10.0.0.4,,Old TLS library,801,9.8")
        for reason in ("", " \n", "x" * 1001):
            with pytest.raises(InvalidInput, match="Enter a reason"):
                delete_import(scan_import=row, by=by, reason=reason)
        delete_import(scan_import=row, by=by, reason="Wrong\n customer")
        assert not ScanImport.objects.exists()
        assert not ScanEntry.objects.exists()
        entry = JournalEntry.objects.get(tenant=tenant, action="scan.deleted")
        assert entry.details["reason"] == "Wrong customer"


def test_entries_are_matched_again(tenant: Tenant, by: Person) -> None:
    with tenant_scope(tenant.pk):
        imported(tenant, by, "10.0.0.4,,Old TLS library,801,9.8")
        resource = add_machine(tenant)
    assert match_again(tenant_id=tenant.pk) == 1
    assert match_again(tenant_id=tenant.pk) == 0
    with tenant_scope(tenant.pk):
        assert ScanEntry.objects.get().machine == VM.casefold()
        Resource.objects.filter(pk=resource.pk).update(gone_at=timezone.now())
    assert match_again(tenant_id=tenant.pk) == 1
    with tenant_scope(tenant.pk):
        assert ScanEntry.objects.get().reason == "No machine has the address 10.0.0.4"


def test_another_customers_machines_are_not_matched(tenant: Tenant, by: Person) -> None:
    other = factories.tenant(name="Other")
    with tenant_scope(other.pk):
        add_machine(other)
    with tenant_scope(tenant.pk):
        assert imported(tenant, by, "10.0.0.4,web1,Old TLS library,801,9.8").entries.get().machine == ""
    with tenant_scope(other.pk):
        assert documents(other) is None
        assert not ScanImport.objects.exists()


def test_without_a_scope_nothing_is_imported(tenant: Tenant, by: Person) -> None:
    with pytest.raises(NoScope):
        imported(tenant, by, "10.0.0.4,,Old TLS library,801,9.8")


def test_an_estate_gets_the_last_scan_of_each_machine_by_each_scanner(tenant: Tenant, by: Person) -> None:
    first, last = timezone.now() - timedelta(days=50), timezone.now() - timedelta(days=3)
    with tenant_scope(tenant.pk):
        assert documents(tenant) is None
        add_machine(tenant)
        imported(tenant, by, "10.0.0.4,,Kept,801,9.8", "10.0.0.4,,Fixed,802,7.5", scanned_at=first)
        imported(tenant, by, "10.0.0.4,,Kept,801,9.8", "10.0.0.4,,New,803,7.5", scanned_at=last)
        (document,) = documents(tenant)
        assert document["id"] == f"{VM.casefold()}/imported/vulnerabilityScans/ip360"
        assert document["properties"]["scannedAt"] == last.isoformat()
        known = {one["title"]: one["knownSince"] for one in document["properties"]["vulnerabilities"]}
        # Both imports contain “Kept”, so it has been known since the first import.
        assert known == {"Kept": first.isoformat(), "New": last.isoformat()}
        assert documents(tenant, "10000000-0000-0000-0000-000000000002") == []


def test_all_entries_of_the_last_import_count_even_if_another_import_is_between_them(
    tenant: Tenant, by: Person
) -> None:
    """The last file contains two results for one machine: an older one for its private address, and a newer one for its
    public address. The first import has a date between the dates of these two results.
    """
    columns = '"IP","QID","Title","Severity","Last Detected"'

    def table(*rows: str) -> bytes:
        return "\n".join([columns, *rows]).encode()

    private, public = '"10.0.0.4","501","Old TLS library","5"', '"203.0.113.9","502","Weak ciphers","4"'
    with tenant_scope(tenant.pk):
        add_machine(tenant)
        for day in (3, 9):
            content = table(f'{private},"11/01/2026 08:00:00"', f'{public},"11/{day:02}/2026 08:00:00"')
            imported(tenant, by, content=content, file_name="hosts.csv", scanned_at=None)
        (document,) = documents(tenant)
    assert document["properties"]["scannedAt"] == "2026-11-09T08:00:00+00:00"
    titles = {one["title"] for one in document["properties"]["vulnerabilities"]}
    assert titles == {"Old TLS library", "Weak ciphers"}


def test_a_vulnerability_that_was_fixed_and_returned_is_known_since_its_return(
    tenant: Tenant, by: Person
) -> None:
    with tenant_scope(tenant.pk):
        add_machine(tenant)
        for days, row in ((50, "Old,801,9.8"), (30, "Other,802,9.8"), (3, "Old,801,9.8")):
            imported(tenant, by, f"10.0.0.4,,{row}", f"192.0.2.{days},,x,1,1", days=days)
        (document,) = documents(tenant)
        (one,) = document["properties"]["vulnerabilities"]
        age = timezone.now() - datetime.fromisoformat(one["knownSince"])
        assert age.days == 3


def test_a_date_in_the_file_counts_if_it_is_earlier(tenant: Tenant, by: Person) -> None:
    from tests.assessments.scan_files import examples

    with tenant_scope(tenant.pk):
        add_machine(tenant)
        imported(tenant, by, content=examples.NESSUS, file_name="a.nessus", scanned_at=None)
        (document,) = documents(tenant)
        known = {one["id"]: one["knownSince"] for one in document["properties"]["vulnerabilities"]}
        assert known["9001"] == "2026-09-01T00:00:00+00:00"
        assert known["9002"] == document["properties"]["scannedAt"]
        assert document["properties"]["authenticated"] is True


def test_the_estate_of_a_directory_gets_no_scans(tenant: Tenant, by: Person) -> None:
    with tenant_scope(tenant.pk):
        imported(tenant, by, "10.0.0.4,,Old TLS library,801,9.8")
        estate = Estate(kind=UnitKind.DIRECTORY, unit_id=GUID, subscriptions=[GUID], now=timezone.now())
        add_imported_scans(estate, tenant.pk)
        assert not estate.was_asked("imported_scans")


def test_old_imports_are_those_whose_last_scan_is_old(tenant: Tenant, by: Person) -> None:
    with tenant_scope(tenant.pk):
        old = imported(tenant, by, "10.0.0.4,,Old TLS library,801,9.8", days=500)
        imported(tenant, by, "10.0.0.4,,Old TLS library,802,9.8")
        before = (timezone.now() - timedelta(days=400)).astimezone(UTC).isoformat()
        assert [row.pk for row in old_imports(tenant.pk, before)] == [old.pk]
