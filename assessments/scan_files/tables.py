"""Read CSV tables of Qualys, Tripwire IP360 and Defender for Cloud.

Three kinds of tables are read: Qualys' report from scan data, IP360's vulnerability report, and the result of
Microsoft's sample query for sub-assessments in Azure Resource Graph ("Download as CSV"). Lines before the header are
skipped.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from assessments.scan_files.facts import SCANNERS, Hosts, Scanner, Severity, rated, refused
from assessments.scan_files.qualys import IS_INFORMATION, SEVERITIES, is_fixed, note_sign_in
from assessments.scan_files.times import read_time

MAX_ROWS: Final = 1_000_000
MAX_COLUMNS: Final = 200
MAX_LINE: Final = 4 * 2**20
"""Maximum number of characters of a line. While one line is read, no other thread of the process runs."""
EXPLORER_ROWS: Final = 55_000
"""Number of rows after which Azure Resource Graph Explorer ends a CSV file, even if the result has more rows:
https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data
"""
MAX_AZURE_ID: Final = 1_000
"""Maximum number of characters of the id of a virtual machine."""
_HEADER_WITHIN: Final = 60
"""Number of lines in which the header is searched. Qualys writes some lines about the report before the header."""
# One line of a text with its line break: CR LF, CR or LF, as io.StringIO(text, newline="") would split the text.
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")

type Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of CSV table. `columns` are the names of the required columns, in lower case. `take(hosts, row)`
    adds to `hosts` what a row says about a machine.
    """

    scanner: Scanner
    columns: frozenset[str]
    take: Callable[[Hosts, Row], None]


def read_table(text: str, hosts: Hosts) -> Scanner:
    """Add all rows of a table to `hosts`, and return the scanner that wrote the table. Raise InvalidInput if the
    columns belong to no known scanner, or if rows are probably missing.
    """
    table: Table | None = None
    header: list[str] = []
    taken = 0
    for number, cells in _rows(text):
        if table is None:
            header = [cell.strip().strip("﻿").casefold() for cell in cells]
            table = next((one for one in TABLES if one.columns.issubset(header)), None)
            if table is None and number >= _HEADER_WITHIN:
                break
            continue
        if not any(cells):
            continue
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
        if not table.columns.issubset(row):
            raise refused(
                f"Row {number} of the table has fewer cells than its header. Export the report again, and upload the"
                " whole file."
            )
        table.take(hosts, row)
        taken += 1
    if table is None:
        needed = "; ".join(f"{SCANNERS[one.scanner]}: {', '.join(sorted(one.columns))}" for one in TABLES)
        raise refused(
            f"No line of the table names the columns of a known scanner. Export the report with these columns:"
            f" {needed}."
        )
    if table.scanner is Scanner.DEFENDER and taken == EXPLORER_ROWS:
        raise refused(
            f"The table has exactly {EXPLORER_ROWS:,} rows. Azure Resource Graph Explorer exports no more, so rows are"
            " probably missing. Query fewer machines, such as those of one subscription, and upload several files."
        )
    return table.scanner


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(_lines(text), delimiter=_separator(text), strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise refused(
                f"Row {number} of the table cannot be read ({error}). Export the report again, and upload the whole"
                " file."
            ) from None
        if len(cells) > MAX_COLUMNS:
            raise refused(f"Row {number} has more than {MAX_COLUMNS} columns. Export the report again.")
        if number > MAX_ROWS:
            raise refused(f"The table has more than {MAX_ROWS:,} rows. Export fewer machines into each file.")
        yield number, cells


def _lines(text: str) -> Iterator[str]:
    # io.StringIO would split the text too, but it would keep a second copy of the text in memory.
    end_of_line = "\n" if "\n" in text else "\r"
    start = 0
    while start < len(text):
        end = text.find(end_of_line, start) + 1 or len(text)
        if end - start > MAX_LINE:
            raise refused(
                f"A line of the table has more than {MAX_LINE // 2**20} million characters. Export the report again."
            )
        line = text[start:end]
        if "\r" in line.removesuffix("\n").removesuffix("\r"):
            yield from (found[0] for found in _LINE.finditer(line))
        else:
            yield line
        start = end


def _separator(text: str) -> str:
    start = text[:20_000]
    return max(",;\t", key=start.count)


def _qualys(hosts: Hosts, row: Row) -> None:
    status = row.get("ip status", "").casefold()
    if not row["ip"] or "not alive" in status or "not scanned" in status:
        hosts.notes["rows without a scanned machine"] += 1
        return
    name = row.get("fqdn") or row.get("dns", "")
    host = hosts.host(f"{row['ip']} {row.get('dns', '')}")
    host.identify(row["ip"], name, row.get("dns"), row.get("netbios"))
    host.note_scan_time(read_time(row.get("last detected")))
    if not row["qid"]:
        return
    if is_fixed(row.get("vuln status", "")):
        hosts.notes["vulnerabilities that Qualys reports as fixed"] += 1
        return
    note_sign_in(host, row["qid"], row.get("tracking method", ""))
    severity = SEVERITIES.get(row["severity"], Severity.UNKNOWN)
    if row.get("type", "").casefold() in IS_INFORMATION:
        severity = Severity.INFO
    hosts.add(host, row["qid"], row.get("title", ""), severity, read_time(row.get("first detected")))


def _ip360(hosts: Hosts, row: Row) -> None:
    host = hosts.host(row["ip"])
    host.identify(row["ip"], row.get("netbios name"), row.get("dns name"))
    if not row["vulnerability"] and not row["vulnerability id"]:
        return
    scores = [row.get(column, "") for column in ("cvss v3", "cvss v2")]
    severity = next(
        (found for score in scores if (found := rated(score)) is not Severity.UNKNOWN), Severity.UNKNOWN
    )
    hosts.add(host, row["vulnerability id"], row["vulnerability"], severity)


_WORDS: Final = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
}


