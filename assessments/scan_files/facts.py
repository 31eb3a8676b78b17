"""The content of a scan file, which consists of machines, the times of their scans, and their vulnerabilities."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from tenants.errors import InvalidInput, invalid

MAX_HOSTS: Final = 20_000
MAX_RESULTS: Final = 2_000_000
"""Maximum number of results in a file, including results that are only information."""
MAX_VULNERABILITIES: Final = 5_000
"""Maximum number of vulnerabilities of one machine."""
NOT_REACHED: Final = "machines that the scanner did not reach"
"""The words in the notes of a file for machines that were not scanned, because they did not answer the scanner."""
MAX_TEXT: Final = 300
MAX_NAMES: Final = 50
"""Maximum number of addresses of one machine, and maximum number of its names."""


class Scanner(StrEnum):
    """The product that wrote a file."""

    NESSUS = "nessus"
    QUALYS = "qualys"
    GREENBONE = "greenbone"
    IP360 = "ip360"
    DEFENDER = "defender"


SCANNERS: Final = {
    Scanner.NESSUS: "Nessus",
    Scanner.QUALYS: "Qualys",
    Scanner.GREENBONE: "OpenVAS or Greenbone",
    Scanner.IP360: "Tripwire IP360",
    Scanner.DEFENDER: "Defender for Cloud",
}


class Severity(StrEnum):
    """The severity of a result, the most severe first. UNKNOWN means that the file does not state a severity."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = "unknown"
    INFO = "info"


_RANK: Final = {severity: rank for rank, severity in enumerate(Severity)}


def rated(score: str) -> Severity:
    """Return the severity of a CVSS score, such as `9.8`, by the scale in section 5 of CVSS 3.1.

    https://www.first.org/cvss/v3.1/specification-document
    """
    try:
        value = float(score.split(maxsplit=1)[0])  # Some products add the CVSS vector after the score.
    except (ValueError, IndexError):
        return Severity.UNKNOWN
    if not 0 <= value <= 10:
        return Severity.UNKNOWN
    for least, severity in ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM)):
        if value >= least:
            return severity
    return Severity.LOW if value > 0 else Severity.INFO


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """An open vulnerability of a machine. `key` is the scanner's id.

    `known_since` is the time at which the vulnerability was published, or the time at which it was first found. If the
    file states both times, `known_since` is the earlier time.
    """

    key: str
    title: str
    severity: Severity
    known_since: datetime | None = None

    def merged(self, other: Vulnerability) -> Vulnerability:
        """Return one vulnerability for two results with the same key, with the higher severity and the earlier time."""
        times = [time for time in (self.known_since, other.known_since) if time is not None]
        severe = self if _RANK[self.severity] <= _RANK[other.severity] else other
        return Vulnerability(
            self.key, severe.title or self.title or other.title, severe.severity, min(times, default=None)
        )


@dataclass(frozen=True, slots=True)
class ScannedHost:
    """A machine in a file, with all that the file states about its identity.

    `scanned_at` has a time zone. `is_authenticated` is true if the scanner signed in to the machine. Both are None if
    the file does not state them. `counts` is {severity: number of open vulnerabilities}. Results that are only
    information count too.
    """

    addresses: tuple[str, ...]
    names: tuple[str, ...]
    resource_id: str
    vm_id: str
    scanned_at: datetime | None
    is_authenticated: bool | None
    vulnerabilities: tuple[Vulnerability, ...]
    counts: dict[str, int]

    @property
    def label(self) -> str:
        """The first known one of the machine's names, addresses and ids in Azure, or “No name”."""
        return next(
            (one for one in (*self.names, *self.addresses, self.resource_id, self.vm_id) if one), "No name"
        )


@dataclass(frozen=True, slots=True)
class ScanFile:
    """The content of a scan file. `notes` are sentences about results and machines that were not imported."""

    scanner: Scanner
    hosts: tuple[ScannedHost, ...]
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """{severity: number of open vulnerabilities of all machines}."""
        total: Counter[str] = Counter()
        for host in self.hosts:
            total.update(host.counts)
        return {severity: total[severity] for severity in Severity if total[severity]}


