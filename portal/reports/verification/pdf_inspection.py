"""Parse a PDF file in a separate process, with limits of processor time, memory and duration."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from portal.reports.verification import pdf_inspector

PROCESSOR_SECONDS: Final = 10
# The limit of processor time is enough to stop hostile files. On a busy machine, a genuine report can wait long for the
# processor. So the limit of elapsed time is almost as long as that of the web server (portal/http/gunicorn_conf.py).
WALL_SECONDS: Final = 90
MEMORY: Final = 1024 * 1024 * 1024
MAX_REASON: Final = 300


class InspectionFailed(Exception):
    """The file could not be parsed. The message is a sentence for people."""


class InspectionTimedOut(InspectionFailed):
    """The process was stopped before it had parsed the file, so nothing is known about the file.

    The machine was too busy, had too little memory, or was shutting down.
    """


@dataclass(frozen=True, slots=True)
class PdfInspection:
    """The results of parsing a PDF file.

    `signatures` is the number of signatures and time stamps. `signed_at` is the signing time by the signer's clock.
    `attachments` are the names of the attachments. `title` and `subject` are what the file states about itself. If
    `certified` is set, the file states that its signature permits no changes (DocMDP, P=1). `problems` are sentences
    about attachments that are missing, or whose SHA-256 differs from that in the report's own list (`results.json`).
    """

    signatures: int
    signed_at: datetime | None
    attachments: list[str]
    title: str = ""
    subject: str = ""
    certified: bool = False
    problems: list[str] = field(default_factory=list)


def inspect_pdf(data: bytes) -> PdfInspection:
    """Parse the file in a new process.

    Raises InspectionFailed if the file is damaged or exceeds a limit of processor time or memory. Raises
    InspectionTimedOut if the process takes longer than WALL_SECONDS, or if the machine stops it (`raise_interrupted`).
    """
    # -I: the process imports nothing from paths of the environment or from the current folder.
    command = [
        *(sys.executable, "-I", pdf_inspector.__file__), str(PROCESSOR_SECONDS), str(MEMORY),
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=WALL_SECONDS, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        raise InspectionTimedOut(
            f"The file could not be read within {WALL_SECONDS} seconds, because this machine is busy. Try again later."
        ) from None
    except BrokenPipeError:
        raise InspectionFailed(
            "The process that reads the file ended before it had read the whole file. Try again."
        ) from None
    raise_interrupted(done.returncode, done.stderr)
    if done.returncode < 0:
        raise InspectionFailed(
            f"Reading the file took more than {PROCESSOR_SECONDS} seconds of processor time or "
            f"{MEMORY // 2**20} MB of memory."
        )
    if done.returncode:
        raise InspectionFailed(_reason(done.stderr))
    return read_inspection(json.loads(done.stdout))


def raise_interrupted(status: int, errors: bytes) -> None:
    """Raise InspectionTimedOut if this exit status and error output show that a child process was stopped from outside,
    or failed because the machine could not start another thread or process.

    If the process used too much processor time (SIGXCPU) or raised MemoryError, the file itself is the cause, so this
    function raises nothing.
    """
    stopped = status < 0 and status != -getattr(signal, "SIGXCPU", 0)
    last = (errors.decode(errors="replace").strip().splitlines() or [""])[-1]
    if stopped or (status and ("can't start new thread" in last or last.startswith("BlockingIOError"))):
        raise InspectionTimedOut(
            "The process that reads the file was stopped before it ended, because this machine has too little memory "
            "or is shutting down. Try again later."
        )


def read_inspection(found: dict[str, Any]) -> PdfInspection:
    """Return the results that `pdf_inspector.inspect` found."""
    signed_at = datetime.fromisoformat(found["signed_at"]) if found["signed_at"] else None
    return PdfInspection(
        found["signatures"],
        signed_at,
        found["attachments"],
        found["title"],
        found["subject"],
        found["certified"],
        found["problems"],
    )


def _reason(errors: bytes) -> str:
    """Return a sentence about the exception, which is the last line of the process's error output."""
    lines = errors.decode(errors="replace").strip().splitlines() or ["no message"]
    last = lines[-1]
    if last.startswith("MemoryError"):
        return f"Reading the file needs more than {MEMORY // 2**20} MB of memory."
    reason = (last.partition(": ")[2] or last)[:MAX_REASON].rstrip(".")
    return f"The file is damaged: {reason}."
