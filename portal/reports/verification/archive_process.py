"""Check the part of a PDF file after its signature. The check runs in a separate process with limits of processor time,
memory and duration.

check_in_process(...) -> ArchiveCheck       run `portal.reports.verification.archive_check.check_archive` in a child
check_with(command, ...) -> ArchiveCheck    do the same in a child that the given command starts
answer()                                    check the file from standard input; the child calls this function
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from portal.reports.signatures.container import SignatureContainer, read_container
from portal.reports.signatures.place import SignaturePlace, find_signature
from portal.reports.verification.archive_check import ARCHIVED, ArchiveCheck, ArchiveStamp, check_archive
from portal.reports.verification.pdf_inspection import MAX_REASON, InspectionTimedOut, raise_interrupted

PROCESSOR_SECONDS: Final = 10
WALL_SECONDS: Final = 90
MEMORY: Final = 1024 * 1024 * 1024
_ROOT: Final = Path(__file__).parents[3]
_CHILD: Final = Path(__file__).with_name("archive_child.py")


def check_in_process(
    data: bytes,
    place: SignaturePlace,
    container: SignatureContainer,
    stamp_at: datetime | None,
    authorities: frozenset[str],
    is_accepted: bool,
) -> ArchiveCheck:
    """Run `check_archive` with these arguments, in a child process if it parses data (`is_read`).

    Raises InspectionTimedOut if the child did not end within WALL_SECONDS, or was stopped from outside.
    """
    if not is_read(container, is_accepted):
        return check_archive(data, place, container, stamp_at, authorities, is_accepted)
    limits = (str(PROCESSOR_SECONDS), str(MEMORY), str(_ROOT))
    # -I: the process imports nothing from paths of the environment or from the current folder.
    command = [sys.executable, "-I", str(_CHILD), *limits]
    return check_with(command, {}, data, stamp_at, authorities)


def is_read(container: SignatureContainer, is_accepted: bool) -> bool:
    """Return whether `check_archive` will parse the data after the signature. If so, the check must run in a
    child, because anybody may have written these data.
    """
    return is_accepted and container.profile is not None and container.profile.level in ARCHIVED


def check_with(
    command: Sequence[str],
    environment: Mapping[str, str] | None,
    data: bytes,
    stamp_at: datetime | None,
    authorities: frozenset[str],
) -> ArchiveCheck:
    """Run the command as the child process, and return the result of its check. Raises InspectionTimedOut."""
    request = {"stamp_at": stamp_at.isoformat() if stamp_at else "", "authorities": sorted(authorities)}
    given = json.dumps(request).encode() + b"\n" + data
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, timeout=WALL_SECONDS, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        raise InspectionTimedOut(
            f"The data after the signature could not be checked within {WALL_SECONDS} seconds, because this machine"
            " is busy. Try again later."
        ) from None
    raise_interrupted(done.returncode, done.stderr)
    if done.returncode < 0 or b"MemoryError" in done.stderr:
        problem = (
            f"Checking the data after the signature took more than {PROCESSOR_SECONDS} seconds of processor time"
            f" or {MEMORY // 2**20} MB of memory."
        )
        return ArchiveCheck([problem])
    if done.returncode:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
        reason = (last.partition(": ")[2] or last)[:MAX_REASON].rstrip(".")
        return ArchiveCheck([f"The data after the signature could not be checked: {reason}."])
    return _result(json.loads(done.stdout))


def answer() -> None:
    """Read a request and a file from standard input, and write the result as JSON."""
    request = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    place = find_signature(data)
    container = read_container(data[place.first + 1 : place.start - 1])
    stamp_at = datetime.fromisoformat(request["stamp_at"]) if request["stamp_at"] else None
    found = check_archive(
        data, place, container, stamp_at, frozenset(request["authorities"]), is_accepted=True
    )
    json.dump(asdict(found), sys.stdout, default=str)


def _result(found: dict[str, Any]) -> ArchiveCheck:
    stamps = [
        ArchiveStamp(
            datetime.fromisoformat(row["at"]),
            row["authority"],
            datetime.fromisoformat(row["valid_until"]),
            row["algorithm"],
            tuple(row["certificates"]),
        )
        for row in found["stamps"]
    ]
    return ArchiveCheck(found["problems"], found["level"], stamps, found["answers"], found["lists"])
