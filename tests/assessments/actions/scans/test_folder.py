"""The watched folder: each customer's files are imported or refused, and moved."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from assessments.actions.scans import folder as scan_folder
from assessments.actions.scans.folder import import_from_folder, waiting_files
from assessments.models import ScanImport
from assessments.tasks import import_scans, look_for_scans
from tenants.models import JournalEntry, Tenant
from tenants.scope import tenant_scope
from tests import factories
from tests.assessments.scan_files import examples

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant()


@pytest.fixture
def folder(tenant: Tenant, tmp_path: Path, settings: Any) -> Path:
    settings.SURETY_SCAN_FOLDER = str(tmp_path)
    place = tmp_path / tenant.organization.slug / tenant.slug
    place.mkdir(parents=True)
    return place


def put(folder: Path, name: str, content: bytes = examples.NESSUS, age: float = 3600) -> Path:
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (time.time() - age,) * 2)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name.partition("-")[2] for path in folder.iterdir()) if folder.exists() else []


def imports(tenant: Tenant) -> list[Any]:
    with tenant_scope(tenant.pk):
        return list(ScanImport.objects.values_list("file_name", "origin", "imported_by"))


def test_files_are_imported_and_moved(tenant: Tenant, folder: Path) -> None:
    put(folder, "weekly.nessus")
    import_scans(str(tenant.pk))
    assert imports(tenant) == [("weekly.nessus", "folder", None)]
    assert names(folder / "imported") == ["weekly.nessus"]
    assert [path.name for path in folder.iterdir()] == ["imported"]
    with tenant_scope(tenant.pk):
        assert JournalEntry.objects.get(action="scan.imported").details["origin"] == "folder"


def test_refused_files_are_moved_and_recorded_with_the_reason(tenant: Tenant, folder: Path) -> None:
    put(folder, "a.nessus", examples.NESSUS[:300])
    put(folder, "b.xml", examples.IP360)
    put(folder, "c.nessus")
    import_scans(str(tenant.pk))
    put(folder, "d.nessus")
    import_scans(str(tenant.pk))
    assert names(folder / "refused") == ["a.nessus", "b.xml", "d.nessus"]
    assert [name for name, *_ in imports(tenant)] == ["c.nessus"]
    with tenant_scope(tenant.pk):
        refused = JournalEntry.objects.filter(action="scan.refused").order_by("sequence")
        codes = {entry.details["file"]: entry.details["code"] for entry in refused}
    assert codes == {
        "a.nessus": "scan_file_unusable",
        "b.xml": "scan_time_missing",
        "d.nessus": "already_imported",
    }


def test_only_settled_regular_files_are_read(tenant: Tenant, folder: Path, tmp_path: Path) -> None:
    put(folder, "new.nessus", age=5)
    put(folder, ".hidden.nessus")
    secret = put(tmp_path, "secret.nessus")
    (folder / "link.nessus").symlink_to(secret)
    os.mkfifo(folder / "pipe.nessus")
    (folder / "directory").mkdir()
    import_scans(str(tenant.pk))
    assert imports(tenant) == []
    assert not (folder / "refused").exists()


def test_a_file_from_the_future_waits_and_is_logged(tenant: Tenant, folder: Path) -> None:
    path = put(folder, "weekly.nessus", age=-3600)
    with capture_logs() as logs:
        import_scans(str(tenant.pk))
    assert imports(tenant) == []
    assert [entry["path"] for entry in logs if "future" in entry["event"]] == [str(path)]


def test_folders_of_no_customer_are_logged(tenant: Tenant, folder: Path, tmp_path: Path) -> None:
    misspelled, unknown = folder.parent / f"{tenant.slug}-", tmp_path / "nobody"
    for place in (misspelled, unknown, tmp_path / ".hidden"):
        place.mkdir()
    (tmp_path / "link").symlink_to(folder)
    with capture_logs() as logs:
        look_for_scans()
    found = [entry["path"] for entry in logs if entry["event"] == "scan folder belongs to no customer"]
    assert sorted(found) == sorted(map(str, (misspelled, unknown)))


def test_a_missing_folder_is_logged(tenant: Tenant, tmp_path: Path, settings: Any) -> None:
    settings.SURETY_SCAN_FOLDER = str(tmp_path / "absent")
    with capture_logs() as logs:
        look_for_scans()
    assert [entry["path"] for entry in logs if entry["event"] == "scan folder cannot be read"] == [
        str(tmp_path / "absent")
    ]


def test_a_folder_that_cannot_be_read_does_not_stop_the_imports_of_other_customers(
    tenant: Tenant, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.tenant(tenant.organization, name="Other")
    second = tmp_path / tenant.organization.slug / other.slug
    second.mkdir()
    listed = Path.iterdir

    def refuse(place: Path) -> Any:
        if place == folder:
            raise PermissionError(13, "Permission denied")
        return listed(place)

    monkeypatch.setattr(Path, "iterdir", refuse)
    put(second, "weekly.nessus")
    with capture_logs() as logs:
        look_for_scans()
        assert waiting_files(tenant) == []
        assert [path.name for path in waiting_files(other)] == ["weekly.nessus"]
    found = [entry["path"] for entry in logs if entry["event"] == "scan folder cannot be read"]
    assert set(found) == {str(folder)}


def test_a_folder_that_is_a_link_is_not_read(tenant: Tenant, folder: Path, tmp_path: Path) -> None:
    other = factories.tenant(tenant.organization, name="Other")
    put(folder, "weekly.nessus")
    (tmp_path / tenant.organization.slug / other.slug).symlink_to(folder)
    import_scans(str(other.pk))
    assert imports(other) == []


@pytest.mark.parametrize("place", ["imported", "refused"])
def test_files_are_not_moved_into_the_folder_of_another_customer(
    place: str, tenant: Tenant, folder: Path
) -> None:
    """If files were moved through a symbolic link, anyone who may write into one customer's folder could add scans to
    another customer.
    """
    other = factories.tenant(tenant.organization, name="Other")
    theirs = folder.parent / other.slug
    theirs.mkdir()
    (folder / place).symlink_to(theirs)
    put(folder, "weekly.nessus", examples.NESSUS if place == "imported" else examples.NESSUS[:300])
    import_scans(str(tenant.pk))
    assert list(theirs.iterdir()) == []
    assert (folder / "weekly.nessus").exists()
    assert imports(tenant) == [], "a file that cannot be moved is not imported"


def test_a_link_made_during_the_import_is_not_followed(tenant: Tenant, folder: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    path = put(folder, "weekly.nessus")
    (folder / "imported").symlink_to(theirs)
    scan_folder._move(path, "imported")
    assert path.exists()
    assert list(theirs.iterdir()) == []


def test_a_hard_link_is_not_read(tenant: Tenant, folder: Path, tmp_path: Path) -> None:
    (folder / "weekly.nessus").hardlink_to(put(tmp_path, "theirs.nessus"))
    import_scans(str(tenant.pk))
    assert imports(tenant) == []
    assert not (folder / "imported").exists()


@pytest.mark.parametrize("content", [examples.NESSUS, examples.NESSUS[:300]])
def test_a_name_that_is_not_unicode_does_not_stop_the_other_files(
    content: bytes, tenant: Tenant, folder: Path
) -> None:
    put(folder, os.fsdecode(b"a\xff.nessus"), content)
    put(folder, "b.nessus", examples.NESSUS.replace(b"weekly", b"daily"))
    import_scans(str(tenant.pk))
    assert "b.nessus" in [name for name, *_ in imports(tenant)]


def test_a_file_that_is_too_large_is_refused(
    tenant: Tenant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assessments.scan_files.opened.MAX_BYTES", 10)
    monkeypatch.setattr(scan_folder, "MAX_BYTES", 10)
    put(folder, "weekly.nessus")
    import_scans(str(tenant.pk))
    assert names(folder / "refused") == ["weekly.nessus"]


def test_a_lost_import_leaves_the_file(tenant: Tenant, folder: Path) -> None:
    put(folder, "weekly.nessus")

    class Lost(Exception):
        pass

    def lose() -> None:
        with tenant_scope(tenant.pk):
            assert import_from_folder(tenant=tenant) == 1
            raise Lost

    with pytest.raises(Lost):
        lose()
    assert [path.name for path in folder.iterdir()] == ["weekly.nessus"]
    assert imports(tenant) == []


def test_without_the_setting_nothing_is_read(tenant: Tenant, folder: Path, settings: Any) -> None:
    put(folder, "weekly.nessus")
    settings.SURETY_SCAN_FOLDER = ""
    assert waiting_files(tenant) == []


def test_each_run_reads_a_limited_number(
    tenant: Tenant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_folder, "MAX_FILES", 2)
    for number in range(3):
        put(folder, f"{number}.nessus", examples.NESSUS.replace(b"weekly", f"scan {number}".encode()))
    import_scans(str(tenant.pk))
    assert [name for name, *_ in imports(tenant)] == ["1.nessus", "0.nessus"]
    import_scans(str(tenant.pk))
    assert len(imports(tenant)) == 3
