"""Typeset a report as a PDF in a separate process. When the process ends, its memory is released."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from portal.files import limited_program
from portal.reports.layout import typesetter

# A report of 100 pages takes 1.5 seconds. The limits stop a process that would never end.
PROCESSOR_SECONDS: Final = 300
WALL_SECONDS: Final = 900
MEMORY: Final = 8 * 2**30
DEFAULT_ACCENT: Final = "#3350c8"

# Let all threads of Typst share one memory pool. If each thread had a pool, every pool would keep its unused memory.
_ENVIRONMENT: Final = {"MALLOC_ARENA_MAX": "1"}


class TypesettingFailed(RuntimeError):
    """Typst returned no PDF, for example because a template has a defect, or because the process exceeded a limit. The
    message is the error output of the process, or its exit status.
    """


def typeset(
    report: Mapping[str, Any],
    *,
    created: datetime,
    seconds: int | None = None,
    memory: int = MEMORY,
    as_picture: bool = False,
) -> bytes:
    """Return the PDF of a report. `report` is the data of `read_document`. Raises TypesettingFailed.

    `seconds` limits the processor time, by default to PROCESSOR_SECONDS. `memory` limits the address space, in bytes.
    If `as_picture` is set, return a PNG of the first page instead.
    """
    command = limited_program.script_command(
        typesetter.__file__,
        created.isoformat(),
        *(report.get("accent") or DEFAULT_ACCENT, "png" if as_picture else "pdf"),
        seconds=PROCESSOR_SECONDS if seconds is None else seconds,
        memory=memory,
    )
    done = subprocess.run(
        command,
        input=json.dumps(report, ensure_ascii=False).encode(),
        capture_output=True,
        timeout=WALL_SECONDS,
        check=False,
        env=_ENVIRONMENT,
    )
    if done.returncode:
        raise TypesettingFailed(done.stderr.decode(errors="replace")[-4000:] or f"status {done.returncode}")
    return done.stdout
