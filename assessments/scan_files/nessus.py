"""Read files of Nessus: `.nessus` files, version 2 (root `NessusClientData_v2`).

Each `ReportHost` has `HostProperties/tag` elements and `ReportItem` elements, whose `severity` is 0 (information) to 4
(critical). Results of compliance checks contain an element `compliance`. Tenable describes the format in
https://static.tenable.com/documentation/nessus_v2_file_format.pdf

Machines that did not answer are in the file too, although Nessus did not scan them. Newer versions of Nessus
add the tag `ping_failed` to such a machine. If a policy asks to report unreachable machines, the output of plugin 10180
says that the machine is “considered as dead”: https://www.tenable.com/plugins/nessus/10180
"""

from __future__ import annotations

from typing import Final

from assessments.scan_files.facts import NOT_REACHED, Hosts, Scanner, Severity
from assessments.scan_files.times import read_seconds, read_time
from assessments.scan_files.xml_records import Element, Record, one_of, text_of

SCANNER: Final = Scanner.NESSUS
ROOTS: Final = frozenset({"NessusClientData_v2"})
is_record = one_of(("Report", "ReportHost"))
_SEVERITIES: Final = {
    "0": Severity.INFO,
    "1": Severity.LOW,
    "2": Severity.MEDIUM,
    "3": Severity.HIGH,
    "4": Severity.CRITICAL,
}
_PING: Final = "10180"
_NAMES: Final = ("host-ip", "host-fqdn", "host-rdns", "hostname", "netbios-name")


class Reader:
    """Reads the records of one file."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def take(self, record: Record) -> None:
        """Add one machine."""
        _, element = record
        # Results of compliance checks are no vulnerabilities: a failed check has severity 3, but no patch resolves it.
        items = element.findall("ReportItem")
        vulnerabilities = [item for item in items if text_of(item, "compliance").casefold() != "true"]
        if checks := len(items) - len(vulnerabilities):
            self._hosts.notes["results of compliance checks"] += checks
            if not vulnerabilities:
                return
        name = element.get("name", "")
        tags = {
            tag.get("name", ""): (tag.text or "").strip() for tag in element.iterfind("HostProperties/tag")
        }
        if not _was_reached(tags, items):
            self._hosts.notes[NOT_REACHED] += 1
            return
        host = self._hosts.host(tags.get("host-uuid") or f"{name} {tags.get('host-ip', '')}")
        host.identify(name, *(tags.get(tag) for tag in _NAMES))
        host.vm_id = tags.get("azure-instance-id", "").casefold()
        host.note_scan_time(read_seconds(tags.get("HOST_END_TIMESTAMP")) or read_time(tags.get("HOST_END")))
        signed_in = tags.get("Credentialed_Scan", "").casefold()
        host.is_authenticated = {"true": True, "false": False}.get(signed_in)
        for item in vulnerabilities:
            self._hosts.add(
                host,
                item.get("pluginID", ""),
                item.get("pluginName", ""),
                _SEVERITIES.get(item.get("severity", ""), Severity.UNKNOWN),
                read_time(text_of(item, "vuln_publication_date")),
            )

    def finish(self) -> None:
        """Do nothing, because this format needs no step after the last record."""


def _was_reached(tags: dict[str, str], items: list[Element]) -> bool:
    """Return whether Nessus scanned a machine.

    If the tag `ping_failed` or plugin 10180 says that the machine did not answer, Nessus did not scan it. The plugins
    that end a scan always add a result and the tag `Credentialed_Scan`. So a machine that has neither was not scanned.
    """
    if tags.get("ping_failed", "").casefold() == "true":
        return False
    if not items:
        return "Credentialed_Scan" in tags
    pings = (text_of(item, "plugin_output") for item in items if item.get("pluginID") == _PING)
    return not any("considered as dead" in output for output in pings)
