"""Import scans from the watched folder: `<SURETY_SCAN_FOLDER>/<organization>/<customer>/<file>`, where the folders have
the short names of organization and customer.

The journal names each imported or refused file. Then the file is moved to `imported` or `refused`, two subfolders of
the customer's folder. Hidden files, symbolic links, files with several hard links, and files that were changed a moment
ago are not imported and stay where they are.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from django.db import transaction

from assessments.actions.scans.imports import import_scan
from assessments.models import ScanImport
from assessments.scan_files.opened import MAX_BYTES
from tenants import journal
from tenants.actors import System
from tenants.errors import Refusal
from tenants.models import Tenant

log = structlog.get_logger(__name__)

WATCHER: Final = System("watched folder")
SETTLED_SECONDS: Final = 60
"""A file counts as complete this many seconds after its last change. A program may still be writing a file that was
changed more recently.
"""
MAX_FILES: Final = 20
"""Maximum number of files of one customer that one run imports."""
IMPORTED, REFUSED = "imported", "refused"
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def import_from_folder(*, tenant: Tenant) -> int:
    """Import the files in the customer's folder. Return how many files were imported or refused. Call this in a
    transaction with the tenant's scope (`tenants.scope`).

    Files are moved when the transaction is committed. If it is rolled back, the files stay in the folder and are
    imported later.
    """
    done = 0
    for path in waiting_files(tenant):
        content = _read(path)
        if content is None:
            continue
        _import(tenant, path, content)
        done += 1
        if done >= MAX_FILES:
            break
    return done


def waiting_files(tenant: Tenant) -> list[Path]:
    """Return the files that may be imported from the customer's folder, ordered by name."""
    if not settings.SURETY_SCAN_FOLDER:
        return []
    organization = Path(settings.SURETY_SCAN_FOLDER) / tenant.organization.slug
    folder = organization / tenant.slug
    try:
        if organization.is_symlink() or folder.is_symlink() or not folder.is_dir():
            return []
        found = [
            path
            for path in folder.iterdir()
            if not path.name.startswith(".") and path.name not in (IMPORTED, REFUSED)
        ]
    except OSError as error:
        # Do not raise the error, so that the caller can still import the files of other customers.
        log.error("scan folder cannot be read", path=str(folder), error=error.strerror)
        return []
    if found and not os.access(folder, os.W_OK | os.X_OK):
        # Import no file that cannot be moved: later runs would read it again and refuse it as already imported.
        log.error("scan folder cannot be written", path=str(folder))
        return []
    for place in (folder / IMPORTED, folder / REFUSED):
        # Refuse a link. With a link, anyone who can write here could make Surety move files into another customer's
        # folder.
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            log.error("scan files cannot be moved, because the place is not a folder", path=str(place))
            return []
    return sorted(found)


def unknown_folders(expected: AbstractSet[tuple[str, str]]) -> list[Path]:
    """Return the folders that belong to no customer. Files in such folders are not imported.

    `expected` has (short name of the organization, short name of the customer) of each customer.
    """
    root = Path(settings.SURETY_SCAN_FOLDER)
    organizations = {organization for organization, _ in expected}
    unknown = []
    for folder in _folders(root):
        if folder.name not in organizations:
            unknown.append(folder)
        else:
            unknown += [inner for inner in _folders(folder) if (folder.name, inner.name) not in expected]
    return unknown


def _folders(place: Path) -> list[Path]:
    """Return the folders in a folder, ordered by name, without hidden folders and symbolic links."""
    try:
        with os.scandir(place) as found:
            names = sorted(
                item.name
                for item in found
                if item.is_dir(follow_symlinks=False) and not item.name.startswith(".")
            )
    except OSError as error:
        log.error("scan folder cannot be read", path=str(place), error=error.strerror)
        return []
    return [place / name for name in names]


def _read(path: Path) -> bytes | None:
    """Return the content of a file. Return None if the file is not regular, cannot be opened, has several hard links,
    or was changed less than `SETTLED_SECONDS` ago.

    At most `MAX_BYTES` + 1 bytes are read: the additional byte lets the caller see that the file is larger than
    `MAX_BYTES`.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        log.warning("scan file cannot be opened", path=str(path), error=error.strerror)
        return None
    found = os.fstat(descriptor)
    age = time.time() - found.st_mtime
    if not stat.S_ISREG(found.st_mode) or age < SETTLED_SECONDS:
        os.close(descriptor)
        if age < -SETTLED_SECONDS:
            log.warning("scan file was changed in the future, so it waits until then", path=str(path))
        return None
    if found.st_nlink > 1:
        # Skip the file: the person who made this hard link may not be permitted to read the file under its other name.
        os.close(descriptor)
        log.warning("scan file has several hard links", path=str(path))
        return None
    with open(descriptor, "rb") as file:
        return file.read(MAX_BYTES + 1)


def _import(tenant: Tenant, path: Path, content: bytes) -> None:
    place = IMPORTED
    try:
        import_scan(
            tenant=tenant,
            by=WATCHER,
            origin=ScanImport.Origin.FOLDER,
            file_name=path.name,
            content=content,
        )
    except Refusal as error:
        place = REFUSED
        journal.record(
            tenant=tenant,
            actor=WATCHER,
            action="scan.refused",
            target=f"scan_file:{path.name}"[:200],
            details={"file": path.name, "code": error.code, "reason": error.message},
        )
    transaction.on_commit(partial(_move, path, place))


def _move(path: Path, place: str) -> None:
    """Move a file to a folder beside it. A symbolic link in place of the folder is not followed."""
    try:
        with _opened(path.parent) as folder:
            with suppress(FileExistsError):
                os.mkdir(place, dir_fd=folder)
            with _opened(place, folder) as target:
                name = f"{time.time_ns()}-{path.name}"
                os.rename(path.name, name, src_dir_fd=folder, dst_dir_fd=target)
    except OSError as error:
        log.error("scan file cannot be moved", path=str(path), error=error.strerror)


@contextmanager
def _opened(folder: Path | str, inside: int | None = None) -> Iterator[int]:
    descriptor = os.open(folder, _FOLDER, dir_fd=inside)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
