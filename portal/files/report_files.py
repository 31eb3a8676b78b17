"""The file of a new report, for the commands that build reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.core.management.base import CommandError

from tenants.errors import SuretyError


def write_report[R](file: Path, build: Callable[[], tuple[R, bytes | None]]) -> R:
    """Create the file, which only its owner can read. Then build a report, and write the report's content to the file.
    Return the report.

    `build` returns the report and the content of its stored file; the content is None if that file is missing or was
    changed. Raise CommandError if `file` exists or cannot be written, or if the content is None. If anything fails
    after `file` was created, delete it.
    """
    try:
        file.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}. Choose another file.") from None
    content: bytes | None = None
    try:
        report, content = build()
    except SuretyError as error:
        raise CommandError(error.message) from None
    finally:
        if content is None:
            file.unlink()
    if content is None:
        raise CommandError(
            "The file of the report is missing, or was changed after it was signed. Restore the file"
            " from a backup."
        )
    file.write_bytes(content)
    return report
