"""Read audits of Tripwire IP360 as XML, version 3 (root `audit` or `audits`).

Each `host` has `ip`, `dnsName` and `vulnerability` elements. A vulnerability has only an id. The names and severities
of vulnerabilities are in a separate file, so this module counts all severities as unknown. The CSV report of IP360,
which the module `tables` reads, contains names and severities.
"""

from __future__ import annotations

from typing import Final

from assessments.scan_files.facts import Hosts, Scanner, Severity
from assessments.scan_files.xml_records import Record, text_of

SCANNER: Final = Scanner.IP360
ROOTS: Final = frozenset({"audit", "audits"})


def is_record(_parent: str, tag: str) -> bool:
    """Return whether an element describes a machine."""
    return tag == "host"


class Reader:
    """Reads the records of one file."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def take(self, record: Record) -> None:
        """Add one machine."""
        _, element = record
        address, name = text_of(element, "ip"), text_of(element, "dnsName")
        host = self._hosts.host(element.get("persistent_id") or f"{address} {name}")
        host.identify(address, name, text_of(element, "netbiosName"))
        for found in element.iter("vulnerability"):
            key = found.get("id", "")
            self._hosts.add(host, key, f"IP360 vulnerability {key}", Severity.UNKNOWN)

    def finish(self) -> None:
        """Do nothing, because this format needs no step after the last record."""