def defender_severity(word: str) -> Severity:
    """Return the severity for a word of Defender for Cloud, such as `High`."""
    return _WORDS.get(word.strip().casefold(), Severity.UNKNOWN)


def _defender(hosts: Hosts, row: Row) -> None:
    found = Finding(
        resource_id=row["resourceid"],
        key=row.get("subassessmentid", ""),
        title=row.get("subassessmentname", ""),
        status=row["status"],
        severity=row["severity"],
        generated=row["timegenerated"],
    )
    add_finding(hosts, found)


@dataclass(frozen=True, slots=True)
class Finding:
    """A sub-assessment of Defender for Cloud, with the texts as Azure returns them."""

    resource_id: str
    key: str
    title: str
    status: str
    severity: str
    generated: str
    published: str = ""


def add_finding(hosts: Hosts, found: Finding) -> None:
    """Add a sub-assessment to its virtual machine."""
    resource_id = found.resource_id.strip().casefold().partition("/providers/microsoft.security/")[0]
    if "/providers/microsoft.compute/virtualmachines/" not in resource_id:
        hosts.notes["findings of Defender that are not about a virtual machine"] += 1
        return
    if len(resource_id) > MAX_AZURE_ID or not resource_id.isprintable():
        raise refused(
            f"The file has an id of a virtual machine with characters that Azure does not permit, or with more than"
            f" {MAX_AZURE_ID:,} characters. Save the answer of Azure without changing it."
        )
    host = hosts.host(resource_id)
    host.resource_id = resource_id
    generated = read_time(found.generated)
    host.note_scan_time(generated)
    if found.status.strip().casefold() != "unhealthy":
        return
    hosts.add(
        host, found.key, found.title, defender_severity(found.severity), generated, read_time(found.published)
    )


TABLES: Final = (
    Table(Scanner.QUALYS, frozenset({"ip", "qid", "severity"}), _qualys),
    Table(Scanner.IP360, frozenset({"ip", "vulnerability", "vulnerability id"}), _ip360),
    Table(Scanner.DEFENDER, frozenset({"resourceid", "status", "severity", "timegenerated"}), _defender),
)
