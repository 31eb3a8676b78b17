"""Assess an estate file that the sandbox serves, with the same collectors and controls as a live assessment."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from assessments.collect.failures import EXPECTED
from assessments.collect.http.clouds import single_host
from assessments.collect.http.wire import Document
from assessments.collect.run import collect
from assessments.collect.session import Session, discover_subscriptions
from assessments.controls.declare import Control
from assessments.estate.collections import ALL
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.ids import fold
from assessments.evaluate import Result, evaluate
from assessments.management.sandboxed import Principal, Served
from tenants.models import Subscription

PARALLEL_UNITS = 4
THREADS_PER_UNIT = 4


class NoClientSecret(Exception):
    """A directory cannot be read: in the estate file, no client (application) of the directory has a secret."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A subscription or directory, with the principal that reads it. `subscriptions` are GUIDs: of the subscription
    itself, or of all subscriptions of the directory.
    """

    kind: UnitKind
    unit_id: str
    subscriptions: tuple[str, ...]
    principal: Principal
    together: tuple[str, ...] = ()
    """The GUIDs of all subscriptions that are assessed with this principal."""


def units_of(served: Served, controls: Iterable[Control]) -> list[Unit]:
    """Return the directories and then the subscriptions that the controls judge. Both are in a stable order.

    The first client that has access to a subscription reads the subscription. If no client has access, the first client
    of the estate file tries to read the subscription, and each refused request becomes a gap. Raise NoClientSecret if
    no client of a directory has a secret.
    """
    kinds = {control.unit for control in controls}
    able = [principal for principal in served.principals if principal.secret]
    unread = {p.directory_id for p in served.principals} - {p.directory_id for p in able}
    if unread or not able:
        # Do not skip a directory that no client can read: people would then believe that controls had judged it.
        raise NoClientSecret(
            f"No client of {', '.join(sorted(unread)) or 'any directory'} has a secret."
            " Add a secret to a client in the directory's line of the estate file."
        )
    readers = {s: next((p for p in able if s in p.subscriptions), able[0]) for s in served.subscriptions}
    units = []
    for directory in sorted({principal.directory_id for principal in able}):
        principal = next(p for p in able if p.directory_id == directory)
        own = tuple(s for s in served.subscriptions if readers[s].directory_id == directory)
        units.append(Unit(UnitKind.DIRECTORY, directory, own, principal))
    units += [Unit(UnitKind.SUBSCRIPTION, s, (s,), readers[s]) for s in served.subscriptions]
    return [unit for unit in units if unit.kind in kinds]


type Imported = Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]
"""Documents that people imported: {scope id of the unit in lower case: {collection: documents}}."""


def imported_of(estate: Path) -> Imported:
    """Return the imported documents of an estate file, such as scans. The sandbox has already checked the file."""
    found: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    with estate.open("rb") as file:
        for raw in file:
            if not raw.strip():
                continue
            line = json.loads(raw)
            if "imported" in line and "id" not in line and line["imported"] in ALL:
                scope = found.setdefault(fold(line["scope"]), {})
                scope.setdefault(line["imported"], []).extend(line["value"])
    return found


class Offline:
    """Assesses the units of an estate file that the sandbox serves. All threads share one session per service
    principal."""

    def __init__(
        self,
        served: Served,
        controls: Sequence[Control],
        now: datetime,
        cloud: str = "",
        imported: Imported | None = None,
    ) -> None:
        self.cloud = cloud
        self._imported = imported or {}
        self.controls = controls
        self.now = now
        endpoints = single_host(served.url, served.ca)
        self._sessions = {
            principal: Session(
                endpoints, principal.directory_id, principal.client_id, secret=principal.secret
            )
            for principal in served.principals
            if principal.secret
        }
        self._order = {control.slug: number for number, control in enumerate(controls)}

    def assessed(self, units: Sequence[Unit], report: Callable[[str], None]) -> list[Unit]:
        """Return the units that a live assessment would assess, and report each subscription that a live assessment
        would leave out.

        A live assessment leaves out subscriptions that belong to another directory (Azure Lighthouse), that are
        deleted, or whose offer permits no resources.
        """
        left_out: dict[str, str] = {}
        for principal, session in self._sessions.items():
            try:
                documents = discover_subscriptions(session)
            except EXPECTED:
                # Ignore the failure here. Collecting the units of this principal fails too, and then reports the
                # failure as a gap.
                continue
            left_out.update(_left_out(documents, principal.directory_id))
        for guid, why in sorted(left_out.items()):
            report(f"subscription {guid} is not assessed: {why}")
        kept = [
            replace(u, subscriptions=tuple(s for s in u.subscriptions if s not in left_out)) for u in units
        ]
        kept = [unit for unit in kept if unit.unit_id not in left_out]
        read = [(u.principal, u.unit_id) for u in kept if u.kind is UnitKind.SUBSCRIPTION]
        return [replace(u, together=tuple(s for p, s in read if p == u.principal)) for u in kept]

    def rows(self, unit: Unit) -> tuple[list[tuple[int, str, str]], int]:
        """Assess a unit. Return [(position of the control in `controls`, subject in lower case, line of output)] and
        the number of requests that were sent.
        """
        estate = Estate(
            kind=unit.kind,
            unit_id=unit.unit_id,
            subscriptions=unit.subscriptions,
            now=self.now,
            assessed=unit.together,
            cloud=self.cloud,
        )
        for collection, documents in self._imported.get(fold(estate.scope_id), {}).items():
            estate.add_documents(collection, estate.scope_id, documents)
        report = collect(estate, self.controls, self._sessions[unit.principal], threads=THREADS_PER_UNIT)
        rows = [
            (self._order[result.control.slug], fold(result.subject), line(result))
            for result in evaluate(estate, self.controls)
        ]
        return rows, report.requests


def _left_out(documents: Iterable[Document], directory_id: str) -> Iterator[tuple[str, str]]:
    for document in documents:
        guid, home = str(document.get("subscriptionId")).casefold(), document.get("tenantId")
        policies = document.get("subscriptionPolicies")
        quota = policies.get("quotaId") if isinstance(policies, dict) else None
        if isinstance(home, str) and home.casefold() != directory_id.casefold():
            yield guid, f"its home directory is {home}"
        elif quota in Subscription.WITHOUT_RESOURCES:
            yield guid, f"its offer ({quota}) permits no resources"
        elif document.get("state") == Subscription.DELETED:
            yield guid, "Azure states that it is deleted"


def line(result: Result) -> str:
    """Return one verdict as a line of JSON in ASCII, so that the output is the same on every terminal."""
    verdict = result.verdict
    return json.dumps(
        {
            "control": result.control.slug,
            "subject": result.subject,
            "verdict": verdict.outcome,
            "reason": verdict.reason,
            "observed": result.observed,
            "expected": result.expected,
            "remarks": list(verdict.remarks),
            "evidence": [evidence.sha256 for evidence in result.evidence],
        },
        default=str,
    )


def assess(offline: Offline, units: Sequence[Unit], report: Callable[[str], None]) -> Iterator[str]:
    """Assess the units and yield the lines of all verdicts, sorted by control and subject. SQLite sorts the lines on
    disk to save memory.
    """
    with sqlite3.connect("") as database:
        database.execute("CREATE TABLE verdict (control INTEGER, subject TEXT, line TEXT)")
        requests = verdicts = 0
        for number, (unit, (rows, asked)) in enumerate(_finished(offline, units), 1):
            database.executemany("INSERT INTO verdict VALUES (?, ?, ?)", rows)
            requests, verdicts = requests + asked, verdicts + len(rows)
            report(
                f"{number}/{len(units)} {unit.kind} {unit.unit_id}: {asked} requests, {len(rows)} verdicts"
            )
        report(f"{verdicts} verdicts from {requests} requests")
        query = "SELECT line FROM verdict ORDER BY control, subject, line"
        for (text,) in database.execute(query):
            yield text


def _finished(
    offline: Offline, units: Sequence[Unit]
) -> Iterator[tuple[Unit, tuple[list[tuple[int, str, str]], int]]]:
    running: dict[Future[tuple[list[tuple[int, str, str]], int]], Unit] = {}
    waiting = iter(units)
    with ThreadPoolExecutor(max_workers=PARALLEL_UNITS, thread_name_prefix="unit") as pool:
        try:
            for unit in waiting:
                running[pool.submit(offline.rows, unit)] = unit
                if len(running) > PARALLEL_UNITS:
                    yield from _take(running)
            while running:
                yield from _take(running)
        finally:
            for future in running:
                future.cancel()


def _take(
    running: dict[Future[tuple[list[tuple[int, str, str]], int]], Unit],
) -> Iterator[tuple[Unit, tuple[list[tuple[int, str, str]], int]]]:
    finished, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in finished:
        yield running.pop(future), future.result()
