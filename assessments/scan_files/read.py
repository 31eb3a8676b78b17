"""Recognize the format of a scan file, and read the file."""

from __future__ import annotations

import codecs
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from assessments.scan_files import greenbone, ip360, nessus, qualys
from assessments.scan_files.defender import read_json
from assessments.scan_files.facts import SCANNERS, Hosts, ScanFile, Scanner, refused
from assessments.scan_files.opened import as_text, unpacked
from assessments.scan_files.tables import read_table
from assessments.scan_files.xml_records import Record, records, root_of
from tenants.errors import invalid


class _Reader(Protocol):
    def take(self, record: Record) -> None: ...

    def finish(self) -> None: ...


_FORMATS: Final = (nessus, greenbone, qualys, ip360)
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TOLERANCE: Final = timedelta(days=1)
"""Clocks and zones of scanners may be wrong by this much."""
EARLIEST_YEAR: Final = 2000


def read_scan(content: bytes, *, now: datetime, scanned_at: datetime | None = None) -> ScanFile:
    """Return the content of a scan file. If the file states no time for a machine, `scanned_at` is used as the time of
    the machine's scan.

    Raise InvalidInput for an unknown format, for a damaged or too large file, and for a missing or impossible time. The
    message says what to do.
    """
    content = unpacked(content)
    hosts = Hosts()
    scanner = _read(content, hosts)
    found = hosts.finished()
    if not found:
        raise refused("The file has no machine. Export a report with results of at least one machine.")
    for host in found:
        if host.scanned_at is not None and (fault := _fault_of(host.scanned_at, now)):
            raise refused(f"The file states a scan {fault}. Check the clock of the scanner.")
    if any(host.scanned_at is None for host in found):
        if scanned_at is None:
            raise invalid(
                "scanned_at",
                f"This file of {SCANNERS[scanner]} does not state when the machines were scanned. Enter the time of the"
                " scan.",
                code="scan_time_missing",
            )
        if fault := _fault_of(scanned_at, now):
            raise invalid("scanned_at", f"Enter the time of the scan. You entered a time {fault}.")
    timed = tuple(host if host.scanned_at else replace(host, scanned_at=scanned_at) for host in found)
    notes = tuple(f"Left out: {number:,} {what}." for what, number in sorted(hosts.notes.items()))
    return ScanFile(scanner, timed, notes)


def _fault_of(at: datetime, now: datetime) -> str:
    """Say what is impossible about the time of a scan, or return an empty string."""
    if at > now + _TOLERANCE:
        return f"on {at:%Y-%m-%d}, which is in the future"
    if at.year < EARLIEST_YEAR:
        return f"in the year {at.year}, which is too early"
    return ""


def _read(content: bytes, hosts: Hosts) -> Scanner:
    content = content.removeprefix(codecs.BOM_UTF8)
    start = content.lstrip()
    # Parsers accept an XML declaration only at the very beginning, so white space before it is removed.
    if start.startswith(b"<"):
        return _read_xml(start, hosts)
    text = as_text(content)
    if content.startswith(_UTF16) and text.lstrip().startswith("<"):
        return _read_xml(content, hosts)
    if text.lstrip().startswith(("{", "[")):
        return read_json(text, hosts)
    return read_table(text, hosts)


def _read_xml(content: bytes, hosts: Hosts) -> Scanner:
    root = root_of(content)
    found = next((one for one in _FORMATS if root in one.ROOTS), None)
    if found is None:
        if root == "NessusClientData":
            raise refused(
                "This is version 1 of Nessus’ format. Export the scan in the format “Nessus”, version 2."
            )
        raise refused(
            f"The XML element “{root[:60]}” belongs to no known scanner. Upload a file of one of these scanners:"
            f" {', '.join(SCANNERS.values())}."
        )
    reader: _Reader = found.Reader(hosts)
    for record in records(content, found.is_record):
        reader.take(record)
    reader.finish()
    scanner: Scanner = found.SCANNER
    return scanner
