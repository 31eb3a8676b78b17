"""Read XML reports of OpenVAS and Greenbone, in the format of the Greenbone Management Protocol.

The outermost element is `report` or the answer `get_reports_response`. An inner `report` has `results/result`, one
`host` for each scanned machine, and `result_count` with the numbers of results. Unless a request for a report has the
attribute `ignore_pagination`, the answer has only one page of the results. `severity` is a CVSS score; negative values
are false positives (-1), messages for developers (-2) and errors (-3).
https://docs.greenbone.net/API/GMP/gmp-22.5.html#command_get_reports

`scan_run_status` is Done if the scan is complete. If the scan was stopped, was interrupted or still runs, `scan_end`
can state when the scan was stopped, and `end` is empty for each machine whose scan had not ended. A detail of a
machine, such as `Auth-SSH-Failure`, says whether the scanner could sign in to the machine. The details `Host dead` (of
the scanner) and `dead` (of its plugins) say that the machine did not answer.
https://github.com/greenbone/gvmd (src/manage.c, src/manage_sql_report_hosts.c, src/manage_sql_tickets.c,
src/manage_sql_assets.c)
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from assessments.scan_files.facts import NOT_REACHED, Host, Hosts, Scanner, Severity, rated, refused
from assessments.scan_files.times import read_time
from assessments.scan_files.xml_records import Element, Record, text_of

SCANNER: Final = Scanner.GREENBONE
ROOTS: Final = frozenset({"report", "get_reports_response"})
_THREATS: Final = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
    "log": Severity.INFO,
}
_NO_VULNERABILITY: Final = frozenset({"false positive", "debug", "error"})
# The elements of `result_count` that count the results of each severity and the false positives. If an element had
# another name in older versions, the older name comes second.
_LEVELS: Final = (
    ("critical",),
    ("high", "hole"),
    ("medium", "warning"),
    ("low", "info"),
    ("log",),
    ("false_positive",),
)
# A detail of a machine whose name matches this pattern says whether the scanner signed in to the machine.
_SIGN_IN: Final = re.compile(r"auth-([a-z0-9]+)-(success|failure)", re.IGNORECASE)
_DEAD: Final = frozenset({"dead", "host dead"})
_DONE: Final = "done"


def is_record(parent: str, tag: str) -> bool:
    """Return whether an element describes a result, a machine, the number of results, or the state or end of the
    scan.
    """
    return (parent, tag) in {
        ("results", "result"),
        ("report", "host"),
        ("report", "result_count"),
        ("report", "scan_run_status"),
        ("report", "scan_end"),
    }


class Reader:
    """Reads the records of one file."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._end: datetime | None = None
        self._is_complete = True
        self._results = 0
        self._stated_results = 0

    def take(self, record: Record) -> None:
        """Store one record: a machine, a result, the number of results, the state of the scan or its end."""
        _, element = record
        if element.tag == "scan_end":
            self._end = read_time(element.text) or self._end
        elif element.tag == "scan_run_status":
            status = (element.text or "").strip().casefold()
            self._is_complete = self._is_complete and status in ("", _DONE)
        elif element.tag == "result_count":
            self._stated_results += _filtered_results(element)
        elif element.tag == "host":
            self._take_host(element)
        else:
            self._results += 1
            self._take_result(element)

    def _take_host(self, element: Element) -> None:
        host = self._hosts.host(text_of(element, "ip"))
        host.identify(text_of(element, "ip"))
        host.note_scan_time(read_time(text_of(element, "end")))
        names = []
        for detail in element.iterfind("detail"):
            name, value = text_of(detail, "name"), text_of(detail, "value")
            names.append(name)
            if name.casefold() == "hostname":
                host.identify(value)
            elif name.casefold() in _DEAD and value != "0":
                host.was_reached = False
        signed_in = _has_signed_in(names)
        if signed_in is not None:
            host.is_authenticated = signed_in and host.is_authenticated is not False

    def _take_result(self, element: Element) -> None:
        address = text_of(element, "host")
        host = self._hosts.host(address)
        host.identify(address, text_of(element, "host/hostname"))
        threat, score = text_of(element, "threat").casefold(), text_of(element, "severity")
        if threat in _NO_VULNERABILITY or score.startswith("-"):
            self._hosts.notes["results that are false positives, errors or debug messages"] += 1
            return
        severity = rated(score)
        if severity is Severity.UNKNOWN:
            severity = _THREATS.get(threat, Severity.UNKNOWN)
        nvt = element.find("nvt")
        key = nvt.get("oid", "") if nvt is not None else ""
        title = text_of(element, "name") or text_of(element, "nvt/name")
        self._hosts.add(host, key, title, severity)

    def finish(self) -> None:
        """Leave out the machines that the scanner did not reach. If the whole scan did not end, also leave out each
        machine whose own scan had not ended, because the file has only a part of the machine's results. For each
        machine that remains, but has no time in the file, use the end of the whole scan.

        Raise InvalidInput in two cases: the file has only some of the results of its report, or the whole scan did not
        end and no machine was scanned to the end.
        """
        if self._results < self._stated_results:
            raise refused(
                f"The file has only {self._results:,} of the {self._stated_results:,} results of its report. Request"
                ' the report with the attributes details="1" and ignore_pagination="1", and upload the whole file.'
            )
        if not self._is_complete:
            self._hosts.leave_out(_has_no_end, "machines whose scan had not ended")
            if not self._hosts.all():
                raise refused(
                    "The scan was stopped or is still running, and no machine was scanned to the end. Import the report"
                    " of a complete scan."
                )
        self._hosts.leave_out(_was_not_scanned, NOT_REACHED)
        for host in self._hosts.all():
            if host.scanned_at is None:
                host.note_scan_time(self._end)


def _has_no_end(host: Host) -> bool:
    return host.scanned_at is None


def _was_not_scanned(host: Host) -> bool:
    """Return whether the machine did not answer, and neither a vulnerability nor a sign-in shows that the machine was
    scanned nevertheless.
    """
    return not host.was_reached and not host.found and host.is_authenticated is not True


def _has_signed_in(details: list[str]) -> bool | None:
    """Return whether the scanner signed in to a machine, judged by the names of the machine's details. Return None if
    the names say nothing about a sign-in.

    If the scanner tried several protocols, one successful sign-in suffices. A successful sign-in with SNMP does not
    count, because SNMP shows little of the installed software. Failed sign-ins count for every protocol.
    """
    tried = [found.groups() for name in details if (found := _SIGN_IN.fullmatch(name))]
    states = {(protocol.casefold(), state.casefold()) for protocol, state in tried}
    if any(state == "success" and protocol != "snmp" for protocol, state in states):
        return True
    return False if any(state == "failure" for _, state in states) else None


def _filtered_results(element: Element) -> int:
    """Return how many results match the filter of the report, on all pages."""
    total = 0
    for names in _LEVELS:
        texts = (text_of(element, f"{name}/filtered") for name in names)
        total += next(
            (int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10), 0
        )
    return total
