"""Read the memory and processor time of the worker processes of a temporary installation from /proc (Linux)."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.workers.child_processes import ChildProcesses

SAMPLE_SECONDS = 0.2


class ProcessSampler(threading.Thread):
    """A thread that samples the memory and processor time of all processes of a worker.

    `together_mb` is the largest sum of the proportional set sizes (PSS) of all processes at one moment.
    """

    def __init__(self, parent: int) -> None:
        super().__init__(daemon=True)
        self._parent = parent
        self._over = threading.Event()
        self.peak_mb: dict[int, float] = {}
        self.unshared_mb: dict[int, float] = {}
        self.cpu_seconds: dict[int, float] = {}
        self.together_mb = 0.0

    def run(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            now: dict[int, float] = {}
            for pid in [self._parent, *descendants_of(self._parent)]:
                note_peak(self.peak_mb, pid, "status", "VmHWM:")
                note_peak(now, pid, "smaps_rollup", "Pss:")
                note_cpu(self.cpu_seconds, pid)
            for pid, size in now.items():
                self.unshared_mb[pid] = max(self.unshared_mb.get(pid, 0.0), size)
            self.together_mb = max(self.together_mb, sum(now.values()))

    def end(self) -> None:
        """Stop sampling."""
        self._over.set()
        self.join()


def children_of(pid: int) -> list[int]:
    """Return the process ids of the child processes that any thread of a process has started."""
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, file.read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue  # the thread has ended
    return found


def descendants_of(pid: int) -> list[int]:
    """Return the process ids of the children of a process, their children, and so on."""
    children = children_of(pid)
    return [*children, *(descendant for child in children for descendant in descendants_of(child))]


def note_peak(peaks: dict[int, float], pid: int, file: str, field: str) -> None:
    """Raise `peaks[pid]` to the value of a field in /proc/<pid>/<file>, in MB, if this value is higher."""
    try:
        text = Path(f"/proc/{pid}/{file}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return  # The process has ended. Keep the values of earlier samples.
    for line in text.splitlines():
        if line.startswith(field):
            peaks[pid] = max(peaks.get(pid, 0.0), int(line.split()[1]) / 1024)


def note_cpu(seconds: dict[int, float], pid: int) -> None:
    """Set `seconds[pid]` to the user and system time that a process has used so far."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return  # The process has ended. Keep the values of earlier samples.
    seconds[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def until_ready(processes: ChildProcesses) -> None:
    """Wait until a worker answers, so that the measurement does not include the start of the workers."""
    from portal.celery import app

    while not app.control.ping(timeout=1.0):
        if exited := processes.first_exited():
            raise SystemExit(f"The {exited[0]} exited with status {exited[1]}.")