@dataclass(slots=True)
class Host:
    """A machine to which results are added while its file is read.

    `was_reached` is False if the file states that the machine did not answer. `sign_ins` are the facts in files of
    Qualys that say whether the scanner signed in: ids of results, or `agent` for a machine with an agent.
    """

    addresses: dict[str, None] = field(default_factory=dict)
    names: dict[str, None] = field(default_factory=dict)
    resource_id: str = ""
    vm_id: str = ""
    scanned_at: datetime | None = None
    is_authenticated: bool | None = None
    was_reached: bool = True
    sign_ins: set[str] = field(default_factory=set)
    found: dict[str, Vulnerability] = field(default_factory=dict)
    informational: int = 0

    def identify(self, *texts: str | None) -> None:
        """Add addresses and names to the machine. Ignore texts that are neither an address nor a host name."""
        for text in texts:
            if address := normal_address(text or ""):
                self.addresses.setdefault(address)
            elif name := normal_name(text or ""):
                self.names.setdefault(name)
        if len(self.addresses) > MAX_NAMES or len(self.names) > MAX_NAMES:
            raise refused(
                f"The file gives one machine more than {MAX_NAMES} addresses or names. Check the file, and export it"
                " again."
            )

    def note_scan_time(self, at: datetime | None) -> None:
        """Set the time of the scan, unless a later time is already known."""
        if at is not None and (self.scanned_at is None or at > self.scanned_at):
            self.scanned_at = at

    def finished(self) -> ScannedHost:
        """Return the machine with all its results."""
        found = sorted(self.found.values(), key=lambda one: (_RANK[one.severity], one.key))
        counts = Counter(str(one.severity) for one in found)
        counts[Severity.INFO] += self.informational
        return ScannedHost(
            addresses=tuple(self.addresses),
            names=tuple(self.names),
            resource_id=self.resource_id,
            vm_id=self.vm_id,
            scanned_at=self.scanned_at,
            is_authenticated=self.is_authenticated,
            vulnerabilities=tuple(found),
            counts={severity: counts[severity] for severity in Severity if counts[severity]},
        )


class Hosts:
    """The machines of a file while the file is read. The methods raise InvalidInput if the file exceeds a limit."""

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}
        self._results = 0
        self.notes: Counter[str] = Counter()

    def host(self, key: str) -> Host:
        """Return the machine with this key, and add it if it is new. Each file format uses its own kind of key."""
        folded = key.strip().casefold()
        if folded not in self._hosts:
            if len(self._hosts) >= MAX_HOSTS:
                raise refused(
                    f"The file has more than {MAX_HOSTS:,} machines. Export fewer machines into each file."
                )
            self._hosts[folded] = Host()
        return self._hosts[folded]

    def add(self, host: Host, key: str, title: str, severity: Severity, *times: datetime | None) -> None:
        """Add a result to a machine. `times` are the times at which the vulnerability was published and first found.
        A time that is not known is None.
        """
        self._results += 1
        if self._results > MAX_RESULTS:
            raise refused(
                f"The file has more than {MAX_RESULTS:,} results. Export fewer machines into each file."
            )
        if severity is Severity.INFO:
            host.informational += 1
            return
        stated = [time for time in times if time is not None]
        one = Vulnerability(
            shortened(key) or shortened(title), shortened(title), severity, min(stated, default=None)
        )
        known = host.found.get(one.key)
        host.found[one.key] = one if known is None else known.merged(one)
        if len(host.found) > MAX_VULNERABILITIES:
            raise refused(
                f"The file has more than {MAX_VULNERABILITIES:,} vulnerabilities of one machine. Export the file"
                " again without vulnerabilities of low severity."
            )

    def finished(self) -> tuple[ScannedHost, ...]:
        """Return the machines with their results, in the order of the file."""
        return tuple(host.finished() for host in self._hosts.values())

    def all(self) -> Collection[Host]:
        """Return the machines that were added so far."""
        return self._hosts.values()

    def leave_out(self, is_unusable: Callable[[Host], bool], what: str) -> None:
        """Remove the machines for which `is_unusable` returns True. The notes of the file say how many machines were
        removed, and describe them with the words `what`.
        """
        kept = {key: host for key, host in self._hosts.items() if not is_unusable(host)}
        if left_out := len(self._hosts) - len(kept):
            self.notes[what] += left_out
        self._hosts = kept


def refused(message: str) -> InvalidInput:
    """Return the error for a file that is not imported. The message says what to do."""
    return invalid("file", message, code="scan_file_unusable")


def shortened(text: str) -> str:
    """Return a text on one line, without control characters, and with at most MAX_TEXT characters."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if line == text and len(line) <= MAX_TEXT:
        # Return the object itself, not a copy, so that results with the same title share one text in memory.
        return text
    return line if len(line) <= MAX_TEXT else f"{line[: MAX_TEXT - 1]}…"


def normal_address(text: str) -> str:
    """Return an IP address in its usual spelling, or an empty text."""
    try:
        return str(ipaddress.ip_address(text.strip().partition("%")[0]))
    except ValueError:
        return ""


_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def normal_name(text: str) -> str:
    """Return a host name in lower case without the final dot, or an empty text if the text is no host name."""
    name = text.strip().rstrip(".").casefold()
    return name if 0 < len(name) <= 253 and _LETTERS.issuperset(name) and not name.startswith(".") else ""
