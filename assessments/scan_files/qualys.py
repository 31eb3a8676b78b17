"""Read XML reports of Qualys: reports on hosts and reports on scans.

- `ASSET_DATA_REPORT`: a report on hosts, from scan or host data. Each `HOST` contains its results. The titles and
  severities of the results are in a glossary at the end of the file.
- `SCAN`: the results of one scan. Each `IP` has `VULN`, `PRACTICE` (potential), `INFO` and `SERVICE` elements.

Severities are 1 (minimal) to 5 (urgent). https://docs.qualys.com/en/vm/api/ ("XML/DTD Reference")

Some results of the type "information gathered" say whether the scanner could sign in to a machine. Reports can leave
this type out: https://docs.qualys.com/en/vm/latest/authentication/verify_authentication_vm.htm
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from assessments.scan_files.facts import Host, Hosts, Scanner, Severity
from assessments.scan_files.times import read_time
from assessments.scan_files.xml_records import Element, Record, one_of, text_of

SCANNER: Final = Scanner.QUALYS
ROOTS: Final = frozenset({"ASSET_DATA_REPORT", "SCAN"})
is_record = one_of(
    ("HOST_LIST", "HOST"), ("VULN_DETAILS_LIST", "VULN_DETAILS"), ("SCAN", "IP"), ("HEADER", "KEY")
)
SEVERITIES: Final = {
    "1": Severity.LOW,
    "2": Severity.LOW,
    "3": Severity.MEDIUM,
    "4": Severity.HIGH,
    "5": Severity.CRITICAL,
}
"""Qualys calls these severities minimal (1), medium (2), serious (3), critical (4) and urgent (5)."""
IS_INFORMATION: Final = frozenset({"ig", "info", "information gathered"})
_NO_NAME: Final = "No registered hostname"

_SIGNED_IN: Final = "38307"
"""The result “Unix Authentication Method”."""
_USED_ACCOUNT: Final = "70053"
"""The result “Windows Authentication Method for User-Provided Credentials”. The result 70028, “Windows Authentication
Method”, does not count, because Qualys also reports it for a session without credentials:
https://qualysguard.qualys.eu/qwebhelp/fo_help/authentication/windows_auth_method_qid.htm
"""
_NO_UNIX: Final = frozenset({"105053", "105297"})
"""The results “Unix Authentication Failed” and “Unix Authentication Not Attempted”."""
_NO_WINDOWS: Final = frozenset({"105015", "105296"})
"""The results “Windows Authentication Failed” and “Windows Authentication Not Attempted”."""
_SIGN_INS: Final = frozenset({_SIGNED_IN, _USED_ACCOUNT, *_NO_UNIX, *_NO_WINDOWS})
_AGENT: Final = "agent"


def is_fixed(status: str) -> bool:
    """Return whether a status of Qualys means that the vulnerability was found earlier and is fixed."""
    return status.strip().casefold() == "fixed"


def note_sign_in(host: Host, qid: str, tracking: str) -> None:
    """Note what a result says about the sign-in of the scanner to a machine.

    `tracking` is the tracking method of the machine, such as `IP`, `AGENT` or `Cloud Agent`. An agent sees the
    installed software without a sign-in of the scanner.
    """
    if tracking.casefold().endswith(_AGENT):
        host.sign_ins.add(_AGENT)
    elif qid in _SIGN_INS:
        host.sign_ins.add(qid)
    host.is_authenticated = _has_signed_in(host.sign_ins)


def _has_signed_in(stated: set[str]) -> bool | None:
    """Return whether the scanner signed in to a machine, as far as the results in `stated` say this.

    - True: a result says how the scanner signed in with Unix authentication
    - None: the machine has an agent, or no result is about a sign-in. The answer is also None if `_USED_ACCOUNT` is the
      only result about a Windows sign-in, because it does not prove that the sign-in succeeded
    - False, in all other cases: a sign-in failed or was not attempted
    """
    if _SIGNED_IN in stated:
        return True
    if _AGENT in stated or (_USED_ACCOUNT in stated and stated.isdisjoint(_NO_WINDOWS)):
        return None
    return None if stated.isdisjoint(_NO_UNIX | _NO_WINDOWS) else False


class _Result(NamedTuple):
    """A result whose title and severity are in the glossary at the end of the file."""

    host: Host
    qid: str
    first_found: datetime | None


class Reader:
    """Reads the records of one file."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._waiting: list[_Result] = []
        self._glossary: dict[str, tuple[str, Severity]] = {}
        self._date: datetime | None = None

    def take(self, record: Record) -> None:
        """Add a machine with its results, add an entry of the glossary, or note the time of the scan."""
        _, element = record
        match element.tag:
            case "HOST":
                self._take_host(element)
            case "IP":
                self._take_ip(element)
            case "VULN_DETAILS":
                qid = _qid(text_of(element, "QID") or element.get("id", ""))
                severity = SEVERITIES.get(text_of(element, "SEVERITY"), Severity.UNKNOWN)
                self._glossary[qid] = (text_of(element, "TITLE"), severity)
            case _ if element.get("value") == "DATE":
                self._date = read_time(element.text)

    def _take_host(self, element: Element) -> None:
        address, dns = text_of(element, "IP"), text_of(element, "DNS")
        host = self._hosts.host(f"{address} {dns}")
        host.identify(address, dns, text_of(element, "NETBIOS"))
        tracking = text_of(element, "TRACKING_METHOD")
        for info in element.iterfind("VULN_INFO_LIST/VULN_INFO"):
            host.note_scan_time(read_time(text_of(info, "LAST_FOUND")))
            qid = _qid(text_of(info, "QID"))
            if is_fixed(text_of(info, "VULN_STATUS")):
                self._hosts.notes["vulnerabilities that Qualys reports as fixed"] += 1
                continue
            note_sign_in(host, qid, tracking)
            if text_of(info, "TYPE").casefold() in IS_INFORMATION:
                self._hosts.add(host, qid, "", Severity.INFO)
            else:
                self._waiting.append(_Result(host, qid, read_time(text_of(info, "FIRST_FOUND"))))

    def _take_ip(self, element: Element) -> None:
        address, name = element.get("value", ""), element.get("name", "")
        host = self._hosts.host(address)
        host.identify(address, "" if name == _NO_NAME else name, text_of(element, "NETBIOS_HOSTNAME"))
        for tag, is_information in (("VULN", False), ("PRACTICE", False), ("INFO", True), ("SERVICE", True)):
            for found in element.iter(tag):
                severity = Severity.INFO
                if not is_information:
                    severity = SEVERITIES.get(found.get("severity", ""), Severity.UNKNOWN)
                qid = _qid(found.get("number", ""))
                note_sign_in(host, qid, tracking="")
                self._hosts.add(host, qid, text_of(found, "TITLE"), severity)

    def finish(self) -> None:
        """Add the waiting results, with titles and severities from the glossary at the end of the file. A machine
        without a time gets the time of the whole scan.
        """
        for result in self._waiting:
            title, severity = self._glossary.get(result.qid, ("", Severity.UNKNOWN))
            self._hosts.add(
                result.host, result.qid, title or f"QID {result.qid}", severity, result.first_found
            )
        for host in self._hosts.all():
            if host.scanned_at is None:
                host.note_scan_time(self._date)


def _qid(text: str) -> str:
    return text.removeprefix("qid_")
