"""Generate estates, and collect them in this process without a server, sign-in or HTTP."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from assessments.collect.run import collect
from assessments.collect.session import Session
from assessments.controls.registry import catalogue
from assessments.estate.estate import Estate, UnitKind
from benchmarks.shared.in_process import InProcess

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def generated(folder: Path, subscriptions: int, resources: int) -> Path:
    """Generate an estate file of this size, and return its path. The same size always gives the same file."""
    path = folder / "estate.jsonl"
    command = [sys.executable, "-m", "sandbox", "generate", "--seed", "1", "--now", NOW.isoformat()]
    command += ["--subscriptions", str(subscriptions), "--resources", str(resources)]
    with path.open("wb") as file:
        subprocess.run(command, stdout=file, stderr=subprocess.DEVNULL, check=True)
    return path


def collected(path: Path) -> tuple[list[Estate], dict[UnitKind, list[int]], float]:
    """Collect all units of an estate file. Return their estates, {kind: [number of requests of each unit]}, and the
    processor seconds."""
    controls = list(catalogue().values())
    azure = InProcess(path)
    session = cast(Session, azure)
    units = [(UnitKind.DIRECTORY, azure.directory_id, azure.subscriptions)]
    units += [(UnitKind.SUBSCRIPTION, guid, (guid,)) for guid in azure.subscriptions]
    estates: list[Estate] = []
    requests: dict[UnitKind, list[int]] = {kind: [] for kind in UnitKind}
    began = time.process_time()
    for kind, unit_id, subscriptions in units:
        before = azure.requests
        estate = Estate(kind=kind, unit_id=unit_id, subscriptions=subscriptions, now=NOW)
        # One thread is enough, because no request waits for a network. The counts then need no lock.
        collect(estate, controls, session, threads=1)
        requests[kind].append(azure.requests - before)
        estates.append(estate)
    return estates, requests, time.process_time() - began
